// Outgoing webhooks of Kener classic from the request that causes them to the bytes that arrive:
// kener-classic.md 7, checks 59 to 62.
#include <string>
#include <vector>

#include "base/crypto.h"
#include "webhook_receiver.h"

namespace pharos {
namespace {

class KenerClassicWebhookTest : public WholeProgramTest {
 protected:
  void SetUp() override {
    WholeProgramTest::SetUp();
    UseKeyOf("kener_classic");
  }

  void Subscribe(const WebhookReceiver& listener, std::string event, std::string secret = "") {
    model::Channel draft;
    draft.kind = "webhook";
    draft.name = "Listener of " + event;
    draft.config.Set("url", listener.Url());
    draft.config.Set("format", "kener_classic");
    if (!secret.empty()) draft.config.Set("secret", secret);
    draft.scope = model::ChannelScope::kSubscription;
    draft.events = {std::move(event)};
    const auto made = wiring_->use_cases().channels.Create(who_, std::move(draft));
    ASSERT_TRUE(made) << made.error().message;
  }

  // A monitor that nobody looks at before next year, up and then down.
  void MakeLedgerFail() {
    Post("/api/monitor",
         R"({"tag":"ledger","name":"Ledger API","monitor_type":"API","cron":"0 3 1 1 *",)"
         R"("type_data":"{\"url\":\"https://ledger.example.net/ping\"}"})",
         201);
    Post("/api/status", R"({"status":"UP","latency":88,"tag":"ledger"})", 200);
    clock_.Advance(Minutes(1));
    Post("/api/status", R"({"status":"DOWN","latency":0,"tag":"ledger"})", 200);
  }

  void OpenIncident() {
    Post("/api/incidents",
         R"({"title":"Slow search","status":"investigating","impact":"minor",)"
         R"("message":"Queries take several seconds"})",
         201);
  }
};

// Checks 59 and 60.
TEST_F(KenerClassicWebhookTest, EachListenerHearsOfItsEventOnce) {
  WebhookReceiver downs;
  WebhookReceiver incidents;
  Subscribe(downs, "monitor.down");
  Subscribe(incidents, "incident.created");
  MakeLedgerFail();
  OpenIncident();
  // Events are told in their order, so whoever has heard of the incident has nothing before it.
  const std::vector<std::string> of_incidents = incidents.WaitFor(1);
  const std::vector<std::string> of_downs = downs.WaitFor(1);
  ASSERT_EQ(of_downs.size(), 1u);
  EXPECT_EQ(HeaderOf(of_downs[0], "X-Kener-Event"), "monitor.down");
  EXPECT_EQ(HeaderOf(of_downs[0], "Content-Type"), "application/json");
  const Value down = ParseJson(BodyOf(of_downs[0])).value();
  EXPECT_EQ(down.StringOr("event", ""), "monitor.down");
  EXPECT_TRUE(ParseIso(down.StringOr("timestamp", "")));
  EXPECT_EQ(down.Find("data")->StringOr("name", ""), "Ledger API");
  EXPECT_EQ(down.Find("data")->StringOr("status", ""), "down");
  EXPECT_TRUE(down.Find("data")->StringOr("monitor_id", "").starts_with("mon_"));

  ASSERT_EQ(of_incidents.size(), 1u);
  const Value incident = ParseJson(BodyOf(of_incidents[0])).value();
  EXPECT_EQ(incident.StringOr("event", ""), "incident.created");
  EXPECT_EQ(incident.Find("data")->StringOr("title", ""), "Slow search");
  EXPECT_EQ(incident.Find("data")->StringOr("impact", ""), "minor");
}

// Check 61.
TEST_F(KenerClassicWebhookTest, ASecretSignsTheRawBody) {
  WebhookReceiver listener;
  Subscribe(listener, "incident.created", "s3cr3t");
  OpenIncident();
  const std::vector<std::string> requests = listener.WaitFor(1);
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(HeaderOf(requests[0], "X-Kener-Signature"),
            "sha256=" + HexLower(HmacSha256("s3cr3t", BodyOf(requests[0]))));
}

// Check 62.
TEST_F(KenerClassicWebhookTest, AFailedDeliveryIsTriedAgainUnderItsName) {
  WebhookReceiver listener(1);
  Subscribe(listener, "incident.created");
  OpenIncident();
  ASSERT_EQ(listener.WaitFor(1).size(), 1u);
  // The outcome is written after the answer, so the time to wait begins some moments later.
  std::vector<std::string> requests;
  for (int i = 0; i < 20 && requests.size() < 2; ++i) {
    clock_.Advance(Seconds(10));
    requests = listener.WaitFor(2, Seconds(2));
  }
  ASSERT_EQ(requests.size(), 2u);
  const std::string delivery = HeaderOf(requests[0], "X-Kener-Delivery");
  EXPECT_FALSE(delivery.empty());
  EXPECT_EQ(HeaderOf(requests[1], "X-Kener-Delivery"), delivery);
  EXPECT_EQ(BodyOf(requests[1]), BodyOf(requests[0]));
}

}  // namespace
}  // namespace pharos
