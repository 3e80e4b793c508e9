#include "notify/webhook/formats.h"

#include "base/crypto.h"
#include "base/opaque_id.h"
#include "base/text.h"
#include "notify/facts.h"
#include "notify/testing/channel_bench.h"

namespace pharos::notify::webhook {
namespace {

const Timestamp kNow = FromUnixSeconds(1'750'000'000);

class FormatsTest : public ChannelBench {
 protected:
  FormatsTest() : ChannelBench("webhook") {}
  static std::string HeaderOf(const Rendered& rendered, std::string_view name) {
    for (const auto& [header, value] : rendered.headers) {
      if (header == name) return value;
    }
    return "";
  }
};

TEST_F(FormatsTest, KenerClassicSendsEventTimestampAndData) {
  const Rendered out = RenderKenerClassic(Down(), "topsecret", kNow);
  EXPECT_EQ(out.body,
            R"({"event":"monitor.down","timestamp":"2026-04-18T09:30:16Z","data":{"monitor_id":")"
            "mon_" +
                EncodeOpaqueId("mon", 7) + R"(","name":"Storefront","status":"down"}})");
  EXPECT_EQ(HeaderOf(out, "X-Kener-Event"), "monitor.down");
  EXPECT_EQ(HeaderOf(out, "X-Kener-Delivery"), UuidOf(Down().dedup_key));
  EXPECT_EQ(HeaderOf(out, "X-Kener-Signature"),
            "sha256=" + HexLower(HmacSha256("topsecret", out.body)));
  EXPECT_EQ(HeaderOf(RenderKenerClassic(Down(), "", kNow), "X-Kener-Signature"), "");
  EXPECT_EQ(HeaderOf(RenderKenerClassic(Test(), "", kNow), "X-Kener-Event"), "webhook.test");
}

TEST_F(FormatsTest, KenerClassicNamesTheMonitorsOfAnIncident) {
  const Value body = ParseJson(RenderKenerClassic(IncidentCreated(), "", kNow).body).value();
  const Value& data = Part(body, "data");
  EXPECT_EQ(data.IntOr("incident_id", 0), 3);
  EXPECT_EQ(data.StringOr("impact", ""), "major");
  EXPECT_EQ(data.StringOr("message", ""), "Looking into declines & more.");
  EXPECT_EQ(Part(data, "monitors").AsList().at(0).AsString(), "mon_" + EncodeOpaqueId("mon", 9));
}

