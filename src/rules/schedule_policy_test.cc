#include "rules/schedule_policy.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace pharos::rules {
namespace {

const Timestamp kNoon = FromUnixSeconds(1'772'625'600);  // 2026-03-04 12:00:00 UTC

std::string RandomUid(std::mt19937_64& random) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string uid = "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx";
  for (char& c : uid) {
    if (c == 'x') c = kHex[random() % 16];
  }
  return uid;
}

model::Monitor Every(Duration interval, std::string uid = "some-uid") {
  model::Monitor monitor;
  monitor.uid = std::move(uid);
  monitor.schedule.kind = model::Schedule::Kind::kInterval;
  monitor.schedule.interval = interval;
  return monitor;
}

model::Monitor Cron(std::string expression, std::string zone = "") {
  model::Monitor monitor;
  monitor.schedule.kind = model::Schedule::Kind::kCron;
  monitor.schedule.cron = std::move(expression);
  monitor.schedule.time_zone = std::move(zone);
  return monitor;
}

// Chi-square over 100 bins; 173 is far beyond the 99.999 % quantile of 99 degrees of freedom.
void ExpectEvenlySpread(const std::vector<std::string>& uids, Duration interval) {
  constexpr size_t kBins = 100;
  std::vector<int> bins(kBins);
  for (const std::string& uid : uids) {
    const Duration phase = PhaseOf(uid, interval);
    ASSERT_GE(phase, Duration::zero());
    ASSERT_LT(phase, interval);
    ++bins[static_cast<size_t>(phase.count() * static_cast<int64_t>(kBins) / interval.count())];
  }
  const double expected = static_cast<double>(uids.size()) / kBins;
  double chi_square = 0;
  for (const int bin : bins) chi_square += (bin - expected) * (bin - expected) / expected;
  EXPECT_LT(chi_square, 173) << ToMillis(interval) << " ms";
}

TEST(SchedulePolicy, PhasesAreSpreadEvenly) {
  std::mt19937_64 random(47);
  std::vector<std::string> random_uids;
  std::vector<std::string> numbered;
  for (int i = 0; i < 10'000; ++i) {
    random_uids.push_back(RandomUid(random));
    numbered.push_back("monitor-" + std::to_string(i));
  }
  for (const Duration interval : {Seconds(1), Seconds(30), Minutes(1), Minutes(5), Days(1)}) {
    ExpectEvenlySpread(random_uids, interval);
    ExpectEvenlySpread(numbered, interval);
  }
}

TEST(SchedulePolicy, PhasesNeverChange) {
  EXPECT_EQ(PhaseOf("", Minutes(1)), PhaseOf("", Minutes(1)));
  EXPECT_EQ(PhaseOf("c0ffee00-0000-4000-8000-000000000007", Minutes(1)), Duration(50'806'980));
  EXPECT_EQ(PhaseOf("anything", Duration::zero()), Duration::zero());
}

TEST(SchedulePolicy, NextIsStrictlyAfterAndPeriodic) {
  std::mt19937_64 random(53);
  for (int round = 0; round < 2000; ++round) {
    const Duration interval = Seconds(1 + static_cast<int64_t>(random() % 5000));
    const model::Monitor monitor = Every(interval, RandomUid(random));
    const Timestamp after =
        FromUnixMicros(static_cast<int64_t>(random() % 4'000'000'000'000'000ULL) - 1'000'000'000);
    const Timestamp first = *NextDueAt(monitor, after);
    EXPECT_GT(first, after);
    EXPECT_LE(first, after + interval);
    EXPECT_EQ(*NextDueAt(monitor, first), first + interval);
    EXPECT_EQ(*NextDueAt(monitor, first - Duration(1)), first);
    EXPECT_EQ(first, FloorTo(first, interval) + PhaseOf(monitor.uid, interval));
  }
}

TEST(SchedulePolicy, EveryMonitorIsDueWithinOneIntervalOfAStart) {
  std::mt19937_64 random(59);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_LE(*NextDueAt(Every(Minutes(1), RandomUid(random)), kNoon), kNoon + Minutes(1));
  }
}

TEST(SchedulePolicy, NothingIsDueWithoutASchedule) {
  model::Monitor never;
  EXPECT_EQ(NextDueAt(never, kNoon), std::nullopt);
  model::Monitor paused = Every(Minutes(1));
  paused.active = false;
  EXPECT_EQ(NextDueAt(paused, kNoon), std::nullopt);
  EXPECT_EQ(NextDueAt(Every(Duration::zero()), kNoon), std::nullopt);
  EXPECT_EQ(NextDueAt(Cron("nonsense"), kNoon), std::nullopt);
  EXPECT_EQ(NextDueAt(Cron("0 0 31 2 *"), kNoon), std::nullopt);
}

TEST(SchedulePolicy, CronMonitors) {
  EXPECT_EQ(*NextDueAt(Cron("* * * * *"), kNoon), kNoon + Minutes(1));
  EXPECT_EQ(*NextDueAt(Cron("* * * * *"), kNoon - Duration(1)), kNoon);
  EXPECT_EQ(*NextDueAt(Cron("*/15 * * * *"), kNoon + Minutes(16)), kNoon + Minutes(30));
  EXPECT_EQ(*NextDueAt(Cron("*/10 * * * * *"), kNoon + Seconds(3)), kNoon + Seconds(10));
  EXPECT_EQ(*NextDueAt(Cron("0 0 * * *"), kNoon), kNoon + Hours(12));
}

TEST(SchedulePolicy, CronIsReadInItsTimeZone) {
  // Midnight in Berlin is 23:00 UTC in winter.
  EXPECT_EQ(*NextDueAt(Cron("0 0 * * *", "Europe/Berlin"), kNoon), kNoon + Hours(11));
  EXPECT_EQ(PeriodAt(Cron("0 0 * * *", "Europe/Berlin"), kNoon), Days(1));
  // The night of 29 March 2026 has one hour less.
  const Timestamp before_switch = FromUnixSeconds(1'774'652'400);  // 2026-03-27 23:00 UTC
  EXPECT_EQ(PeriodAt(Cron("0 0 * * *", "Europe/Berlin"), before_switch), Hours(23));
}

TEST(SchedulePolicy, Periods) {
  EXPECT_EQ(PeriodAt(Every(Seconds(90)), kNoon), Seconds(90));
  EXPECT_EQ(PeriodAt(Cron("*/5 * * * *"), kNoon), Minutes(5));
  EXPECT_EQ(PeriodAt(Cron("nonsense"), kNoon), Duration::zero());
  EXPECT_EQ(PeriodAt(model::Monitor{}, kNoon), Duration::zero());
}

}  // namespace
}  // namespace pharos::rules
