// is0k.md, checks 51 to 58 and 68: what arrives at the other end of a channel.
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/text.h"
#include "house.h"

namespace pharos::is0k_live {
namespace {

// How often `event` came.
size_t CountOf(const Target& hook, std::string_view event) {
  size_t count = 0;
  for (const Value& body : hook.Bodies()) count += body.StringOr("event", "") == event ? 1 : 0;
  return count;
}

// The first message of that event; null when none came.
Value MessageOf(const Target& hook, std::string_view event) {
  for (Value& body : hook.Bodies()) {
    if (body.StringOr("event", "") == event) return body;
  }
  return {};
}

const Value& Part(const Value& tree, std::string_view name) {
  static const Value nothing;
  const Value* found = tree.Find(name);
  return found == nullptr ? nothing : *found;
}

std::string Decoded(std::string_view base64) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  uint32_t bits = 0;
  int held = 0;
  for (const char c : base64) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;
    bits = (bits << 6 | static_cast<uint32_t>(digit)) & 0xffffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    text += static_cast<char>(bits >> held & 0xff);
  }
  return text;
}

// A mail server that takes everything; the mails are its recorded lines.
class MailSink {
 public:
  uint16_t port() const { return server_.port(); }
  // Whether a line of any mail holds the text.
  bool Holds(std::string_view text) const {
    for (const std::string& line : server_.Requests()) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }
  // All lines, those of parts in base64 as the text that they stand for.
  std::string All() const {
    std::string all;
    std::string coded;
    for (const std::string& line : server_.Requests()) {
      const std::string_view text = Trim(line);
      const bool is_coded =
          text.size() > 20 && text.find_first_of(" :-<") == std::string_view::npos;
      if (is_coded ||
          (!coded.empty() && !text.empty() && text.find('-') == std::string_view::npos)) {
        coded += text;
        continue;
      }
      all += Decoded(coded) + line;
      coded.clear();
    }
    return all;
  }

 private:
  static void Serve(net::ScriptedConnection& connection) {
    connection.Send("220 sink\r\n");
    bool in_mail = false;
    for (std::string line = connection.ReadLine(); !line.empty(); line = connection.ReadLine()) {
      const std::string_view word = Trim(line);
      if (in_mail) {
        if (word != ".") continue;
        in_mail = false;
      }
      if (word == "DATA") {
        in_mail = true;
        connection.Send("354 go on\r\n");
      } else if (word == "QUIT") {
        connection.Send("221 bye\r\n");
        return;
      } else {
        connection.Send("250 fine\r\n");
      }
    }
  }
  net::ScriptedServer server_{Serve};
};

class Is0kAlerts : public ::testing::Test {
 protected:
  static std::string PortOf(const Target& target) {
    const std::string url = target.Url("");
    return url.substr(url.rfind(':') + 1);
  }
  std::map<std::string, std::string> Settings() const {
    return {{"notify.slack_hosts", "127.0.0.1:" + PortOf(slack_)},
            {"notify.discord_hosts", "127.0.0.1:" + PortOf(discord_)},
            {"notify.telegram_base", telegram_.Url("")},
            {"notify.twilio_base", twilio_.Url("")},
            {"mail.host", "127.0.0.1"},
            {"mail.port", std::to_string(mail_.port())},
            {"mail.security", "none"},
            {"mail.from", "status@example.org"}};
  }
  std::string MakeChannel(std::string_view type, const std::string& config,
                          const std::string& more = "") {
    return house_.Make("/api/v1/alert-channels", R"({"name":"C","type":")" + std::string(type) +
                                                     R"(","config":)" + config + more + "}");
  }
  std::string MakeHook(const Target& hook, const std::string& more = "") {
    return MakeChannel("webhook",
                       R"({"url":")" + hook.Url("/hook") + R"(","secret":"s3cret-s3cret"})", more);
  }
  std::string MakeMonitor(const std::string& channels) {
    return house_.Make("/api/v1/monitors", R"({"name":"Storefront","type":"http","url":")" +
                                               target_.Url("/live") +
                                               R"(","interval":10,"timeout":5,"retries":0,)" +
                                               R"("alert_channel_ids":[)" + channels + "]}");
  }

  QuickClock clock_;
  Target target_;
  Target hook_;
  Target slack_;
  Target discord_;
  Target telegram_;
  Target twilio_;
  MailSink mail_;
  House house_{clock_, {.settings = Settings()}};
};

