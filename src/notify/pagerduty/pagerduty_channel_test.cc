#include "notify/testing/channel_bench.h"

namespace pharos::notify {
namespace {

class PagerdutyTest : public ChannelBench {
 protected:
  PagerdutyTest()
      : ChannelBench("pagerduty", "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}") {}
  Value Key() { return Config(R"({"integration_key":"0123456789abcdef"})"); }
};

TEST_F(PagerdutyTest, TriggersAnAlert) {
  const SendOutcome outcome = Send(Down(), Key());
  EXPECT_EQ(outcome.kind, SendOutcome::Kind::kSent) << outcome.error;
  EXPECT_EQ(RequestLine(), "POST /v2/enqueue HTTP/1.1");
  EXPECT_EQ(Body(),
            R"({"routing_key":"0123456789abcdef","event_action":"trigger",)"
            R"("dedup_key":"monitor/b5b7c0de-3f1a-4d5e-8f0b-1b1e8a5f0001",)"
            R"("payload":{"summary":"Storefront is DOWN - Expected status 200 but got 503",)"
            R"("source":"Storefront","severity":"critical",)"
            R"("timestamp":"2026-04-18T09:30:16.000Z","custom_details":{"Status":"Down",)"
            R"("Before":"Up","URL":"https://shop.example.net/live",)"
            R"("Time":"2026-04-18 09:30:16 UTC"}},"client":"Northwind",)"
            R"("client_url":"https://status.example.org"})");
  EXPECT_EQ(outcome.payload.find("0123456789abcdef"), std::string::npos);
  EXPECT_NE(outcome.payload.find(R"("routing_key":"***")"), std::string::npos);
}

TEST_F(PagerdutyTest, RecoveryResolvesTheSameAlert) {
  Send(Up(), Key());
  EXPECT_EQ(Body(), R"({"routing_key":"0123456789abcdef","event_action":"resolve",)"
                    R"("dedup_key":"monitor/b5b7c0de-3f1a-4d5e-8f0b-1b1e8a5f0001"})");
}

TEST_F(PagerdutyTest, MaintenanceAlertsNobody) {
  Outgoing maintenance{"maintenance.started", "event/1", {}, model::OrgId(1)};
  maintenance.message.Set("maintenance", Value(Value::Object{{"title", Value("Works")}}));
  EXPECT_EQ(Send(maintenance, Key()).kind, SendOutcome::Kind::kSent);
  EXPECT_TRUE(server_.Requests().empty());
}

}  // namespace
}  // namespace pharos::notify
