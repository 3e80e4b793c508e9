// Outgoing webhooks of Kodo from the request that causes them to the bytes that arrive: kodo.md 16,
// checks 100 to 102; workflows that events start: kodo.md 18.
#include <string>
#include <vector>

#include "base/crypto.h"
#include "webhook_receiver.h"

namespace pharos {
namespace {

class KodoWebhookTest : public WholeProgramTest {
 protected:
  void SetUp() override {
    WholeProgramTest::SetUp();
    UseKeyOf("kodo");
  }

  // {"id", "secret"}
  Value Subscribe(const WebhookReceiver& receiver, Value::List events) {
    Value body;
    body.Set("name", "Receiver");
    body.Set("url", receiver.Url());
    body.Set("events", std::move(events));
    const Value made = Post("/api/v1/webhooks", WriteJson(body), 201);
    const Value* webhook = made.Find("webhook");
    return webhook != nullptr ? *webhook : Value();
  }

  std::string MakeService() {
    return Post("/api/v1/services", R"({"name":"Checkout"})", 201).StringOr("id", "");
  }

  void OpenIncident(const std::string& title) {
    Value body;
    body.Set("title", title);
    body.Set("severity", "major");
    body.Set("services", Value::List{"Checkout"});
    body.Set("message", "Caf\u00e9 tills / all of them");
    Post("/api/v1/incidents", WriteJson(body), 201);
  }
};

// Check 100.
TEST_F(KodoWebhookTest, TheSignatureIsThatOfTheParsedAndWrittenBody) {
  MakeService();
  WebhookReceiver receiver;
  const Value webhook = Subscribe(receiver, {"incident.created"});
  OpenIncident("Depot offline");
  const std::vector<std::string> requests = receiver.WaitFor(1);
  ASSERT_EQ(requests.size(), 1u);
  const std::string body = BodyOf(requests[0]);
  EXPECT_EQ(HeaderOf(requests[0], "X-Kodo-Signature"),
            HexLower(HmacSha256(webhook.StringOr("secret", ""), body)));
  const Value parsed = ParseJson(body).value();
  EXPECT_EQ(WriteJson(parsed), body);
  EXPECT_EQ(parsed.StringOr("event", ""), "incident.created");
  const Value& data = *parsed.Find("data");
  EXPECT_EQ(data.StringOr("title", ""), "Depot offline");
  EXPECT_EQ(data.StringOr("severity", ""), "major");
  EXPECT_EQ(*data.Find("services"), Value(Value::List{"Checkout"}));
}

// Check 101.
TEST_F(KodoWebhookTest, OnlyWhoSubscribedHearsOfAService) {
  const std::string service = MakeService();
  WebhookReceiver services;
  WebhookReceiver incidents;
  Subscribe(services, {"service.status_changed"});
  Subscribe(incidents, {"incident.created"});
  Send("PATCH", "/api/v1/services/" + service, R"({"status":"partial_outage"})", 200);
  // Told in order: whoever has heard of the incident has nothing before it.
  OpenIncident("Depot offline");
  const std::vector<std::string> of_incidents = incidents.WaitFor(1);
  ASSERT_EQ(of_incidents.size(), 1u);
  EXPECT_EQ(HeaderOf(of_incidents[0], "X-Kodo-Event"), "incident.created");
  const std::vector<std::string> of_services = services.WaitFor(1);
  ASSERT_GE(of_services.size(), 1u);
  const Value change = ParseJson(BodyOf(of_services.back())).value();
  EXPECT_EQ(change.StringOr("event", ""), "service.status_changed");
  EXPECT_EQ(change.Find("data")->StringOr("name", ""), "Checkout");
  EXPECT_EQ(change.Find("data")->StringOr("previous_status", ""), "operational");
  EXPECT_EQ(change.Find("data")->StringOr("new_status", ""), "partial_outage");
}

// Check 102.
TEST_F(KodoWebhookTest, AFailedAttemptIsListedAndRepeated) {
  MakeService();
  WebhookReceiver receiver(1);
  const std::string id = Subscribe(receiver, {"incident.created"}).StringOr("id", "");
  OpenIncident("Depot offline");
  ASSERT_EQ(receiver.WaitFor(1).size(), 1u);
  // The outcome is written after the answer, so the time to wait begins some moments later.
  std::vector<std::string> requests;
  for (int i = 0; i < 20 && requests.size() < 2; ++i) {
    clock_.Advance(Seconds(30));
    requests = receiver.WaitFor(2, Seconds(2));
  }
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(BodyOf(requests[1]), BodyOf(requests[0]));
  const Value shown = Send("GET", "/api/v1/webhooks/" + id, "", 200);
  const Value::List& attempts = shown.Find("deliveries")->AsList();
  ASSERT_GE(attempts.size(), 1u);
  EXPECT_EQ(attempts.back().IntOr("status_code", 0), 500);
  EXPECT_EQ(attempts.back().StringOr("event_type", ""), "incident.created");
}

// kodo.md 18: an event starts a workflow, whose webhook is sent.
TEST_F(KodoWebhookTest, EventsStartWorkflows) {
  MakeService();
  WebhookReceiver receiver;
  Value action;
  action.Set("type", "send_webhook");
  action.Set("url", receiver.Url());
  Value flow;
  flow.Set("name", "Tell");
  flow.Set("trigger", "incident.created");
  flow.Set("conditions",
           ParseJson(R"({"operator":"AND","conditions":[)"
                     R"({"field":"service.name","operator":"equals","value":"Checkout"}]})")
               .value());
  flow.Set("actions", Value::List{action});
  Post("/api/v1/workflows", WriteJson(flow), 201);
  OpenIncident("Depot offline");
  ASSERT_EQ(receiver.WaitFor(1).size(), 1u);
}

}  // namespace
}  // namespace pharos
