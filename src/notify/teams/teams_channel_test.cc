#include "notify/testing/channel_bench.h"

namespace pharos::notify {
namespace {

class TeamsTest : public ChannelBench {
 protected:
  TeamsTest() : ChannelBench("teams", "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n") {}
};

TEST_F(TeamsTest, PostsAnAdaptiveCard) {
  const SendOutcome outcome =
      Send(Down(), Config(R"({"webhook_url":")" + server_.Url("/workflows/1") + "\"}"));
  EXPECT_EQ(outcome.kind, SendOutcome::Kind::kSent) << outcome.error;
  EXPECT_EQ(
      Body(),
      R"({"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive",)"
      R"("contentUrl":null,"content":{)"
      R"("$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard",)"
      R"("version":"1.4","body":[{"type":"TextBlock","size":"Large","weight":"Bolder",)"
      R"("color":"Attention","text":"Storefront is DOWN","wrap":true},)"
      R"({"type":"TextBlock","text":"Expected status 200 but got 503","wrap":true},)"
      R"({"type":"FactSet","facts":[{"title":"Status","value":"Down"},)"
      R"({"title":"Before","value":"Up"},{"title":"URL","value":"https://shop.example.net/live"},)"
      R"({"title":"Time","value":"2026-04-18 09:30:16 UTC"}]}],)"
      R"("actions":[{"type":"Action.OpenUrl","title":"Open the monitor",)"
      R"("url":"https://status.example.org"}]}}]})");
}

TEST_F(TeamsTest, TheAddressIsAUrl) {
  EXPECT_EQ(ProblemOf(R"({"webhook_url":"teams"})"), "config.webhook_url");
}

}  // namespace
}  // namespace pharos::notify