TEST_F(Is0kAlerts, Check51TheTestMessage) {
  const std::string channel = MakeHook(hook_);
  const Reply sent = house_.Ask("POST", "/api/v1/alert-channels/" + channel + "/test");
  EXPECT_EQ(sent.status, 200) << sent.text;
  ASSERT_EQ(hook_.Bodies().size(), 1u);
  EXPECT_EQ(hook_.Bodies()[0].StringOr("event", ""), "test");
  EXPECT_EQ(HeaderOf(hook_.Requests()[0], "X-Is0k-Event"), "test");
}

TEST_F(Is0kAlerts, Check54And55And58And68DownAndUpAreToldOnce) {
  Target stranger;
  Target silent;
  const std::string linked = MakeHook(hook_);
  MakeHook(stranger);
  const std::string off = MakeHook(silent, R"(,"enabled":false)");
  const std::string id = MakeMonitor('"' + linked + R"(",")" + off + '"');
  ASSERT_TRUE(house_.AwaitStatus(id, "up"));
  target_.Say(503);
  ASSERT_TRUE(Await([&] { return CountOf(hook_, "monitor.down") == 1; }));
  const auto incidents = [&] { return house_.Ask("GET", "/api/v1/incidents?monitor_id=" + id); };
  ASSERT_TRUE(Await([&] { return incidents().At("data").AsList().size() == 1; }));
  EXPECT_EQ(incidents().Text("data.0.source"), "monitor");
  EXPECT_TRUE(incidents().At("data.0.resolved_at").IsNull());
  // Two more failures are no news.
  const size_t asked = target_.Count();
  ASSERT_TRUE(Await([&] { return target_.Count() >= asked + 2; }));
  target_.Say(200);
  ASSERT_TRUE(Await([&] { return CountOf(hook_, "monitor.up") == 1; }));
  ASSERT_TRUE(Await([&] { return incidents().Text("data.0.status") == "resolved"; }));
  EXPECT_FALSE(incidents().Text("data.0.resolved_at").empty());
  EXPECT_EQ(CountOf(hook_, "monitor.down"), 1u);
  EXPECT_EQ(hook_.Bodies().size(), 2u);
  EXPECT_EQ(stranger.Count(), 0u);
  EXPECT_EQ(silent.Count(), 0u);

  const Value down = MessageOf(hook_, "monitor.down");
  EXPECT_EQ(Part(down, "monitor").StringOr("id", ""), id);
  EXPECT_EQ(Part(down, "monitor").StringOr("name", ""), "Storefront");
  EXPECT_EQ(Part(down, "monitor").StringOr("url", ""), target_.Url("/live"));
  EXPECT_EQ(Part(down, "monitor").StringOr("status", ""), "down");
  EXPECT_EQ(Part(down, "check").IntOr("status_code", 0), 503);
  EXPECT_FALSE(Part(down, "check").StringOr("error", "").empty());
  const std::string told = Part(down, "check").StringOr("id", "?");
  EXPECT_NE(house_.Ask("GET", "/api/v1/monitors/" + id + "/checks").text.find(told),
            std::string::npos);
  const Value up = MessageOf(hook_, "monitor.up");
  EXPECT_TRUE(Part(Part(up, "incident"), "resolved_at").IsString()) << WriteJson(up);
  EXPECT_EQ(Part(up, "incident").StringOr("id", ""), incidents().Text("data.0.id"));

  const std::string request = hook_.Requests()[0];
  EXPECT_EQ(HeaderOf(request, "X-Is0k-Signature"),
            "sha256=" + HexLower(HmacSha256("s3cret-s3cret", BodyOf(request))));
  EXPECT_EQ(HeaderOf(request, "X-Is0k-Event"), "monitor.down");
  EXPECT_EQ(HeaderOf(request, "X-Is0k-Delivery").size(), 36u);

  // Turned off, it still takes tests.
  EXPECT_EQ(house_.Ask("POST", "/api/v1/alert-channels/" + off + "/test").status, 200);
  EXPECT_EQ(silent.Count(), 1u);
}

