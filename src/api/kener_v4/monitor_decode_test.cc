#include "api/kener_v4/monitor_decode.h"

#include <gtest/gtest.h>

#include "api/kener_v4/monitor_view.h"
#include "base/json.h"

namespace pharos::api::kener_v4 {
namespace {

class MonitorDecodeTest : public ::testing::Test {
 protected:
  Status Apply(Write write, const char* body) {
    return ApplyMonitorBody(ParseJson(body).value(), write, probes_, monitor_);
  }
  std::string Refusal(Write write, const char* body) {
    const Status status = Apply(write, body);
    return status ? "" : status.error().message;
  }
  Value Shown() {
    std::string out;
    PrintMonitor(out, monitor_, probes_);
    return ParseJson(out).value();
  }
  Value Shown(std::string_view key) { return *Shown().Find(key); }

  probe::Catalog probes_;
  model::Monitor monitor_;
};

TEST_F(MonitorDecodeTest, DefaultsOfTheTable) {
  ASSERT_TRUE(Apply(Write::kCreate, "{}"));
  EXPECT_EQ(monitor_.kind, "http");
  EXPECT_TRUE(monitor_.active);
  EXPECT_EQ(monitor_.default_status, model::Status::kUp);
  EXPECT_EQ(monitor_.schedule, model::Schedule{});
  EXPECT_EQ(WriteJson(Shown("monitor_settings_json")),
            R"({"uptime_formula_numerator":"up + maintenance + degraded",)"
            R"("uptime_formula_denominator":"up + down + degraded + maintenance"})");
  EXPECT_EQ(Shown().AsObject().size(), 22u);
}

TEST_F(MonitorDecodeTest, ThresholdConvertsLikeJavaScript) {
  const auto threshold = [](const char* value) {
    const std::string body = std::string("{\"confirmation_threshold\":") + value + "}";
    return DecodeThreshold(ParseJson(body).value());
  };
  for (const char* good : {"5", "\"5\"", "[5]", "5.0"}) EXPECT_EQ(threshold(good).value(), 5);
  EXPECT_EQ(threshold("true").value(), 1);
  EXPECT_EQ(threshold("null").value(), 1);
  for (const char* bad : {"\"\"", "0", "61", "1.5", "\"x\"", "false", "{}"}) {
    ASSERT_FALSE(threshold(bad)) << bad;
    EXPECT_EQ(threshold(bad).error().message,
              "confirmation_threshold must be an integer between 1 and 60");
  }
}

TEST_F(MonitorDecodeTest, WordsAreChecked) {
  EXPECT_EQ(Refusal(Write::kCreate, R"({"default_status":"SIDEWAYS"})"),
            "default_status must be one of: UP, DOWN, DEGRADED, MAINTENANCE, NO_DATA, NONE");
  EXPECT_EQ(Refusal(Write::kCreate, R"({"status":"NAPPING"})"),
            "status must be one of: ACTIVE, INACTIVE");
  EXPECT_TRUE(Refusal(Write::kCreate, R"({"monitor_type":"FAX"})")
                  .starts_with("monitor_type must be one of: API, PING"));
  EXPECT_EQ(Refusal(Write::kCreate, R"({"is_hidden":"MAYBE"})"), "is_hidden must be YES or NO");
  EXPECT_EQ(Refusal(Write::kCreate, R"({"include_degraded_in_downtime":true})"),
            "include_degraded_in_downtime must be YES or NO");
  EXPECT_TRUE(Refusal(Write::kCreate, R"({"cron":"sometimes"})")
                  .starts_with("cron is not a valid expression: "));
  EXPECT_EQ(Refusal(Write::kCreate, R"({"type_data":[]})"), "type_data must be an object");
  EXPECT_EQ(Refusal(Write::kCreate, R"({"monitor_settings_json":"x"})"),
            "monitor_settings_json must be an object");
  EXPECT_EQ(Refusal(Write::kUpdate, R"({"is_hidden":null})"), "is_hidden must be YES or NO");
  EXPECT_EQ(Refusal(Write::kCreate, R"({"is_hidden":""})"), "");
}

TEST_F(MonitorDecodeTest, WordsThatFillNothingAreKept) {
  ASSERT_TRUE(Apply(Write::kCreate, R"({"default_status":"NO_DATA"})"));
  EXPECT_EQ(monitor_.default_status, std::nullopt);
  EXPECT_EQ(Shown("default_status"), Value("NO_DATA"));
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"default_status":null})"));
  EXPECT_EQ(Shown("default_status"), Value());
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"default_status":"DOWN"})"));
  EXPECT_EQ(monitor_.default_status, model::Status::kDown);
  monitor_.default_status = model::Status::kDegraded;  // changed through another dialect
  EXPECT_EQ(Shown("default_status"), Value("DEGRADED"));
}

TEST_F(MonitorDecodeTest, NullLifecycleAndTypeAreStoredAndStopTheMonitor) {
  ASSERT_TRUE(Apply(Write::kCreate, R"({"cron":"* * * * *"})"));
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"status":null})"));
  EXPECT_FALSE(monitor_.active);
  EXPECT_EQ(Shown("status"), Value());
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"status":"ACTIVE"})"));
  EXPECT_TRUE(monitor_.active);
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"monitor_type":null})"));
  EXPECT_FALSE(monitor_.active);
  EXPECT_EQ(Shown("monitor_type"), Value());
  EXPECT_EQ(Shown("status"), Value("ACTIVE"));
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"monitor_type":"API"})"));
  EXPECT_TRUE(monitor_.active);
  EXPECT_EQ(monitor_.kind, "http");
}