TEST_F(FormatsTest, KenerV3IsATrigger) {
  EXPECT_EQ(RenderKenerV3(Down(), "unused", kNow).body,
            R"({"id":"storefront-7","alert_name":"Storefront DOWN","severity":"critical",)"
            R"("status":"TRIGGERED","source":"Kener","timestamp":"2026-04-18T09:30:16.000Z",)"
            R"("description":"Expected status 200 but got 503","details":{"metric":"Storefront",)"
            R"("current_value":"3","threshold":"2"},"actions":[{"text":"View Monitor",)"
            R"("url":"https://status.example.org"}]})");
  const Value up = ParseJson(RenderKenerV3(Up(), "", kNow).body).value();
  EXPECT_EQ(up.StringOr("id", ""), "storefront-7");
  EXPECT_EQ(up.StringOr("alert_name", ""), "Storefront DOWN");
  EXPECT_EQ(up.StringOr("status", ""), "RESOLVED");
}

// The vector of RFC 4231, test case 2, shows that the algorithm is the one others use.
TEST_F(FormatsTest, SignaturesAreHmacSha256) {
  EXPECT_EQ(HexLower(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_F(FormatsTest, KodoSignsTheBareBody) {
  const Rendered out = RenderKodo(IncidentCreated(), "whsec_test", kNow);
  EXPECT_EQ(out.body,
            R"({"event":"incident.created","timestamp":"2026-03-04T10:01:00.000Z","data":{)"
            R"("id":"77aa0c1e-2222-4f6a-9d1f-0a0b0c0d0e01",)"
            R"("title":"Checkout declines <some> cards","status":"investigating",)"
            R"("severity":"major","services":["Checkout"],)"
            R"("message":"Looking into declines & more."}})");
  EXPECT_EQ(HeaderOf(out, "X-Kodo-Event"), "incident.created");
  EXPECT_EQ(HeaderOf(out, "X-Kodo-Signature"), HexLower(HmacSha256("whsec_test", out.body)));
}

TEST_F(FormatsTest, KodoHasItsOwnWords) {
  const Rendered up = RenderKodo(Up(), "", kNow);
  EXPECT_EQ(up.body,
            R"({"event":"monitor.recovered","timestamp":"2026-04-18T09:30:16.000Z","data":{)"
            R"("id":"b5b7c0de-3f1a-4d5e-8f0b-1b1e8a5f0001","name":"Storefront",)"
            R"("url":"https://shop.example.net/live","error":null}})");
  Outgoing service = Down();
  service.event = "service.status_changed";
  service.message.Find("monitor")->Set("kind", "manual");
  const Rendered changed = RenderKodo(service, "", kNow);
  EXPECT_NE(changed.body.find(R"("previous_status":"operational","new_status":"major_outage")"),
            std::string::npos)
      << changed.body;
}

TEST_F(FormatsTest, KodoSurvivesParsingAndWriting) {
  for (Outgoing outgoing : {Down(), Up(), IncidentCreated(), Test()}) {
    for (const char* text :
         {"caf\u00e9 \u2192 \U0001F534", "a/b \\ \"q\" \n\t\r\b\f", "\x01\x1f\x7f", "\u2028"}) {
      for (const char* part : {"monitor", "incident"}) {
        if (Value* owner = outgoing.message.Find(part)) {
          owner->Set("name", text);
          owner->Set("title", text);
          owner->Set("message", text);
        }
      }
      const std::string body = RenderKodo(outgoing, "s", kNow).body;
      EXPECT_EQ(WriteJson(ParseJson(body).value()), body);
      EXPECT_EQ(body.find("\\/"), std::string::npos);
      EXPECT_EQ(body.find(": "), body.find("Checkout: "));
    }
  }
}

TEST_F(FormatsTest, Is0kTellsMonitorCheckAndIncident) {
  const Rendered out = RenderIs0k(Down(), "k", kNow);
  const std::string monitor = "mon_" + EncodeOpaqueId("mon", 7);
  const int64_t checked_at = ToUnixMillis(ParseIso("2026-04-18T09:30:04.000Z").value());
  EXPECT_EQ(out.body,
            R"({"event":"monitor.down","timestamp":"2026-04-18T09:30:16Z","monitor":{"id":")" +
                monitor +
                R"(","name":"Storefront","type":"http","url":"https://shop.example.net/live",)"
                R"("status":"down","previous_status":"up"},"check":{"id":"chk_)" +
                EncodeOpaqueId("chk7", checked_at) +
                R"(","status_code":503,"response_time_ms":null,)"
                R"("error":"Expected status 200 but got 503","checked_at":"2026-04-18T09:30:04Z"},)"
                R"("incident":{"id":"inc_)" +
                EncodeOpaqueId("inc", 3) +
                R"(","started_at":"2026-04-18T09:30:04Z","resolved_at":null,)"
                R"("duration_seconds":null},"dashboard_url":)"
                R"("https://status.example.org/manage/monitors/)" +
                monitor + "\"}");
  EXPECT_EQ(HeaderOf(out, "X-Is0k-Event"), "monitor.down");
  EXPECT_EQ(HeaderOf(out, "X-Is0k-Signature"), "sha256=" + HexLower(HmacSha256("k", out.body)));
  EXPECT_EQ(HeaderOf(out, "X-Is0k-Delivery").size(), 36u);
  Outgoing slow = Down();
  slow.message.Find("check")->Set("latency_ms", 812);
  const Value late = ParseJson(RenderIs0k(slow, "", kNow).body).value();
  EXPECT_TRUE(Part(Part(late, "check"), "response_time_ms").IsNull());
  const Value up = ParseJson(RenderIs0k(Up(), "", kNow).body).value();
  EXPECT_EQ(Part(up, "incident").StringOr("resolved_at", ""), "2026-04-18T09:42:04Z");
  EXPECT_EQ(Part(up, "incident").IntOr("duration_seconds", 0), 720);
}

TEST_F(FormatsTest, Is0kTestHasNoMonitor) {
  const Value body = ParseJson(RenderIs0k(Test(), "", kNow).body).value();
  EXPECT_EQ(body.StringOr("event", ""), "test");
  EXPECT_TRUE(Part(body, "monitor").IsNull());
  EXPECT_EQ(body.StringOr("dashboard_url", ""), "https://status.example.org");
}

TEST_F(FormatsTest, TheDeliveryIdIsAUuidThatStaysTheSame) {
  EXPECT_EQ(UuidOf("a"), UuidOf("a"));
  EXPECT_NE(UuidOf("a"), UuidOf("b"));
  EXPECT_EQ(UuidOf("a")[14], '4');
}

TEST_F(FormatsTest, PharosSendsTheFactsOfAnIncidentAsTheyAre) {
  const Rendered out = RenderPharos(IncidentCreated(), "", kNow);
  EXPECT_EQ(ParseJson(out.body).value(), IncidentCreated().message);
  EXPECT_EQ(HeaderOf(out, "X-Pharos-Event"), "incident.created");
}

}  // namespace
}  // namespace pharos::notify::webhook
