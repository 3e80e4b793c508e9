#include "notify/testing/channel_bench.h"

namespace pharos::notify {
namespace {

class TelegramTest : public ChannelBench {
 protected:
  TelegramTest() : ChannelBench("telegram") {}
};

TEST_F(TelegramTest, SendsHtmlThroughTheBot) {
  const SendOutcome outcome =
      Send(IncidentCreated(), Config(R"({"bot_token":"123456:ABC-def","chat_id":"-100"})"));
  EXPECT_EQ(outcome.kind, SendOutcome::Kind::kSent) << outcome.error;
  EXPECT_EQ(RequestLine(), "POST /bot123456:ABC-def/sendMessage HTTP/1.1");
  EXPECT_EQ(Body(),
            "{\"chat_id\":\"-100\",\"text\":\"\U0001F534 <b>Incident: Checkout declines "
            "&lt;some&gt; cards</b>\\nLooking into declines &amp; more.\\n\\nStatus: "
            "Investigating\\nSeverity: Major\\nAffects: Checkout\\nTime: 2026-03-04 10:01:00 UTC"
            "\\n\\n<a href=\\\"https://status.example.org\\\">Open the status page</a>\","
            "\"parse_mode\":\"HTML\",\"disable_web_page_preview\":true}");
  EXPECT_EQ(outcome.payload.find("ABC-def"), std::string::npos);
}

TEST_F(TelegramTest, TheTokenIsPartOfAPathAndChecked) {
  EXPECT_EQ(ProblemOf(R"({"bot_token":"1:a/../b","chat_id":"1"})"), "config.bot_token");
  EXPECT_EQ(ProblemOf(R"({"bot_token":"1:a"})"), "config.chat_id");
}

TEST_F(TelegramTest, AnUnreachableServiceIsTriedAgainWithoutNamingTheToken) {
  Addresses addresses;
  addresses.telegram = "http://127.0.0.1:1";
  catalog_ = std::make_unique<Catalog>(addresses);
  const SendOutcome outcome =
      Send(Down(), Config(R"({"bot_token":"123456:ABC-def","chat_id":"-100"})"));
  EXPECT_EQ(outcome.kind, SendOutcome::Kind::kRetry);
  EXPECT_EQ(outcome.error.find("ABC-def"), std::string::npos);
  EXPECT_EQ(outcome.status_code, 0);
}

}  // namespace
}  // namespace pharos::notify
