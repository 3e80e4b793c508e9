#include "notify/testing/channel_bench.h"

namespace pharos::notify {
namespace {

class OpsgenieTest : public ChannelBench {
 protected:
  OpsgenieTest()
      : ChannelBench("opsgenie", "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}") {}
};

TEST_F(OpsgenieTest, OpensAndClosesOneAlert) {
  const Value config = Config(R"({"api_key":"eb243592-faa2"})");
  EXPECT_EQ(Send(Down(), config).kind, SendOutcome::Kind::kSent);
  EXPECT_EQ(RequestLine(0), "POST /v2/alerts HTTP/1.1");
  EXPECT_TRUE(HasHeader("Authorization: GenieKey eb243592-faa2", 0));
  EXPECT_EQ(Body(0), R"({"message":"Storefront is DOWN",)"
                     R"("alias":"monitor/b5b7c0de-3f1a-4d5e-8f0b-1b1e8a5f0001",)"
                     R"("description":"Expected status 200 but got 503","priority":"P1",)"
                     R"("source":"Northwind","details":{"Status":"Down","Before":"Up",)"
                     R"("URL":"https://shop.example.net/live","Time":"2026-04-18 09:30:16 UTC",)"
                     R"("Link":"https://status.example.org"}})");
  EXPECT_EQ(Send(Up(), config).kind, SendOutcome::Kind::kSent);
  EXPECT_EQ(RequestLine(1),
            "POST /v2/alerts/monitor%2Fb5b7c0de-3f1a-4d5e-8f0b-1b1e8a5f0001/"
            "close?identifierType=alias HTTP/1.1");
  EXPECT_EQ(Body(1), R"({"source":"Northwind","note":"Storefront is UP"})");
}

}  // namespace
}  // namespace pharos::notify
