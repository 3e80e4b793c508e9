#include "notify/testing/channel_bench.h"

namespace pharos::notify {
namespace {

class SlackTest : public ChannelBench {
 protected:
  SlackTest() : ChannelBench("slack") {}
  Value Here() { return Config(R"({"webhook_url":")" + server_.Url("/services/T/B/x") + "\"}"); }
};

TEST_F(SlackTest, PostsBlocksWithAColouredBar) {
  const SendOutcome outcome = Send(Down(), Here());
  EXPECT_EQ(outcome.kind, SendOutcome::Kind::kSent) << outcome.error;
  EXPECT_EQ(outcome.status_code, 200);
  EXPECT_EQ(outcome.payload, Body());
  EXPECT_EQ(RequestLine(), "POST /services/T/B/x HTTP/1.1");
  EXPECT_EQ(
      Body(),
      R"({"text":"[DOWN] Storefront","attachments":[{"color":"#dc2626","blocks":[)"
      R"({"type":"header","text":{"type":"plain_text","text":"Storefront is DOWN"}},)"
      R"({"type":"section","text":{"type":"mrkdwn","text":"Expected status 200 but got 503"},)"
      R"("fields":[{"type":"mrkdwn","text":"*Status*\nDown"},)"
      R"({"type":"mrkdwn","text":"*Before*\nUp"},)"
      R"({"type":"mrkdwn","text":"*URL*\nhttps://shop.example.net/live"},)"
      R"({"type":"mrkdwn","text":"*Time*\n2026-04-18 09:30:16 UTC"}]},)"
      R"({"type":"actions","elements":[{"type":"button","text":{"type":"plain_text",)"
      R"("text":"Open the monitor"},"url":"https://status.example.org"}]}]}]})");
}

TEST_F(SlackTest, GreenWhenItIsUpAgainAndTextsAreEscaped) {
  Send(Up(), Here());
  EXPECT_NE(Body().find(R"("color":"#16a34a")"), std::string::npos);
  EXPECT_NE(Body().find(R"(*Response time*\n118 ms)"), std::string::npos);
  Send(IncidentCreated(), Here());
  EXPECT_NE(Body(1).find("[INCIDENT] Checkout declines &lt;some&gt; cards"), std::string::npos);
  EXPECT_NE(Body(1).find("declines &amp; more."), std::string::npos);
}

TEST_F(SlackTest, TheAddressIsTheDocumentedOneOrAllowed) {
  EXPECT_EQ(ProblemOf(R"({"webhook_url":"https://hooks.slack.com/services/T0/B0/abc"})"), "");
  EXPECT_EQ(ProblemOf(R"({"webhook_url":"https://hooks.slack.com.evil.example/services/x"})"),
            "config.webhook_url");
  EXPECT_EQ(ProblemOf(R"({"webhook_url":"https://example.org/services/x"})"), "config.webhook_url");
  EXPECT_EQ(ProblemOf("{}"), "config.webhook_url");
}

class SlackRefusesTest : public ChannelBench {
 protected:
  SlackRefusesTest()
      : ChannelBench("slack", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") {}
};

TEST_F(SlackRefusesTest, ARefusedMessageIsGivenUp) {
  const SendOutcome outcome =
      Send(Down(), Config(R"({"webhook_url":")" + server_.Url("/services/T/B/x") + "\"}"));
  EXPECT_EQ(outcome.kind, SendOutcome::Kind::kRejected);
  EXPECT_EQ(outcome.error, "HTTP 404");
  EXPECT_EQ(outcome.status_code, 404);
}

}  // namespace
}  // namespace pharos::notify
