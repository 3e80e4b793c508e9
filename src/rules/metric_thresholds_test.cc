#include "rules/metric_thresholds.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pharos::rules {
namespace {

using model::Status;

Value Json(std::string_view text) { return ParseJson(text).value(); }

struct Row {
  const char* metrics;
  Status status;
  const char* reason;
};

TEST(MetricThresholds, Table) {
  const Row rows[] = {
      {R"({"error_rate":1})", Status::kUp, ""},
      {R"({"error_rate":1.01})", Status::kDegraded, "Error rate exceeded 1% threshold"},
      {R"({"error_rate":10})", Status::kDegraded, "Error rate exceeded 1% threshold"},
      {R"({"error_rate":10.5})", Status::kPartialOutage, "Error rate exceeded 10% threshold"},
      {R"({"error_rate":51})", Status::kDown, "Error rate exceeded 50% threshold"},
      {R"({"cpu_percent":96,"error_rate":0})", Status::kDown, "CPU usage exceeded 95% threshold"},
      {R"({"memory_percent":70})", Status::kUp, ""},
      {R"({"memory_percent":70.5})", Status::kDegraded, "Memory usage exceeded 70% threshold"},
      {R"({"response_time_ms":3001,"error_rate":2})", Status::kPartialOutage,
       "Response time exceeded 3000ms threshold"},
      {R"({"request_count":1000000,"error_count":5000})", Status::kUp, ""},
      {R"({"error_rate":"60"})", Status::kUp, ""},
      {"{}", Status::kUp, ""},
  };
  for (const Row& row : rows) {
    const MetricVerdict verdict = JudgeMetrics(Json(row.metrics), Value());
    EXPECT_EQ(verdict.status, row.status) << row.metrics;
    EXPECT_EQ(VerdictReason(verdict), row.reason) << row.metrics;
  }
}

TEST(MetricThresholds, Overrides) {
  const Value overrides = Json(R"({"error_rate":{"degraded":5,"major_outage":null}})");
  EXPECT_EQ(JudgeMetrics(Json(R"({"error_rate":4})"), overrides).status, Status::kUp);
  EXPECT_EQ(JudgeMetrics(Json(R"({"error_rate":6})"), overrides).status, Status::kDegraded);
  EXPECT_EQ(JudgeMetrics(Json(R"({"error_rate":99})"), overrides).status, Status::kPartialOutage);
  EXPECT_TRUE(CheckMetricOverrides(overrides, "thresholds").empty());
  EXPECT_EQ(
      CheckMetricOverrides(Json(R"({"request_count":{},"error_rate":{"bad":1}})"), "t").size(), 2u);
}

TEST(MetricThresholds, EveryBreachIsListed) {
  const MetricVerdict verdict =
      JudgeMetrics(Json(R"({"error_rate":12.5,"response_time_ms":1500})"), Value());
  ASSERT_EQ(verdict.breaches.size(), 2u);
  EXPECT_EQ(verdict.breaches[0].limit, 10);
  EXPECT_EQ(verdict.breaches[1].status, Status::kDegraded);
}

}  // namespace
}  // namespace pharos::rules
