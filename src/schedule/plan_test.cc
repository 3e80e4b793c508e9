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
  EXPECT_EQ(plan_.NextAt(), rules::NextDueAt(*first->monitor, kNow));
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
  const auto next = plan_.NextAt();
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
  EXPECT_GT(*plan_.NextAt(), kNow + Seconds(61));
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
  EXPECT_LE(*plan_.NextAt(), kNow + Minutes(1));
}

// There is nothing to see at a manual monitor: what was written by hand stands through a pause.
TEST_F(PlanTest, NobodyIsBlindForManualMonitors) {
  model::Monitor m = MakeMonitor(1, Seconds(5));
  m.kind = "manual";
  directory_.Put(m);
  plan_.Fill(kNow);
  EXPECT_TRUE(plan_.AccountForPause(kNow, kNow + Minutes(5)).empty());
  EXPECT_GT(*plan_.NextAt(), kNow + Minutes(5));
}

}  // namespace
}  // namespace pharos::schedule
