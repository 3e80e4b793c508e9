#include "notify/webhook/webhook_channel.h"

#include <gtest/gtest.h>

#include <future>

#include "base/crypto.h"
#include "base/fake_clock.h"
#include "base/one_shot.h"
#include "base/text.h"
#include "net/testing/scripted_server.h"
#include "notify/catalog.h"

namespace pharos::notify {
namespace {

using Kind = SendOutcome::Kind;

class WebhookTest : public testing::Test {
 protected:
  SendOutcome SendTo(const std::string& url, const std::string& secret = "") {
    Value config;
    config.Set("url", url);
    if (!secret.empty()) config.Set("secret", secret);
    Outgoing outgoing{"monitor.down", "uid/7"};
    Value monitor;
    monitor.Set("tag", "web-shop");
    monitor.Set("name", "Web shop");
    monitor.Set("status", "down");
    monitor.Set("previous_status", "up");
    outgoing.message.Set("monitor", std::move(monitor));
    outgoing.message.Set("at", "2026-03-04T05:06:00.000Z");
    std::promise<SendOutcome> done;
    catalog_.Find("webhook")->Send(outgoing, config, Seconds(3), {client_.get(), &clock_},
                                   [&](SendOutcome outcome) { done.set_value(outcome); });
    return done.get_future().get();
  }
  SendOutcome SendToAnswer(const std::string& answer) {
    net::ScriptedServer server(net::ScriptedServer::Answer(answer));
    return SendTo(server.Url("/hook"));
  }

