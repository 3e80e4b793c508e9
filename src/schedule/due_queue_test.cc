#include "schedule/due_queue.h"

#include <gtest/gtest.h>

#include <random>

namespace pharos::schedule {
namespace {

const Timestamp kStart = FromUnixSeconds(1'000);

TEST(DueQueue, GivesTheEarliestFirst) {
  DueQueue queue;
  queue.Set(model::MonitorId(1), kStart + Seconds(3));
  queue.Set(model::MonitorId(2), kStart + Seconds(1));
  EXPECT_EQ(queue.NextAt(), kStart + Seconds(1));
  EXPECT_FALSE(queue.PopDue(kStart));
  EXPECT_EQ(queue.PopDue(kStart + Seconds(5))->monitor, model::MonitorId(2));
  EXPECT_EQ(queue.PopDue(kStart + Seconds(5))->monitor, model::MonitorId(1));
  EXPECT_FALSE(queue.PopDue(kStart + Seconds(5)));
}

TEST(DueQueue, ANewTimeMakesTheOldOneVoid) {
  DueQueue queue;
  queue.Set(model::MonitorId(1), kStart);
  queue.Set(model::MonitorId(1), kStart + Seconds(10));
  EXPECT_FALSE(queue.PopDue(kStart + Seconds(9)));
  EXPECT_EQ(queue.PopDue(kStart + Seconds(10))->at, kStart + Seconds(10));
  EXPECT_EQ(queue.Size(), 0u);
}

TEST(DueQueue, RemovedMonitorsNeverComeUp) {
  DueQueue queue;
  queue.Set(model::MonitorId(1), kStart);
  queue.Remove(model::MonitorId(1));
  EXPECT_FALSE(queue.NextAt());
  EXPECT_FALSE(queue.PopDue(kStart));
}

TEST(DueQueue, KeepsOrderUnderRandomChanges) {
  std::mt19937_64 random(7);
  DueQueue queue;
  for (int i = 0; i < 5'000; ++i) {
    const model::MonitorId id(static_cast<int64_t>(random() % 500) + 1);
    if (random() % 5 == 0) {
      queue.Remove(id);
    } else {
      queue.Set(id, kStart + Seconds(static_cast<int64_t>(random() % 10'000)));
    }
  }
  const size_t expected = queue.Size();
  size_t taken = 0;
  Timestamp last{};
  while (auto due = queue.PopDue(kStart + Seconds(20'000))) {
    EXPECT_GE(due->at, last);
    last = due->at;
    ++taken;
  }
  EXPECT_EQ(taken, expected);
}

}  // namespace
}  // namespace pharos::schedule