TEST_F(Is0kAlerts, Check56And57EveryChannelTellsInItsOwnWay) {
  const model::Principal who = house_.wiring().use_cases().verifier.Find(house_.key())->principal;
  service::SiteEntry address;
  address.key = "siteURL";
  address.value = "https://status.example.net";
  ASSERT_TRUE(house_.wiring().use_cases().site.Put(who, address));
  const std::vector<std::string> channels = {
      MakeChannel("email", R"({"email":"ops@example.net"})"),
      MakeChannel("slack", R"({"webhook_url":")" + slack_.Url("/services/T0/B0/x") + R"("})"),
      MakeChannel("discord", R"({"webhook_url":")" + discord_.Url("/api/webhooks/1/x") + R"("})"),
      MakeChannel("telegram", R"({"bot_token":"12:abc","chat_id":"-100"})"),
      MakeChannel("sms", R"({"account_sid":"AC1","auth_token":"token","from":"+4915100000001",)"
                         R"("to":"+4915100000002"})")};
  std::string list;
  for (const std::string& id : channels) list += (list.empty() ? "\"" : ",\"") + id + "\"";
  target_.Say(503);
  MakeMonitor(list);
  ASSERT_TRUE(Await([&] {
    return slack_.Count() > 0 && discord_.Count() > 0 && telegram_.Count() > 0 &&
           twilio_.Count() > 0 && mail_.Holds("QUIT");
  }));
  target_.Say(200);
  ASSERT_TRUE(Await([&] { return slack_.Bodies().size() == 2 && discord_.Bodies().size() == 2; }));

  const std::string mail = mail_.All();
  for (const std::string& text :
       {std::string("RCPT TO:<ops@example.net>"), std::string("Subject: [DOWN] Storefront"),
        target_.Url("/live"), std::string("503"), std::string("UTC"),
        std::string("https://status.example.net")}) {
    EXPECT_NE(mail.find(text), std::string::npos) << text << "\n" << mail;
  }
  const std::string slack = BodyOf(slack_.Requests()[0]);
  for (const char* text : {"\"blocks\"", "#dc2626", "503", "\"button\"", "\"url\""}) {
    EXPECT_NE(slack.find(text), std::string::npos) << text << "\n" << slack;
  }
  EXPECT_NE(BodyOf(slack_.Requests()[1]).find("#16a34a"), std::string::npos);
  const Value embed = Part(discord_.Bodies()[0], "embeds");
  ASSERT_TRUE(embed.IsList() && embed.AsList().size() == 1u);
  EXPECT_EQ(embed.AsList()[0].IntOr("color", 0), 14427686);
  EXPECT_TRUE(telegram_.Requests()[0].starts_with("POST /bot12:abc/sendMessage "));
  EXPECT_EQ(telegram_.Bodies()[0].StringOr("chat_id", ""), "-100");
  EXPECT_NE(telegram_.Bodies()[0].StringOr("text", "").find("Storefront"), std::string::npos);
  const std::string sms = twilio_.Requests()[0];
  EXPECT_TRUE(sms.starts_with("POST /2010-04-01/Accounts/AC1/Messages.json "));
  EXPECT_EQ(HeaderOf(sms, "Authorization"), "Basic " + Base64Encode("AC1:token"));
  for (const char* text : {"To=%2B4915100000002", "From=%2B4915100000001", "Body="}) {
    EXPECT_NE(BodyOf(sms).find(text), std::string::npos) << text << "\n" << sms;
  }
}

}  // namespace
}  // namespace pharos::is0k_live
