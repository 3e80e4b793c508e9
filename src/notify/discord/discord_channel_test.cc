#include "notify/testing/channel_bench.h"

namespace pharos::notify {
namespace {

class DiscordTest : public ChannelBench {
 protected:
  DiscordTest() : ChannelBench("discord", "HTTP/1.1 204 No Content\r\n\r\n") {}
};

TEST_F(DiscordTest, PostsAnEmbed) {
  const SendOutcome outcome =
      Send(Down(), Config(R"({"webhook_url":")" + server_.Url("/api/webhooks/1/x") + "\"}"));
  EXPECT_EQ(outcome.kind, SendOutcome::Kind::kSent) << outcome.error;
  EXPECT_EQ(outcome.status_code, 204);
  EXPECT_EQ(RequestLine(), "POST /api/webhooks/1/x HTTP/1.1");
  EXPECT_EQ(Body(),
            R"({"embeds":[{"title":"Storefront is DOWN","url":"https://status.example.org",)"
            R"("description":"Expected status 200 but got 503","color":14427686,"fields":[)"
            R"({"name":"Status","value":"Down","inline":true},)"
            R"({"name":"Before","value":"Up","inline":true},)"
            R"({"name":"URL","value":"https://shop.example.net/live","inline":false},)"
            R"({"name":"Time","value":"2026-04-18 09:30:16 UTC","inline":true}],)"
            R"("timestamp":"2026-04-18T09:30:16.000Z"}]})");
}

TEST_F(DiscordTest, ColoursAreDecimal) {
  const Value config = Config(R"({"webhook_url":")" + server_.Url("/api/webhooks/1/x") + "\"}");
  Send(Up(), config);
  EXPECT_NE(Body(0).find(R"("color":1483594)"), std::string::npos);
  Outgoing degraded = Down();
  degraded.event = "monitor.degraded";
  degraded.message.Find("monitor")->Set("status", "degraded");
  Send(degraded, config);
  EXPECT_NE(Body(1).find(R"("title":"Storefront is DEGRADED")"), std::string::npos);
  EXPECT_NE(Body(1).find(R"("color":15381256)"), std::string::npos);
}

TEST_F(DiscordTest, TheAddressIsTheDocumentedOneOrAllowed) {
  EXPECT_EQ(ProblemOf(R"({"webhook_url":"https://discord.com/api/webhooks/1/abc"})"), "");
  EXPECT_EQ(ProblemOf(R"({"webhook_url":"https://example.org/api/webhooks/1/abc"})"),
            "config.webhook_url");
}

}  // namespace
}  // namespace pharos::notify
