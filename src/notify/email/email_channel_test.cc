#include "base/text.h"
#include "notify/email/mail_text.h"
#include "notify/testing/channel_bench.h"

namespace pharos::notify {
namespace {

class EmailTest : public ChannelBench {
 protected:
  EmailTest() : ChannelBench("email") {}

  // A mail server that says `final` after the text; what it was told is in `said_`.
  net::ScriptedServer::Script MailServer(std::string final) {
    return [this, final](net::ScriptedConnection& connection) {
      connection.Send("220 mail.test ready\r\n");
      bool in_text = false;
      while (true) {
        const std::string line = connection.ReadLine();
        if (line.empty()) return;
        if (in_text) {
          text_ += line;
          if (line == ".\r\n") {
            in_text = false;
            connection.Send(final);
          }
          continue;
        }
        said_ += line;
        if (line.starts_with("EHLO")) {
          connection.Send("250-mail.test\r\n250-AUTH PLAIN\r\n250 SIZE 1000000\r\n");
        } else if (line.starts_with("AUTH")) {
          connection.Send("235 fine\r\n");
        } else if (line.starts_with("DATA")) {
          connection.Send("354 go on\r\n");
          in_text = true;
        } else if (line.starts_with("QUIT")) {
          connection.Send("221 bye\r\n");
          return;
        } else {
          connection.Send("250 ok\r\n");
        }
      }
    };
  }

  SendOutcome SendMail(const Outgoing& outgoing, const std::string& final) {
    SendOutcome outcome;
    {
      net::ScriptedServer server(MailServer(final));
      net::MailSettings settings;
      settings.host = "127.0.0.1";
      settings.port = server.port();
      settings.security = net::MailSecurity::kNone;
      settings.user = "pharos";
      settings.password = Secret("pass-word");
      settings.from = "status@example.org";
      const auto mail = net::MailClient::Start(settings, policy_).value();
      tools_.mail = mail.get();
      outcome = Send(outgoing, Config(R"({"emails":["ops@example.org","b@example.org"]})"));
    }
    tools_.mail = nullptr;
    return outcome;
  }

  std::string said_;
  std::string text_;
};

TEST_F(EmailTest, TheWholeDialogue) {
  const SendOutcome outcome = SendMail(Down(), "250 queued\r\n");
  EXPECT_EQ(outcome.kind, SendOutcome::Kind::kSent) << outcome.error;
  EXPECT_NE(
      said_.find("AUTH PLAIN " + Base64Encode(std::string("\0pharos\0pass-word", 17)) + "\r\n"),
      std::string::npos)
      << said_;
  EXPECT_NE(said_.find("MAIL FROM:<status@example.org>"), std::string::npos) << said_;
  EXPECT_NE(said_.find("RCPT TO:<ops@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"),
            std::string::npos)
      << said_;
  EXPECT_TRUE(text_.ends_with("--\r\n.\r\n")) << text_;
  EXPECT_NE(text_.find("\r\nSubject: [DOWN] Storefront\r\n"), std::string::npos) << text_;
  EXPECT_NE(text_.find("From: \"Northwind\" <status@example.org>\r\n"), std::string::npos);
  EXPECT_NE(outcome.payload.find("Subject: [DOWN] Storefront"), std::string::npos);
  EXPECT_EQ(outcome.payload.find("pass-word"), std::string::npos);
}

TEST_F(EmailTest, ARefusalIsFinalATemporaryOneIsNot) {
  EXPECT_EQ(SendMail(Down(), "550 no such user\r\n").kind, SendOutcome::Kind::kRejected);
  said_.clear();
  text_.clear();
  const SendOutcome busy = SendMail(Down(), "451 try later\r\n");
  EXPECT_EQ(busy.kind, SendOutcome::Kind::kRetry);
  EXPECT_EQ(busy.status_code, 451);
}

TEST_F(EmailTest, WithoutAMailServerNothingIsTried) {
  const SendOutcome outcome = Send(Down(), Config(R"({"emails":["ops@example.org"]})"));
  EXPECT_EQ(outcome.kind, SendOutcome::Kind::kRejected);
  EXPECT_EQ(outcome.error, "no mail server is set up");
}

TEST_F(EmailTest, AddressesAreChecked) {
  EXPECT_EQ(ProblemOf(R"({"emails":["a@b.example"]})"), "");
  for (const char* bad : {"a", "a@", "@b", "a@b@c", "a b@c", "a@b\\r\\nX: y", "<a@b>"}) {
    EXPECT_EQ(ProblemOf(std::string(R"({"emails":[")") + bad + "\"]}"), "config.emails") << bad;
  }
  EXPECT_EQ(ProblemOf(R"({"emails":[]})"), "config.emails");
}

TEST(MailText, BothPartsAndSafeHeaders) {
  Wording wording;
  wording.sign = "DOWN";
  wording.subject = "Gr\u00fc\u00dfe\r\nBcc: evil@example.org";
  wording.headline = "<b>Caf\u00e9</b> is DOWN";
  wording.sender = "North \"wind\"";
  wording.link = "https://x.example/?a=1&b=2";
  wording.link_text = "Open";
  const std::string mail =
      MailTextOf(wording, {"s@example.org", {"a@example.org"}, "id@example.org", {}});
  EXPECT_TRUE(
      mail.starts_with("Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"
                       "From: \"North \\\"wind\\\"\" <s@example.org>\r\n"
                       "To: a@example.org\r\nSubject: =?UTF-8?B?"))
      << mail;
  EXPECT_EQ(mail.find("\r\nBcc"), std::string::npos);
  EXPECT_NE(mail.find("Content-Type: text/plain; charset=utf-8"), std::string::npos);
  EXPECT_NE(mail.find("Content-Type: text/html; charset=utf-8"), std::string::npos);
  EXPECT_NE(HtmlPartOf(wording).find("&lt;b&gt;Caf\u00e9&lt;/b&gt; is DOWN"), std::string::npos);
  EXPECT_NE(PlainPartOf(wording).find("Open: https://x.example/?a=1&b=2\n"), std::string::npos);
  for (size_t at = 0, end = 0; at < mail.size(); at = end + 2) {
    end = mail.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 998u);
  }
}

}  // namespace
}  // namespace pharos::notify
