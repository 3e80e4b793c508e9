#include "api/kodo/expiring.h"

#include <gtest/gtest.h>

#include "api/kodo/monitor_parts.h"
#include "api/kodo/words.h"

namespace pharos::api::kodo {
namespace {

// kodo.md 9, thresholds; check 60.
TEST(KodoExpiry, WordsOfAChecksOutcome) {
  EXPECT_EQ(ExpiryWord(true, 41, 30), "ok");
  EXPECT_EQ(ExpiryWord(true, 30, 30), "warning");
  EXPECT_EQ(ExpiryWord(true, 20, 30), "warning");
  EXPECT_EQ(ExpiryWord(true, 7, 30), "critical");
  EXPECT_EQ(ExpiryWord(true, 0, 30), "critical");
  EXPECT_EQ(ExpiryWord(false, -1, 30), "critical");  // expired
  EXPECT_EQ(ExpiryWord(false, 41, 30), "error");     // nobody trusts it
  EXPECT_EQ(ExpiryWord(false, std::nullopt, 30), "error");
  EXPECT_EQ(ExpiryWord(true, std::nullopt, 30), "ok");
  EXPECT_EQ(ExpiryWord(true, 5, 3), "critical");
}

TEST(KodoExpiry, AlertDaysBecomeLimitsOfTheProbe) {
  const ExpiryLimits hours = {"degraded_below_hours", "down_below_hours", 24};
  model::Monitor monitor;
  SetAlertDays(hours, 30, monitor);
  EXPECT_EQ(AlertDays(hours, monitor, 1), 30);
  EXPECT_EQ(monitor.spec.IntOr("degraded_below_hours", 0), 720);
  EXPECT_EQ(monitor.spec.IntOr("down_below_hours", 0), 168);
  SetAlertDays(hours, 3, monitor);
  EXPECT_EQ(monitor.spec.IntOr("degraded_below_hours", 0), 72);
  EXPECT_EQ(monitor.spec.IntOr("down_below_hours", 0), 72);
  EXPECT_EQ(AlertDays(hours, model::Monitor(), 60), 60);
  model::Monitor foreign;
  foreign.spec.Set("degraded_below_hours", 14 * 24);
  EXPECT_EQ(AlertDays(hours, foreign, 60), 14);
}

TEST(KodoExpiry, NotesOfOtherDialectsStay) {
  model::Monitor monitor;
  monitor.notes.Set("kener_v4", Value(Value::Object{{"a", 1}}));
  SetNote(monitor, "alert_days", 9);
  SetNote(monitor, "grace_multiplier", 2.5);
  EXPECT_EQ(NoteOf(monitor, "alert_days"), Value(9));
  EXPECT_EQ(NoteOf(monitor, "grace_multiplier"), Value(2.5));
  EXPECT_TRUE(NoteOf(monitor, "nothing").IsNull());
  EXPECT_NE(monitor.notes.Find("kener_v4"), nullptr);
}

TEST(KodoExpiry, DaysAreCountedDown) {
  const Timestamp now = FromUnixSeconds(1'000'000);
  EXPECT_EQ(DaysUntil(now + Days(3), now), 3);
  EXPECT_EQ(DaysUntil(now + Days(3) - Seconds(1), now), 2);
  EXPECT_EQ(DaysUntil(now - Seconds(1), now), -1);
  EXPECT_EQ(DaysUntil(std::nullopt, now), std::nullopt);
}

TEST(KodoWords, EveryWordReadsBack) {
  for (const std::string_view word : kServiceWords) {
    EXPECT_EQ(ServiceWord(ParseServiceWord(word).value()), word);
  }
  for (const std::string_view word : kMonitorWords) {
    EXPECT_EQ(MonitorWord(ParseMonitorWord(word).value()), word);
  }
  for (const std::string_view word : kIncidentStates) {
    EXPECT_EQ(IncidentStateWord(ParseIncidentState(word).value()), word);
  }
  for (const std::string_view word : kSeverities) {
    EXPECT_EQ(SeverityWord(ParseSeverity(word).value()), word);
  }
  for (const std::string_view word : kMaintenanceStates) {
    EXPECT_EQ(MaintenanceWord(ParseMaintenanceWord(word).value()), word);
  }
  EXPECT_FALSE(ParseServiceWord("up"));
  EXPECT_FALSE(ParseMonitorWord("operational"));
  EXPECT_EQ(ServiceWord(model::Status::kNoData), "operational");
  EXPECT_EQ(MonitorWord(model::Status::kNoData), "pending");
}

}  // namespace
}  // namespace pharos::api::kodo
