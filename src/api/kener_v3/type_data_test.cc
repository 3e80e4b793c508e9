#include "api/kener_v3/type_data.h"

#include <gtest/gtest.h>

#include "api/kener_v3/monitor_row.h"
#include "base/json.h"

namespace pharos::api::kener_v3 {
namespace {

const probe::Catalog& Probes() {
  static const probe::Catalog probes;
  return probes;
}

model::Monitor Make(std::string_view kind, std::string_view type_data) {
  model::Monitor monitor;
  monitor.kind = std::string(kind);
  const Status applied = ApplyTypeData(Value(type_data), Probes(), monitor);
  EXPECT_TRUE(applied) << applied.error().message;
  return monitor;
}

std::string Refusal(std::string_view kind, const Value& type_data) {
  model::Monitor monitor;
  monitor.kind = std::string(kind);
  const Status applied = ApplyTypeData(type_data, Probes(), monitor);
  return applied ? "accepted" : applied.error().message;
}

TEST(TypeData, TextIsShownAsItWasSent) {
  constexpr std::string_view kSent =
      R"({"url": "https://a.example.net", "method":"get","hideURLForGet":"NO","eval":""})";
  const model::Monitor monitor = Make("http", kSent);
  EXPECT_EQ(monitor.spec.StringOr("url", ""), "https://a.example.net");
  EXPECT_EQ(monitor.spec.StringOr("method", ""), "GET");
  EXPECT_EQ(ShownTypeData(monitor, Probes()), kSent);
}

TEST(TypeData, ChangesMadeElsewhereShow) {
  model::Monitor monitor = Make("http", R"({"url":"https://a.example.net","note":"kept"})");
  monitor.spec.Set("url", "https://b.example.net");
  const Value shown = ParseJson(ShownTypeData(monitor, Probes())).value();
  EXPECT_EQ(shown.StringOr("url", ""), "https://b.example.net");
  EXPECT_EQ(shown.StringOr("note", ""), "kept");
}

TEST(TypeData, LookupsNameWhatTheyWant) {
  const model::Monitor monitor =
      Make("dns", R"({"host":"example.net","lookupRecord":"mx","nameServer":"192.0.2.53",)"
                  R"("matchType":"ALL","values":["mx1.example.net"]})");
  EXPECT_EQ(monitor.spec.StringOr("record_type", ""), "MX");
  EXPECT_EQ(monitor.spec.StringOr("name_server", ""), "192.0.2.53");
  EXPECT_EQ(monitor.spec.StringOr("match", ""), "all");
  model::Monitor changed = monitor;
  changed.spec.Set("match", "any");
  EXPECT_EQ(ParseJson(ShownTypeData(changed, Probes()))->StringOr("matchType", ""), "ANY");
}

TEST(TypeData, OneTargetOfAnotherInterfaceIsAListOfOne) {
  model::Monitor monitor;
  monitor.kind = "tcp";
  monitor.spec.Set("host", "mx.example.net");
  monitor.spec.Set("port", 25);
  EXPECT_EQ(ShownTypeData(monitor, Probes()),
            R"({"hosts":[{"type":"DOMAIN","host":"mx.example.net","port":25}]})");
}

TEST(TypeData, RefusalsNameTheKey) {
  EXPECT_EQ(Refusal("http", Value("{oops")), "type_data must be the JSON text of an object");
  EXPECT_EQ(Refusal("http", Value(5)), "type_data must be the JSON text of an object");
  EXPECT_EQ(Refusal("http", Value(R"({"url":7})")), "type_data.url must be a string");
  EXPECT_EQ(Refusal("http", Value(R"({"url":"https://a.example.net","eval":"(x)=>x"})")),
            "accepted");
  EXPECT_EQ(Refusal("http", Value()), "accepted");
}

TEST(MonitorRow, IntervalsAreShownAsTheExpressionTheyMean) {
  model::Monitor monitor;
  monitor.kind = "manual";
  monitor.schedule = {model::Schedule::Kind::kInterval, Seconds(300), {}, {}};
  std::string out;
  JsonWriter json(out);
  WriteMonitorRow(json, monitor, Probes());
  const Value row = ParseJson(out).value();
  EXPECT_EQ(row.StringOr("cron", ""), "*/5 * * * *");
  Value back;
  back.Set("cron", "*/5 * * * *");
  back.Set("include_degraded_in_downtime", "YES");
  ASSERT_TRUE(ApplyMonitorRow(back, Probes(), monitor));
  EXPECT_EQ(monitor.schedule.kind, model::Schedule::Kind::kInterval);
  EXPECT_TRUE(CountsDegradedAsDown(monitor));
}

}  // namespace
}  // namespace pharos::api::kener_v3
