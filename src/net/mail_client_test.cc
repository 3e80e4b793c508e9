#include "net/mail_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>

#include "base/one_shot.h"
#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"

namespace pharos::net {
namespace {

using testing::HasSubstr;

// What a mail server heard.
struct Heard {
  std::string commands;
  std::string text;
};

// What it says where it matters; everything else is 250.
struct Manners {
  std::string features = "250 SIZE 1000000\r\n";
  std::string after_auth = "235 welcome\r\n";
  std::string after_receiver = "250 ok\r\n";
  std::string after_text = "250 queued\r\n";
};

void Answer(ScriptedConnection& connection, const std::string& line, const Manners& manners) {
  if (line.starts_with("EHLO")) {
    connection.Send("250-mail.test\r\n" + manners.features);
  } else if (line.starts_with("STARTTLS")) {
    connection.Send("220 go ahead\r\n");
    connection.StartTls();
  } else if (line.starts_with("AUTH")) {
    connection.Send(manners.after_auth);
  } else if (line.starts_with("RCPT")) {
    connection.Send(manners.after_receiver);
  } else if (line.starts_with("DATA")) {
    connection.Send("354 go on\r\n");
  } else {
    connection.Send("250 ok\r\n");
  }
}

ScriptedServer::Script MailServer(Heard& heard, const Manners& manners = {}) {
  return [&heard, manners](ScriptedConnection& connection) {
    connection.Send("220 mail.test ready\r\n");
    bool in_text = false;
    for (std::string line = connection.ReadLine(); !line.empty(); line = connection.ReadLine()) {
      if (in_text) {
        heard.text += line;
        if (line != ".\r\n") continue;
        in_text = false;
        connection.Send(manners.after_text);
        continue;
      }
      heard.commands += line;
      if (line.starts_with("QUIT")) return;
      in_text = line.starts_with("DATA");
      Answer(connection, line, manners);
    }
  };
}

class MailClientTest : public testing::Test {
 protected:
  ~MailClientTest() override {
    if (!ca_file_.empty()) std::remove(ca_file_.c_str());
  }

  MailSettings SettingsFor(const ScriptedServer& server, MailSecurity security) {
    MailSettings settings;
    settings.host = "127.0.0.1";
    settings.port = server.port();
    settings.security = security;
    settings.from = "status@example.org";
    if (!ca_file_.empty()) settings.ca_bundle = ca_file_;
    return settings;
  }
  void Trust(const TestCertificate& certificate) {
    char name[] = "/tmp/pharos-mail-test-XXXXXX";
    const int fd = mkstemp(name);
    ASSERT_GE(fd, 0);
    close(fd);
    ca_file_ = name;
    std::ofstream(ca_file_) << certificate.cert_pem;
  }
  MailAnswer SendOne(const MailSettings& settings) {
    auto client = MailClient::Start(settings, policy_);
    EXPECT_TRUE(client);
    Mail mail;
    mail.to = {"ops@example.org"};
    mail.text = "Subject: x\r\n\r\nfirst\r\n.dot\r\n";
    mail.timeout = Seconds(5);
    OneShot<MailAnswer> done;
    (*client)->Send(std::move(mail), [&](MailAnswer answer) { done.Set(std::move(answer)); });
    return done.Take();
  }