  FakeClock clock_;
  Metrics metrics_;
  net::OutboundPolicy policy_{net::OutboundSettings{}};
  std::unique_ptr<net::HttpClient> client_ =
      net::HttpClient::Start({}, policy_, clock_, metrics_).value();
  Catalog catalog_;
};

TEST_F(WebhookTest, SecretsOfItsOrganisationStandInAddressAndHeaders) {
  net::ScriptedServer server(net::ScriptedServer::Answer(net::ScriptedServer::Ok("thanks")));
  Value header;
  header.Set("name", "Authorization");
  header.Set("value", "Bearer ${TOKEN}");
  Value config;
  config.Set("url", server.Url("/hook?k=$TOKEN&n=$NOBODY"));
  config.Set("headers", Value::List{header});
  const auto send = [&](int64_t org, const std::string& value) {
    Tools tools{client_.get(), &clock_};
    tools.secrets = [&](model::OrgId asked, std::string_view name) {
      return asked == model::OrgId(7) && name == "TOKEN" ? std::optional<std::string>(value)
                                                         : std::nullopt;
    };
    Outgoing outgoing{"monitor.down", "$TOKEN"};
    outgoing.message.Set("text", "$TOKEN");
    outgoing.org = model::OrgId(org);
    std::promise<SendOutcome> done;
    catalog_.Find("webhook")->Send(outgoing, config, Seconds(3), tools,
                                   [&](SendOutcome outcome) { done.set_value(outcome); });
    return done.get_future().get();
  };
  EXPECT_EQ(send(7, "s3cret").kind, Kind::kSent);
  EXPECT_EQ(send(8, "s3cret").kind, Kind::kSent);
  EXPECT_EQ(send(7, "a\r\nX-Evil: b").kind, Kind::kRejected);
  ASSERT_EQ(server.Requests().size(), 2u);
  const std::string ours = server.Requests()[0];
  EXPECT_TRUE(ours.starts_with("POST /hook?k=s3cret&n=$NOBODY HTTP/1.1\r\n")) << ours;
  EXPECT_NE(ours.find("Authorization: Bearer s3cret\r\n"), std::string::npos) << ours;
  EXPECT_EQ(ours.find("s3cret", ours.find("\r\n\r\n")), std::string::npos) << ours;
  const std::string theirs = server.Requests()[1];
  EXPECT_NE(theirs.find("Bearer ${TOKEN}"), std::string::npos) << theirs;
}

TEST_F(WebhookTest, TextsOfNothingButReferencesStaySmall) {
  std::string references;
  for (int i = 0; i < 1000; ++i) references += "$A";
  Value header;
  header.Set("name", "X-Key");
  header.Set("value", references);
  Value config;
  config.Set("url", "http://127.0.0.1:1/");
  config.Set("headers", Value::List{header});
  int asked = 0;
  Tools tools{client_.get(), &clock_};
  tools.secrets = [&](model::OrgId, std::string_view) {
    ++asked;
    return std::optional(std::string(16 * 1024, 'x'));
  };
  std::promise<SendOutcome> done;
  catalog_.Find("webhook")->Send({"monitor.down", "x"}, config, Seconds(3), tools,
                                 [&](SendOutcome outcome) { done.set_value(outcome); });
  EXPECT_NE(done.get_future().get().kind, Kind::kSent);
  EXPECT_EQ(asked, 16);
}

TEST_F(WebhookTest, PostsTheMessageWithKeyAndSignature) {
  net::ScriptedServer server(net::ScriptedServer::Answer(net::ScriptedServer::Ok("thanks")));
  EXPECT_EQ(SendTo(server.Url("/hook"), "s3cret").kind, Kind::kSent);
  ASSERT_EQ(server.Requests().size(), 1u);
  const std::string request = server.Requests()[0];
  const std::string body =
      R"({"event":"monitor.transition","monitor_tag":"web-shop","monitor_name":"Web shop",)"
      R"("from":"up","to":"down","at":"2026-03-04T05:06:00.000Z","cause":""})";
  EXPECT_TRUE(request.starts_with("POST /hook HTTP/1.1\r\n")) << request;
  EXPECT_TRUE(request.ends_with("\r\n\r\n" + body)) << request;
  EXPECT_NE(request.find("Idempotency-Key: uid/7\r\n"), std::string::npos);
  EXPECT_NE(request.find("X-Pharos-Event: monitor.transition\r\n"), std::string::npos);
  const std::string stamp = std::to_string(ToUnixSeconds(clock_.Now()));
  EXPECT_NE(request.find("X-Pharos-Signature: sha256=" +
                         HexLower(HmacSha256("s3cret", stamp + "." + body))),
            std::string::npos);
  EXPECT_EQ(request.find("s3cret"), std::string::npos);
}

TEST_F(WebhookTest, JudgesEveryClassOfAnswer) {
  struct Row {
    const char* answer;
    Kind kind;
    int retry_after_s;
  };
  const Row rows[] = {
      {"HTTP/1.1 204 No Content\r\n\r\n", Kind::kSent, 0},
      {"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", Kind::kRetry, 0},
      {"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n", Kind::kRetry, 120},
      {"HTTP/1.1 429 Slow\r\nRetry-After: 999999\r\nContent-Length: 0\r\n\r\n", Kind::kRetry, 3600},
      {"HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", Kind::kRetry, 0},
      {"HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n", Kind::kPermanent, 0},
      {"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", Kind::kPermanent, 0},
      {"garbage\r\n\r\n", Kind::kRetry, 0},
  };
  for (const Row& row : rows) {
    const SendOutcome outcome = SendToAnswer(row.answer);
    EXPECT_EQ(outcome.kind, row.kind) << row.answer;
    EXPECT_EQ(outcome.retry_after_s, row.retry_after_s) << row.answer;
    EXPECT_EQ(outcome.error.empty(), row.kind == Kind::kSent) << row.answer;
  }
}

TEST_F(WebhookTest, RefusedIsTriedAgainBlockedIsNot) {
  uint16_t port = 0;
  {
    net::ScriptedServer server(net::ScriptedServer::Answer(""));
    port = server.port();
  }
  EXPECT_EQ(SendTo("http://127.0.0.1:" + std::to_string(port) + "/").kind, Kind::kRetry);
  EXPECT_EQ(SendTo("http://169.254.169.254/latest/meta-data").kind, Kind::kPermanent);
}

TEST_F(WebhookTest, ConfigIsValidatedByField) {
  Value config;
  config.Set("url", "ftp://example.org/");
  const auto bad = catalog_.ValidateConfig("webhook", config);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().fields.at(0).field, "config.url");
  EXPECT_FALSE(catalog_.ValidateConfig("webhook", Value(Value::Object{})));
  EXPECT_FALSE(catalog_.ValidateConfig("pigeon", config));
  config.Set("url", "https://example.org/hook");
  EXPECT_TRUE(catalog_.ValidateConfig("webhook", config));
}

TEST_F(WebhookTest, CustomHeadersAreSentAndCannotBreakTheRequest) {
  net::ScriptedServer server(net::ScriptedServer::Answer(net::ScriptedServer::Ok("thanks")));
  Value config;
  config.Set("url", server.Url("/hook"));
  config.Set("format", "kodo");
  Value header;
  header.Set("name", "X-Team");
  header.Set("value", "ops");
  config.Set("headers", Value::List{header});
  ASSERT_TRUE(catalog_.ValidateConfig("webhook", config));
  OneShot<SendOutcome> done;
  catalog_.Find("webhook")->Send({"test", "k"}, config, Seconds(3), {client_.get(), &clock_},
                                 [&](SendOutcome outcome) { done.Set(std::move(outcome)); });
  EXPECT_EQ(done.Take().kind, Kind::kSent);
  EXPECT_NE(server.Requests()[0].find("\r\nX-Team: ops\r\n"), std::string::npos);
  for (const char* name : {"Host", "content-length", "a b", "", "X:"}) {
    header.Set("name", name);
    config.Set("headers", Value::List{header});
    EXPECT_FALSE(catalog_.ValidateConfig("webhook", config)) << name;
  }
  header.Set("name", "X-Ok");
  header.Set("value", "a\r\nX-Evil: 1");
  config.Set("headers", Value::List{header});
  EXPECT_FALSE(catalog_.ValidateConfig("webhook", config));
}

TEST_F(WebhookTest, KenerV3SaysWhoItIsOnce) {
  net::ScriptedServer server(net::ScriptedServer::Answer(net::ScriptedServer::Ok("thanks")));
  Value config;
  config.Set("url", server.Url("/hook"));
  config.Set("format", "kener_v3");
  OneShot<SendOutcome> done;
  catalog_.Find("webhook")->Send({"test", "k"}, config, Seconds(3), {client_.get(), &clock_},
                                 [&](SendOutcome outcome) { done.Set(std::move(outcome)); });
  EXPECT_EQ(done.Take().kind, Kind::kSent);
  const std::string request = server.Requests().at(0);
  const size_t first = request.find("User-Agent: Kener/");
  ASSERT_NE(first, std::string::npos) << request;
  EXPECT_EQ(request.find("User-Agent", first + 1), std::string::npos) << request;
}

TEST_F(WebhookTest, EachFormatHasItsSchedule) {
  const Channel& webhook = *catalog_.Find("webhook");
  Value config;
  EXPECT_EQ(webhook.RetryWaits(config), std::nullopt);
  const std::vector<std::pair<const char*, std::vector<Duration>>> rows = {
      {"kener_classic", {Seconds(10), Seconds(60), Seconds(300)}},
      {"kodo", {Minutes(1), Minutes(5), Minutes(30), Hours(2)}},
      {"is0k", {Seconds(5), Seconds(30), Seconds(120)}},
  };
  for (const auto& [format, waits] : rows) {
    config.Set("format", format);
    EXPECT_EQ(webhook.RetryWaits(config), waits) << format;
  }
}

TEST_F(WebhookTest, FormatsWithASchedulePersistWherePharosDisables) {
  for (const auto& [format, kind] :
       std::vector<std::pair<const char*, Kind>>{{"pharos", Kind::kPermanent},
                                                 {"kodo", Kind::kRetry},
                                                 {"kener_classic", Kind::kRetry},
                                                 {"is0k", Kind::kRejected}}) {
    net::ScriptedServer server(
        net::ScriptedServer::Answer("HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n"));
    Value config;
    config.Set("url", server.Url("/hook"));
    config.Set("format", format);
    OneShot<SendOutcome> done;
    catalog_.Find("webhook")->Send({"test", "k"}, config, Seconds(3), {client_.get(), &clock_},
                                   [&](SendOutcome outcome) { done.Set(std::move(outcome)); });
    const SendOutcome outcome = done.Take();
    EXPECT_EQ(outcome.kind, kind) << format;
    EXPECT_EQ(outcome.status_code, 404);
  }
}

}  // namespace
}  // namespace pharos::notify
