#include "page/rebuild_plan.h"

#include <gtest/gtest.h>

#include "base/fake_clock.h"

namespace pharos::page {
namespace {

class RebuildPlanTest : public ::testing::Test {
 protected:
  bool Due() const { return clock_.Monotonic() >= plan_.DueAt(); }
  void Build(Duration took) {
    plan_.Started(clock_.Monotonic());
    clock_.Advance(took);
    plan_.Finished(clock_.Monotonic());
  }

  FakeClock clock_;
  RebuildPlan plan_{Seconds(1)};
};

TEST_F(RebuildPlanTest, FirstBuildIsDueAtOnce) { EXPECT_TRUE(Due()); }

TEST_F(RebuildPlanTest, ChangesAreCoalescedToOnePerSecond) {
  int builds = 0;
  for (int i = 0; i < 1000; ++i) {  // ten seconds with a change every 10 ms
    plan_.Touch(true);
    if (Due()) {
      Build(Milliseconds(1));
      ++builds;
    }
    clock_.Advance(Milliseconds(10));
  }
  EXPECT_GE(builds, 9);
  EXPECT_LE(builds, 11);
}

TEST_F(RebuildPlanTest, MereSamplesWaitTenTimesAsLong) {
  Build(Milliseconds(1));
  plan_.Touch(false);
  clock_.Advance(Seconds(9));
  EXPECT_FALSE(Due());
  clock_.Advance(Seconds(1));
  EXPECT_TRUE(Due());
}

TEST_F(RebuildPlanTest, AChangeAmongSamplesIsNotHeldBack) {
  Build(Milliseconds(1));
  plan_.Touch(false);
  plan_.Touch(true);
  plan_.Touch(false);
  clock_.Advance(Seconds(1));
  EXPECT_TRUE(Due());
}

TEST_F(RebuildPlanTest, OnceAMinuteWithoutAnyNews) {
  Build(Milliseconds(1));
  clock_.Advance(Seconds(58));
  EXPECT_FALSE(Due());
  clock_.Advance(Seconds(2));
  EXPECT_TRUE(Due());
}

TEST_F(RebuildPlanTest, SlowBuildsLeaveTimeForOthers) {
  Build(Seconds(4));
  plan_.Touch(true);
  clock_.Advance(Seconds(7));
  EXPECT_FALSE(Due());
  clock_.Advance(Seconds(1));
  EXPECT_TRUE(Due());
}

TEST_F(RebuildPlanTest, WhoMaySeeWhatDoesNotWaitASecond) {
  Build(Milliseconds(1));
  plan_.TouchAccess();
  EXPECT_FALSE(Due());
  clock_.Advance(Milliseconds(100));
  EXPECT_TRUE(Due());
  Build(Milliseconds(1));
  plan_.Touch(true);
  clock_.Advance(Milliseconds(100));
  EXPECT_FALSE(Due()) << "one urgent build does not make the next one urgent";
}

TEST_F(RebuildPlanTest, AFailedBuildIsTriedAgain) {
  plan_.Started(clock_.Monotonic());
  plan_.Failed(clock_.Monotonic());
  EXPECT_FALSE(Due());
  clock_.Advance(Seconds(1));
  EXPECT_TRUE(Due());
}

}  // namespace
}  // namespace pharos::page
