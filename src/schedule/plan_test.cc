#include "schedule/plan.h"

#include <gtest/gtest.h>

#include <map>

#include "base/crypto.h"
#include "rules/schedule_policy.h"

namespace pharos::schedule {
namespace {

const Timestamp kNow = FromUnixSeconds(1'750'000'020);

model::Monitor MakeMonitor(int64_t id, Duration interval) {
  model::Monitor m;
  m.id = model::MonitorId(id);
  m.uid = "uid-" + std::to_string(id);
  m.org = model::OrgId(1);
  m.tag = "m" + std::to_string(id);
  m.kind = "http";
  m.schedule = {model::Schedule::Kind::kInterval, interval, "", ""};
  m.revision = 1;
  return m;
}

class PlanTest : public testing::Test {
 protected:
  store::MonitorDirectory directory_;
  Plan plan_{directory_, {Seconds(10), 60}};
};

TEST_F(PlanTest, AfterAStartEveryMonitorComesUpOnceWithinOneInterval) {
  for (int64_t i = 1; i <= 1'000; ++i) directory_.Put(MakeMonitor(i, Minutes(1)));
  plan_.Fill(kNow);
  EXPECT_FALSE(plan_.TakeDue(kNow - Duration(1)));
  std::map<model::MonitorId, int> seen;
  for (Timestamp t = kNow; t <= kNow + Minutes(1); t += Milliseconds(50)) {
    while (auto due = plan_.TakeDue(t)) ++seen[due->monitor->id];
  }
  EXPECT_EQ(seen.size(), 1'000u);
}

TEST_F(PlanTest, StartsAreSpreadOverTheInterval) {
  for (int64_t i = 1; i <= 6'000; ++i) directory_.Put(MakeMonitor(i, Minutes(1)));
  plan_.Fill(kNow);
  size_t most = 0;
  for (int s = 1; s <= 60; ++s) {
    size_t in_second = 0;
    while (plan_.TakeDue(kNow + Seconds(s))) ++in_second;
    most = std::max(most, in_second);
  }
  EXPECT_LT(most, 160u);  // 100 on average
}

TEST_F(PlanTest, ANewMonitorIsDueAtOnceAndThenAtItsPhase) {
  directory_.Put(MakeMonitor(1, Minutes(1)));
  plan_.Refresh(model::MonitorId(1), kNow);
  const auto first = plan_.TakeDue(kNow);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->at, kNow);
  EXPECT_FALSE(plan_.TakeDue(kNow));
  // At its phase; in the next minute, when this minute's sample is the one that was just taken.
  const auto next = plan_.NextAt(kNow);
  ASSERT_TRUE(next);
  EXPECT_EQ(*next, rules::NextDueAt(*first->monitor, *next - Duration(1)));
  EXPECT_LE(*next, kNow + Minutes(2));
}

// The check of its phase must not replace the sample of the check that its creation asked for.
TEST_F(PlanTest, NoTwoChecksOfOneMonitorShareASampleTime) {
  for (const Duration interval : {Seconds(1), Seconds(20), Seconds(60), Seconds(90), Hours(1)}) {
    for (int64_t i = 1; i <= 200; ++i) {
      const Duration step = interval < Minutes(1) ? Seconds(1) : Minutes(1);
      store::MonitorDirectory directory;
      Plan plan(directory, {Seconds(10), 60});
      directory.Put(MakeMonitor(i, interval));
      const Timestamp made = kNow + Milliseconds(37 * i);
      plan.Refresh(model::MonitorId(i), made);
      Timestamp before{};
      Timestamp now = made;
      for (int check = 0; check < 5; ++check) {
        const auto due = plan.TakeDue(now);
        ASSERT_TRUE(due);
        const Timestamp slot = FloorTo(due->at, step);
        ASSERT_GT(slot, before) << "monitor " << i << " check " << check;
        before = slot;
        now = *plan.NextAt(now);
      }
    }
  }
}

// A fast monitor that changes just after its check is checked again in the next second.
TEST_F(PlanTest, AChangeWithinTheSecondOfACheckWaitsForTheNextOne) {
  directory_.Put(MakeMonitor(1, Seconds(20)));
  plan_.Refresh(model::MonitorId(1), kNow);
  ASSERT_TRUE(plan_.TakeDue(kNow));
  plan_.Refresh(model::MonitorId(1), kNow + Milliseconds(300));
  EXPECT_FALSE(plan_.TakeDue(kNow + Milliseconds(999)));
  const auto again = plan_.TakeDue(kNow + Seconds(1));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->at, kNow + Seconds(1));
}

TEST_F(PlanTest, PausedAndDeletedMonitorsLeaveThePlan) {
  model::Monitor m = MakeMonitor(1, Minutes(1));
  directory_.Put(m);
  plan_.Refresh(m.id, kNow);
  m.active = false;
  m.revision = 2;
  directory_.Put(m);
  plan_.Refresh(m.id, kNow);
  EXPECT_EQ(plan_.Size(), 0u);
  directory_.Remove(m.id);
  plan_.Refresh(m.id, kNow);
  EXPECT_FALSE(plan_.TakeDue(kNow + Minutes(5)));
}

TEST_F(PlanTest, LatenessDoesNotAddUpAndThePastIsNotCaughtUp) {
  directory_.Put(MakeMonitor(1, Seconds(5)));
  plan_.Fill(kNow);
  ASSERT_TRUE(plan_.TakeDue(kNow + Seconds(9)));
  const auto next = plan_.NextAt(kNow);
  ASSERT_TRUE(next);
  EXPECT_GT(*next, kNow + Seconds(9));
  EXPECT_LE(*next, kNow + Seconds(14));
}

TEST_F(PlanTest, AShortStallIsLatenessALongOneIsBlindness) {
  directory_.Put(MakeMonitor(1, Seconds(5)));
  plan_.Fill(kNow);
  EXPECT_TRUE(plan_.AccountForPause(kNow, kNow + Seconds(9)).empty());
  const auto blind = plan_.AccountForPause(kNow, kNow + Seconds(61));
  EXPECT_GE(blind.size(), 12u);
  EXPECT_LE(blind.size(), 13u);
  for (const model::CheckResult& result : blind) {
    EXPECT_EQ(result.outcome, model::CheckOutcome::kBlind);
    EXPECT_LE(result.at, kNow + Seconds(61));
  }
  EXPECT_GT(*plan_.NextAt(kNow), kNow + Seconds(61));
}

TEST_F(PlanTest, BlindnessIsBoundedPerMonitor) {
  directory_.Put(MakeMonitor(1, Seconds(1)));
  plan_.Fill(kNow);
  EXPECT_EQ(plan_.AccountForPause(kNow, kNow + Days(1)).size(), 60u);
}

TEST_F(PlanTest, BlindnessIsBoundedForAllMonitorsTogether) {
  for (int64_t i = 1; i <= 5'000; ++i) directory_.Put(MakeMonitor(i, Seconds(1)));
  plan_.Fill(kNow);
  EXPECT_EQ(plan_.AccountForPause(kNow, kNow + Days(1)).size(), 100'000u);
}

TEST_F(PlanTest, WhenTheClockGoesBackAllTimesAreMadeAnew) {
  directory_.Put(MakeMonitor(1, Minutes(1)));
  plan_.Fill(kNow + Days(1));
  plan_.Rebuild(kNow);
  EXPECT_LE(*plan_.NextAt(kNow), kNow + Minutes(1));
}

// There is nothing to see at a manual monitor: what was written by hand stands through a pause.
TEST_F(PlanTest, NobodyIsBlindForManualMonitors) {
  model::Monitor m = MakeMonitor(1, Seconds(5));
  m.kind = "manual";
  directory_.Put(m);
  plan_.Fill(kNow);
  EXPECT_TRUE(plan_.AccountForPause(kNow, kNow + Minutes(5)).empty());
  EXPECT_GT(*plan_.NextAt(kNow), kNow + Minutes(5));
}

}  // namespace
}  // namespace pharos::schedule
