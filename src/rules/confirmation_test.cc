#include "rules/confirmation.h"

#include <gtest/gtest.h>

#include "rules/rules_testing.h"

namespace pharos::rules {
namespace {

using model::Status;

model::Status FromLetter(char c) {
  switch (c) {
    case 'U':
      return Status::kUp;
    case 'D':
      return Status::kDown;
    case 'G':
      return Status::kDegraded;
    case 'P':
      return Status::kPartialOutage;
    case 'M':
      return Status::kMaintenance;
    default:
      return Status::kNoData;
  }
}

struct Row {
  const char* name;
  int threshold;
  std::string observed;
  std::string stored;  // in the end, after corrections
};

class ConfirmationTable : public testing::TestWithParam<Row> {};

TEST_P(ConfirmationTable, StoredLine) {
  const Row& row = GetParam();
  Walk walk(row.threshold);
  const int count = static_cast<int>(row.observed.size());
  for (int n = 0; n < count; ++n) walk.Check(n, FromLetter(row.observed[static_cast<size_t>(n)]));
  EXPECT_EQ(walk.Line(count), row.stored);
}

INSTANTIATE_TEST_SUITE_P(
    Product19, ConfirmationTable,
    testing::Values(Row{"off", 1, "UDUGU", "UDUGU"}, Row{"single_failure_is_held", 3, "UDU", "UUU"},
                    Row{"two_failures_are_held", 3, "UDDU", "UUUU"},
                    Row{"third_failure_corrects_history", 3, "UDDD", "UDDD"},
                    Row{"recovery_is_held_too", 3, "UDDDU", "UDDDD"},
                    Row{"recovery_confirmed_corrects_history", 3, "UDDDUUU", "UDDDUUU"},
                    Row{"recovery_interrupted", 3, "UDDDUUDUUU", "UDDDDDDUUU"},
                    Row{"first_sample_stands_at_once", 5, "D", "D"},
                    Row{"down_and_degraded_change_at_once", 3, "DGDG", "DGDG"},
                    Row{"down_and_degraded_count_together", 3, "UDGD", "UDGD"},
                    Row{"partial_outage_is_unhealthy", 2, "UPD", "UPD"},
                    Row{"no_data_is_transparent", 3, "UDNDND", "UDNDND"},
                    Row{"no_data_first_makes_no_anchor", 3, "NDU", "NDD"},
                    Row{"neutral_anchor_lets_pass", 3, "UMD", "UMD"},
                    Row{"two_is_enough_for_two", 2, "UDDUU", "UDDUU"},
                    Row{"flapping_never_confirms", 2, "UDUDUDU", "UUUUUUU"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Confirmation, HeldSampleKeepsLatencyAndReason) {
  Walk walk(3);
  walk.Check(0, Status::kUp);
  walk.Check(1, Status::kDown, 777, "connection refused");
  const model::Sample& held = walk.Stored(1);
  EXPECT_EQ(held.status, Status::kUp);
  EXPECT_EQ(held.observed, Status::kDown);
  EXPECT_EQ(held.latency_ms, 777);
  EXPECT_EQ(held.message, "connection refused | Status held during grace period");
  walk.Check(2, Status::kDown);
  EXPECT_EQ(walk.Stored(2).message, "Status held during grace period");
}

TEST(Confirmation, ConfirmedFailureNamesTheCount) {
  Walk walk(3);
  walk.Check(0, Status::kUp);
  walk.Check(1, Status::kDown, 0, "refused");
  walk.Check(2, Status::kDegraded);
  walk.Check(3, Status::kDown, 0, "refused");
  EXPECT_EQ(walk.Stored(1).message,
            "refused | Status held during grace period | Down confirmed after 3 consecutive "
            "checks");
  EXPECT_EQ(walk.Stored(2).message,
            "Status held during grace period | Degraded confirmed after 3 consecutive checks");
  EXPECT_EQ(walk.Stored(3).message, "refused");
}

TEST(Confirmation, ConfirmedRecoveryClearsReasons) {
  Walk walk(2);
  walk.Check(0, Status::kDown);
  walk.Check(1, Status::kUp);
  EXPECT_EQ(walk.Stored(1).message, "Status held during grace period");
  walk.Check(2, Status::kUp);
  EXPECT_EQ(walk.Stored(1).message, "");
  EXPECT_EQ(walk.Stored(1).status, Status::kUp);
}

TEST(Confirmation, RewrittenSamplesComeBeforeTheNewOne) {
  Walk walk(3);
  for (int n = 0; n < 4; ++n) walk.Check(n, n == 0 ? Status::kUp : Status::kDown);
  ASSERT_EQ(walk.last.size(), 6u);
  EXPECT_EQ(std::get<StoreSample>(walk.last[0]).sample.at, Walk::At(1));
  EXPECT_EQ(std::get<StoreSample>(walk.last[1]).sample.at, Walk::At(2));
  EXPECT_EQ(std::get<StoreSample>(walk.last[2]).sample.at, Walk::At(3));
  EXPECT_TRUE(std::holds_alternative<SetState>(walk.last.back()));
  EXPECT_TRUE(walk.state.held.empty());
}

TEST(Confirmation, OverlayFreezesAndStartsAgain) {
  Walk walk(3);
  walk.Check(0, Status::kUp);
  walk.Check(1, Status::kDown);
  walk.Check(2, Status::kDown);
  walk.overlay.incident = Status::kDegraded;
  walk.Check(3, Status::kDown);
  walk.overlay.incident.reset();
  walk.Check(4, Status::kDown);
  walk.Check(5, Status::kDown);
  EXPECT_EQ(walk.Line(6), "UUUGUU");
  walk.Check(6, Status::kDown);
  EXPECT_EQ(walk.Line(7), "UUUGDDD");
}

TEST(Confirmation, ManualAndDefaultSamplesAreInvisible) {
  Walk walk(3);
  walk.Check(0, Status::kUp);
  walk.Check(1, Status::kDown);
  walk.Manual(2, Status::kUp);
  walk.Check(3, Status::kDown);
  walk.Check(4, Status::kDown);
  EXPECT_EQ(walk.Line(5), "UDUDD");
}

TEST(Confirmation, ManualSampleOverAHeldOneIsNotRewritten) {
  Walk walk(2);
  walk.Check(0, Status::kUp);
  walk.Check(1, Status::kDown);
  walk.Manual(1, Status::kMaintenance);
  walk.Check(2, Status::kDown);
  EXPECT_EQ(walk.Line(3), "UMU");
  walk.Check(3, Status::kDown);
  EXPECT_EQ(walk.Line(4), "UMDD");
}

TEST(Confirmation, TimeoutsAndErrorsCount) {
  Walk walk(2);
  walk.Check(0, Status::kUp);
  model::CheckResult timeout = Walk::Probe(Walk::At(1), Status::kDown);
  timeout.outcome = model::CheckOutcome::kTimeout;
  walk.Judge(timeout);
  model::CheckResult error = Walk::Probe(Walk::At(2), Status::kDown);
  error.outcome = model::CheckOutcome::kError;
  walk.Judge(error);
  EXPECT_EQ(walk.Line(3), "UDD");
  EXPECT_EQ(walk.Stored(1).origin, model::SampleOrigin::kTimeout);
  EXPECT_EQ(walk.Stored(2).origin, model::SampleOrigin::kError);
}

TEST(Confirmation, SecondResultOfAMinuteCountsOnce) {
  Walk walk(3);
  walk.Check(0, Status::kUp);
  for (int i = 0; i < 5; ++i) walk.Check(1, Status::kDown);
  EXPECT_EQ(walk.state.held.size(), 1u);
  EXPECT_EQ(walk.Line(2), "UU");
}

TEST(Confirmation, ThresholdThatIsLoweredTakesEffectAtTheNextCheck) {
  Walk walk(10);
  walk.Check(0, Status::kUp);
  for (int n = 1; n <= 4; ++n) walk.Check(n, Status::kDown);
  walk.monitor.confirmation_threshold = 3;
  walk.Check(5, Status::kDown);
  EXPECT_EQ(walk.Line(6), "UDDDDD");
}

TEST(Confirmation, HeldSamplesAreBounded) {
  Walk walk(1'000'000);
  walk.Check(0, Status::kUp);
  for (int n = 1; n <= 60; ++n) {
    walk.Check(n, Status::kDown);
    EXPECT_LE(walk.state.held.size(), 60u);
  }
  EXPECT_EQ(walk.state.shown, Status::kDown);
}

TEST(Confirmation, LongReasonsGiveWayToTheNote) {
  Walk walk(2);
  walk.Check(0, Status::kUp);
  walk.Check(1, Status::kDown, 0, std::string(300, 'x'));
  EXPECT_EQ(walk.Stored(1).message.size(), 200u);
  EXPECT_TRUE(walk.Stored(1).message.ends_with("... | Status held during grace period"));
  walk.Check(2, Status::kDown);
  EXPECT_LE(walk.Stored(1).message.size(), 200u);
  EXPECT_TRUE(walk.Stored(1).message.ends_with(" | Down confirmed after 2 consecutive checks"));
}

TEST(Confirmation, NoteIsAddedOnce) {
  Walk walk(2);
  walk.Check(0, Status::kUp);
  walk.Check(1, Status::kDown, 0, "Status held during grace period");
  EXPECT_EQ(walk.Stored(1).message, "Status held during grace period");
}

}  // namespace
}  // namespace pharos::rules