  OutboundPolicy policy_{OutboundSettings{}};
  std::string ca_file_;
};

TEST_F(MailClientTest, ThePlainDialogueAndItsDots) {
  Heard heard;
  MailAnswer answer;
  {
    ScriptedServer server(MailServer(heard));
    answer = SendOne(SettingsFor(server, MailSecurity::kNone));
  }
  EXPECT_TRUE(answer.accepted) << answer.error;
  EXPECT_THAT(heard.commands, HasSubstr("EHLO example.org\r\n"));
  EXPECT_THAT(heard.commands, HasSubstr("RCPT TO:<ops@example.org>\r\nDATA\r\n"));
  EXPECT_EQ(heard.text, "Subject: x\r\n\r\nfirst\r\n..dot\r\n.\r\n");
}

TEST_F(MailClientTest, StartTlsEncryptsBeforeSigningIn) {
  const TestCertificate certificate = MakeTestCertificate();
  Trust(certificate);
  Heard heard;
  MailAnswer answer;
  {
    Manners manners;
    manners.features = "250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n";
    ScriptedServer server(MailServer(heard, manners), certificate.cert_pem, certificate.key_pem);
    server.LetTlsWait();
    MailSettings settings = SettingsFor(server, MailSecurity::kStartTls);
    settings.user = "pharos";
    settings.password = Secret("pass-word");
    answer = SendOne(settings);
  }
  EXPECT_TRUE(answer.accepted) << answer.error;
  EXPECT_LT(heard.commands.find("STARTTLS"), heard.commands.find("AUTH PLAIN "));
  EXPECT_NE(heard.commands.find("AUTH PLAIN "), std::string::npos) << heard.commands;
}

TEST_F(MailClientTest, StartTlsNeverFallsBackToPlainText) {
  Heard heard;
  MailAnswer answer;
  {
    ScriptedServer server(MailServer(heard));
    answer = SendOne(SettingsFor(server, MailSecurity::kStartTls));
  }
  EXPECT_FALSE(answer.accepted);
  EXPECT_FALSE(answer.error.empty());
  EXPECT_EQ(heard.commands.find("MAIL FROM"), std::string::npos) << heard.commands;
}

TEST_F(MailClientTest, TlsFromTheFirstByteWithATrustedCertificate) {
  const TestCertificate certificate = MakeTestCertificate();
  Heard heard;
  ScriptedServer server(MailServer(heard), certificate.cert_pem, certificate.key_pem);
  const MailAnswer strange = SendOne(SettingsFor(server, MailSecurity::kTls));
  EXPECT_FALSE(strange.accepted);
  EXPECT_FALSE(strange.is_final);
  Trust(certificate);
  const MailAnswer answer = SendOne(SettingsFor(server, MailSecurity::kTls));
  EXPECT_TRUE(answer.accepted) << answer.error;
}

TEST_F(MailClientTest, RepliesDecideWhetherItIsWorthRepeating) {
  struct Row {
    Manners manners;
    bool is_final;
    int code;
  };
  const std::vector<Row> rows = {
      {{.after_receiver = "550 no such user\r\n"}, true, 550},
      {{.after_receiver = "450 busy\r\n"}, false, 450},
      {{.after_text = "554 spam\r\n"}, true, 554},
      {{.after_text = "451 later\r\n"}, false, 451},
  };
  for (const Row& row : rows) {
    Heard heard;
    ScriptedServer server(MailServer(heard, row.manners));
    const MailAnswer answer = SendOne(SettingsFor(server, MailSecurity::kNone));
    EXPECT_FALSE(answer.accepted);
    EXPECT_EQ(answer.code, row.code) << answer.error;
    EXPECT_EQ(answer.is_final, row.is_final) << answer.error;
  }
}

TEST_F(MailClientTest, ARefusedSignInDoesNotShowThePassword) {
  Heard heard;
  Manners manners;
  manners.features = "250 AUTH PLAIN\r\n";
  manners.after_auth = "535 wrong\r\n";
  ScriptedServer server(MailServer(heard, manners));
  MailSettings settings = SettingsFor(server, MailSecurity::kNone);
  settings.user = "pharos";
  settings.password = Secret("pass-word");
  const MailAnswer answer = SendOne(settings);
  EXPECT_FALSE(answer.accepted);
  EXPECT_EQ(answer.error.find("pass-word"), std::string::npos);
}

TEST_F(MailClientTest, ThePolicyHoldsForMailServersToo) {
  Heard heard;
  ScriptedServer server(MailServer(heard));
  policy_.AddOwnListener(server.port());
  const MailAnswer answer = SendOne(SettingsFor(server, MailSecurity::kNone));
  EXPECT_TRUE(answer.is_final);
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(server.ConnectionCount(), 0u);
}

// A server that keeps silent must not hold up the end of the program.
TEST_F(MailClientTest, StoppingDoesNotWaitForASlowServer) {
  OneShot<bool> connected;
  ScriptedServer server([&](ScriptedConnection& connection) {
    connected.Set(true);
    connection.ReadLine();  // until the client gives up
  });
  auto client = MailClient::Start(SettingsFor(server, MailSecurity::kNone), policy_).value();
  Mail mail;
  mail.to = {"ops@example.org"};
  mail.timeout = Seconds(600);
  OneShot<MailAnswer> done;
  client->Send(std::move(mail), [&](MailAnswer answer) { done.Set(std::move(answer)); });
  EXPECT_TRUE(connected.Take());
  const auto begun = std::chrono::steady_clock::now();
  client.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
  const MailAnswer answer = done.Take();
  EXPECT_FALSE(answer.accepted);
  EXPECT_FALSE(answer.is_final);
}

TEST_F(MailClientTest, SettingsThatCannotWorkDoNotStart) {
  EXPECT_FALSE(MailClient::Start({}, policy_));
  MailSettings settings;
  settings.host = "mail.example.org";
  settings.from = "nobody";
  EXPECT_FALSE(MailClient::Start(settings, policy_));
}

TEST(IsMailAddress, RefusesWhatCouldBreakADialogue) {
  EXPECT_TRUE(IsMailAddress("first.last+tag@mail.example.org"));
  for (const char* bad :
       {"", "@", "a@", "@b", "a@b@c", "a b@c", "a@b>", "a@b\r\nRCPT", "\"a\"@b"}) {
    EXPECT_FALSE(IsMailAddress(bad)) << bad;
  }
  EXPECT_FALSE(IsMailAddress(std::string(300, 'a') + "@b.example"));
}

}  // namespace
}  // namespace pharos::net
