#include "api/kener_classic/monitor_decode.h"

#include <gtest/gtest.h>

#include "api/kener_classic/monitor_view.h"
#include "base/json.h"

namespace pharos::api::kener_classic {
namespace {

const probe::Catalog& Probes() {
  static const probe::Catalog probes;
  return probes;
}

Result<model::Monitor> Decode(std::string_view body) {
  return DecodeNewMonitor(ParseJson(body).value(), Probes());
}

// The field that a body is refused for.
std::string FieldOf(std::string_view body) {
  const auto made = Decode(body);
  if (made) return "accepted";
  EXPECT_EQ(made.error().kind, ErrorKind::kInvalid);
  if (made.error().fields.empty()) return "";
  EXPECT_EQ(made.error().message, made.error().fields.front().message);
  return made.error().fields.front().field;
}

// kener-classic.md 6.4
TEST(MonitorDecode, DefaultsOfAnApiMonitor) {
  const auto made = Decode(R"({"name":"Docs","type":"api","url":"https://docs.example.net/"})");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->kind, "http");
  EXPECT_EQ(made->spec.StringOr("expected_status", ""), "200");
  EXPECT_EQ(made->spec.IntOr("timeout_ms", 0), 10000);
  EXPECT_EQ(made->spec.IntOr("retries", 0), 3);
  EXPECT_EQ(made->schedule.interval, Seconds(60));
}

TEST(MonitorDecode, RequiredFieldsDependOnTheType) {
  EXPECT_EQ(FieldOf(R"({"type":"API","url":"https://a.example.net"})"), "name");
  EXPECT_EQ(FieldOf(R"({"name":"a","url":"https://a.example.net"})"), "type");
  EXPECT_EQ(FieldOf(R"({"name":"a","type":"FTP"})"), "type");
  EXPECT_EQ(FieldOf(R"({"name":"a","type":"API"})"), "url");
  EXPECT_EQ(FieldOf(R"({"name":"a","type":"API","url":"notaurl"})"), "url");
  EXPECT_EQ(FieldOf(R"({"name":"a","type":"PING"})"), "host");
  EXPECT_EQ(FieldOf(R"({"name":"a","type":"TCP","host":"h.example.net"})"), "port");
  EXPECT_EQ(FieldOf(R"({"name":"a","type":"SSL","host":"h.example.net"})"), "accepted");
}

TEST(MonitorDecode, ValuesOutOfRangeAreNamed) {
  const std::string start = R"({"name":"a","type":"API","url":"https://a.example.net",)";
  EXPECT_EQ(FieldOf(start + R"("interval":5})"), "interval");
  EXPECT_EQ(FieldOf(start + R"("timeout":99})"), "timeout");
  EXPECT_EQ(FieldOf(start + R"("timeout":"10"})"), "timeout");
  EXPECT_EQ(FieldOf(start + R"("retries":11})"), "retries");
  EXPECT_EQ(FieldOf(start + R"("expectedStatusCode":99})"), "expectedStatusCode");
  EXPECT_EQ(FieldOf(start + R"("method":"FETCH"})"), "method");
  EXPECT_EQ(FieldOf(start + R"("headers":{"A":1}})"), "headers.A");
  EXPECT_EQ(FieldOf(start + R"("colour":"red","port":7})"), "accepted");
  EXPECT_EQ(FieldOf("[1]"), "");
}

TEST(MonitorDecode, EditsKeepWhatIsNotSent) {
  model::Monitor monitor =
      Decode(R"({"name":"a","type":"API","url":"https://a.example.net","method":"post"})").value();
  const auto edit = [&](std::string_view body) {
    return ApplyMonitorEdit(ParseJson(body).value(), Probes(), monitor);
  };
  ASSERT_TRUE(edit(R"({"name":"b","interval":120})"));
  EXPECT_EQ(monitor.name, "b");
  EXPECT_EQ(monitor.schedule.interval, Seconds(120));
  EXPECT_EQ(monitor.spec.StringOr("method", ""), "POST");
  EXPECT_TRUE(edit(R"({"type":"api"})"));
  EXPECT_FALSE(edit(R"({"type":"TCP"})"));
  EXPECT_FALSE(edit(R"({"timeout":5})"));
}

TEST(MonitorDecode, MaskedHeadersSentBackKeepTheirValues) {
  model::Monitor monitor = Decode(R"({"name":"a","type":"API","url":"https://a.example.net",
      "headers":{"Authorization":"Bearer s3cret","Accept":"text/html"}})")
                               .value();
  std::string shown;
  JsonWriter json(shown);
  WriteMonitor(json, monitor, std::nullopt, {}, {});
  const Value object = ParseJson(shown).value();
  EXPECT_EQ(WriteJson(*object.Find("headers")), R"({"Authorization":"***","Accept":"text/html"})");
  Value body;
  body.Set("headers", *object.Find("headers"));
  ASSERT_TRUE(ApplyMonitorEdit(body, Probes(), monitor));
  EXPECT_EQ(monitor.spec.Find("headers")->AsList()[0].StringOr("value", ""), "Bearer s3cret");
}

TEST(MonitorView, IntervalOfSchedules) {
  model::Schedule schedule;
  EXPECT_EQ(IntervalSeconds(schedule, {}), std::nullopt);
  schedule.kind = model::Schedule::Kind::kCron;
  schedule.cron = "*/5 * * * *";
  EXPECT_EQ(IntervalSeconds(schedule, FromUnixSeconds(1'000'000)), 300);
}

}  // namespace
}  // namespace pharos::api::kener_classic
