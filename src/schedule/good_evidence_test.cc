#include "schedule/good_evidence.h"

#include <gtest/gtest.h>

namespace pharos::schedule {
namespace {

model::Monitor EveryMinute(int64_t id) {
  model::Monitor monitor;
  monitor.id = model::MonitorId(id);
  monitor.schedule.interval = Minutes(1);
  monitor.updated_at = FromUnixSeconds(1'772'500'000);
  return monitor;
}

TEST(GoodEvidenceTest, OneCheckInSixHoursAndTheFirstAfterAChange) {
  const model::Monitor monitor = EveryMinute(7);
  const Timestamp start = FromUnixSeconds(1'772'582'400);
  int wanted = 0;
  for (int minute = 0; minute < 24 * 60; ++minute) {
    wanted += WantsGoodEvidence(monitor, start + Minutes(minute)) ? 1 : 0;
  }
  EXPECT_EQ(wanted, 4);
  EXPECT_TRUE(WantsGoodEvidence(monitor, monitor.updated_at + Seconds(20)));
}

TEST(GoodEvidenceTest, MonitorsTakeTurns) {
  const Timestamp at = FromUnixSeconds(1'772'582'400);
  int wanted = 0;
  for (int64_t id = 1; id <= 36'000; ++id) wanted += WantsGoodEvidence(EveryMinute(id), at) ? 1 : 0;
  EXPECT_GT(wanted, 70);  // 100 in a minute
  EXPECT_LT(wanted, 130);
}

}  // namespace
}  // namespace pharos::schedule