TEST_F(MonitorDecodeTest, ScheduleByCronOrInterval) {
  ASSERT_TRUE(Apply(Write::kCreate, R"({"cron":"*/2 * * * *"})"));
  EXPECT_EQ(Shown("cron"), Value("*/2 * * * *"));
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"interval_seconds":30})"));
  EXPECT_EQ(monitor_.schedule.interval, Seconds(30));
  EXPECT_EQ(Shown("cron"), Value());
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"cron":null})"));  // what was read, written back
  EXPECT_EQ(monitor_.schedule.interval, Seconds(30));
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"interval_seconds":null})"));
  EXPECT_EQ(monitor_.schedule, model::Schedule{});
  EXPECT_EQ(Refusal(Write::kUpdate, R"({"interval_seconds":0})"),
            "interval_seconds must be an integer between 1 and 2592000");
  EXPECT_EQ(Refusal(Write::kUpdate, R"({"interval_seconds":30,"cron":"* * * * *"})"),
            "interval_seconds cannot be given together with cron");
  EXPECT_EQ(Refusal(Write::kUpdate, R"({"cron":5})"), "cron must be a string");
}

TEST_F(MonitorDecodeTest, TextsKeepNullAndBlankApart) {
  ASSERT_TRUE(Apply(Write::kCreate, R"({"description":"","image":5,"external_url":{"a":1}})"));
  EXPECT_EQ(Shown("description"), Value(""));
  EXPECT_EQ(Shown("image"), Value("5"));
  EXPECT_EQ(Shown("external_url"), Value("{\"a\":1}"));
  EXPECT_EQ(Shown("category_name"), Value());
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"description":null,"image":""})"));
  EXPECT_EQ(Shown("description"), Value());
  EXPECT_EQ(Shown("image"), Value(""));
  EXPECT_EQ(Refusal(Write::kUpdate, R"({"description":[]})"), "description must be a string");
}

TEST_F(MonitorDecodeTest, TypeDataMergesAndClears) {
  ASSERT_TRUE(
      Apply(Write::kCreate, R"({"type_data":{"url":"https://a.example.org","x":{"y":1}}})"));
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"type_data":{"timeout":9000,"x":2}})"));
  EXPECT_EQ(WriteJson(Shown("type_data")),
            R"({"url":"https://a.example.org","x":2,"timeout":9000})");
  EXPECT_EQ(monitor_.spec.IntOr("timeout_ms", 0), 9000);
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"name":"x"})"));
  EXPECT_EQ(monitor_.spec.IntOr("timeout_ms", 0), 9000);
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"type_data":null})"));
  EXPECT_EQ(WriteJson(Shown("type_data")), "{}");
  EXPECT_TRUE(monitor_.spec.AsObject().empty());
}

TEST_F(MonitorDecodeTest, ChangingTheTypeReadsTypeDataAnew) {
  ASSERT_TRUE(Apply(Write::kCreate, R"({"type_data":{"secretString":"s","url":"http://a"}})"));
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"monitor_type":"HEARTBEAT"})"));
  EXPECT_EQ(monitor_.kind, "heartbeat");
  EXPECT_EQ(monitor_.spec.StringOr("secret", ""), "s");
  EXPECT_EQ(WriteJson(Shown("type_data")), R"({"secretString":"s","url":"http://a"})");
}

TEST_F(MonitorDecodeTest, FormulasReachTheModelAndBack) {
  ASSERT_TRUE(Apply(Write::kCreate, R"({"monitor_settings_json":{}})"));
  EXPECT_EQ(WriteJson(Shown("monitor_settings_json")), "{}");
  ASSERT_TRUE(
      Apply(Write::kUpdate, R"({"monitor_settings_json":{"uptime_formula_numerator":"up"}})"));
  EXPECT_EQ(monitor_.uptime.numerator, "up");
  monitor_.uptime.numerator = "up + degraded";  // changed through another dialect
  EXPECT_EQ(Shown("monitor_settings_json").StringOr("uptime_formula_numerator", ""),
            "up + degraded");
  ASSERT_TRUE(Apply(Write::kUpdate, R"({"monitor_settings_json":null})"));
  EXPECT_EQ(monitor_.uptime, model::UptimeFormula{});
}

TEST_F(MonitorDecodeTest, ServiceErrorsSpeakOurWords) {
  Error error(ErrorKind::kInvalid, "category must be at most 255 bytes long");
  error.fields = {{"category", "category must be at most 255 bytes long"}};
  EXPECT_EQ(InOurWords(error, "http").message, "category_name must be at most 255 bytes long");
  error.fields = {{"spec.timeout_ms", "must be between 1 and 2"}};
  EXPECT_EQ(InOurWords(error, "http").message, "type_data.timeout must be between 1 and 2");
  error.fields = {{"schedule.cron", "cron is not valid: x"}};
  EXPECT_EQ(InOurWords(error, "http").message, "cron is not valid: x");
}

}  // namespace
}  // namespace pharos::api::kener_v4
