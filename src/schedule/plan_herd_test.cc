// No thundering herd: whatever happens to the machine or the clock, checks are begun about as
// evenly as ever. A second may hold a small multiple of the mean and no more.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "rules/schedule_policy.h"
#include "schedule/plan.h"

namespace pharos::schedule {
namespace {

const Timestamp kNow = FromUnixSeconds(1'750'000'020);
constexpr int kMonitors = 10'000;
constexpr double kMean = kMonitors / 60.0;
constexpr double kMultiple = 4;  // of the mean, with the hundred that may always come together

model::Monitor MakeMonitor(int64_t id) {
  model::Monitor m;
  m.id = model::MonitorId(id);
  m.uid = "4f0c2b1e-uid-" + std::to_string(id * 7919);
  m.org = model::OrgId(1);
  m.tag = "m" + std::to_string(id);
  m.kind = "http";
  m.schedule = {model::Schedule::Kind::kInterval, Minutes(1), "", ""};
  m.revision = 1;
  return m;
}

class HerdTest : public testing::Test {
 protected:
  void Put(int count, const std::function<void(model::Monitor&)>& change = {}) {
    for (int64_t i = 1; i <= count; ++i) {
      model::Monitor m = MakeMonitor(i);
      if (change) change(m);
      directory_.Put(std::move(m));
    }
  }
  // Runs the loop until `end` and counts starts by second.
  void RunTo(Timestamp end) {
    for (; now_ < end; now_ += Milliseconds(20)) {
      while (const auto due = plan_.TakeDue(now_)) {
        ++by_second_[ToUnixSeconds(now_)];
        worst_late_ = std::max<Duration>(worst_late_, now_ - due->due);
        last_[due->monitor->id] = due->at;
      }
    }
  }
  int Most() const {
    int most = 0;
    for (const auto& [second, count] : by_second_) most = std::max(most, count);
    return most;
  }
  void Forget() {
    by_second_.clear();
    last_.clear();
    worst_late_ = {};
  }
  void ExpectEven() {
    EXPECT_LE(Most(), kMultiple * kMean + 100);
    EXPECT_EQ(last_.size(), static_cast<size_t>(kMonitors));
  }
  static int64_t ToUnixSeconds(Timestamp t) { return ToUnixMicros(t) / 1'000'000; }

  store::MonitorDirectory directory_;
  Plan plan_{directory_, {Seconds(10), 60}};
  Timestamp now_ = kNow;
  std::map<int64_t, int> by_second_;
  std::map<model::MonitorId, Timestamp> last_;
  Duration worst_late_{};
};

TEST_F(HerdTest, AfterARestart) {
  Put(kMonitors);
  plan_.Fill(now_);
  RunTo(kNow + Seconds(61));
  ExpectEven();
  EXPECT_LT(worst_late_, Seconds(1));
}

TEST_F(HerdTest, AfterAPauseOfFiveMinutes) {
  Put(kMonitors);
  plan_.Fill(now_);
  RunTo(kNow + Seconds(30));
  Forget();
  plan_.AccountForPause(now_, now_ + Minutes(5));
  now_ += Minutes(5);
  RunTo(now_ + Seconds(61));
  ExpectEven();
}

// Too short to count as blind: all of it is begun, but not at once.
TEST_F(HerdTest, AfterAPauseThatIsNotBlindness) {
  Put(kMonitors);
  plan_.Fill(now_);
  RunTo(kNow + Seconds(30));
  Forget();
  EXPECT_TRUE(plan_.AccountForPause(now_, now_ + Seconds(9)).empty());
  now_ += Seconds(9);
  RunTo(now_ + Seconds(61));
  ExpectEven();
}

TEST_F(HerdTest, AfterTheClockJumpedBack) {
  Put(kMonitors);
  plan_.Fill(now_);
  RunTo(kNow + Seconds(30));
  Forget();
  now_ -= Hours(1);
  plan_.Rebuild(now_);
  RunTo(now_ + Seconds(61));
  ExpectEven();
}

TEST_F(HerdTest, AfterTheClockJumpedForward) {
  Put(kMonitors);
  plan_.Fill(now_);
  RunTo(kNow + Seconds(30));
  Forget();
  plan_.AccountForPause(now_, now_ + Days(3));
  now_ += Days(3);
  RunTo(now_ + Seconds(61));
  ExpectEven();
}

TEST_F(HerdTest, AfterTenThousandWereResumedAtOnce) {
  Put(kMonitors);
  for (int64_t i = 1; i <= kMonitors; ++i) plan_.Refresh(model::MonitorId(i), now_);
  RunTo(kNow + Seconds(61));
  ExpectEven();
  EXPECT_LT(worst_late_, Seconds(1));
}

TEST_F(HerdTest, ResumedOnesDoNotHoldUpTheOthers) {
  Put(kMonitors);
  plan_.Fill(now_);
  RunTo(kNow + Seconds(5));
  for (int64_t i = 1; i <= kMonitors; i += 2) plan_.Refresh(model::MonitorId(i), now_);
  Forget();
  RunTo(now_ + Seconds(61));
  ExpectEven();
  EXPECT_LT(worst_late_, Seconds(1));
}

// Thousands with the same cron expression: within seconds, and under the minute they are meant for.
TEST_F(HerdTest, CronMonitorsOfTheSameMinute) {
  Put(kMonitors,
      [](model::Monitor& m) { m.schedule = {model::Schedule::Kind::kCron, {}, "0 * * * *", ""}; });
  plan_.Fill(now_);
  const Timestamp hour = FloorTo(kNow, Hours(1)) + Hours(1);
  now_ = hour - Seconds(1);
  RunTo(hour + Seconds(30));
  ASSERT_EQ(last_.size(), static_cast<size_t>(kMonitors));
  for (const auto& [id, at] : last_) EXPECT_EQ(at, hour);
  EXPECT_LE(Most(), kMonitors / 7);
  EXPECT_LT(worst_late_, Seconds(5));
}

// Seeded: any mix of the above, over and over.
TEST_F(HerdTest, WhateverHappens) {
  Put(kMonitors);
  plan_.Fill(now_);
  uint64_t seed = 42;
  const auto roll = [&seed](uint64_t sides) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed >> 33) % sides;
  };
  for (int round = 0; round < 40; ++round) {
    const Timestamp before = now_;
    switch (roll(4)) {
      case 0:
        now_ += Seconds(static_cast<int64_t>(1 + roll(400)));
        plan_.AccountForPause(before, now_);
        break;
      case 1:
        now_ -= Seconds(static_cast<int64_t>(6 + roll(4'000)));
        plan_.Rebuild(now_);
        break;
      case 2:
        for (uint64_t i = 1; i <= kMonitors; i += 1 + roll(3)) {
          plan_.Refresh(model::MonitorId(static_cast<int64_t>(i)), now_);
        }
        break;
      default:
        plan_.Rebuild(now_);
    }
    by_second_.clear();
    RunTo(now_ + Seconds(static_cast<int64_t>(1 + roll(20))));
    ASSERT_LE(Most(), kMultiple * kMean + 100) << "round " << round;
  }
}

}  // namespace
}  // namespace pharos::schedule
