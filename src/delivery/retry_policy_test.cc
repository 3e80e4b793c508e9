#include "delivery/retry_policy.h"

#include <gtest/gtest.h>

namespace pharos::delivery {
namespace {

const Timestamp kCreated = FromUnixSeconds(1'750'000'000);

TEST(RetryPolicy, WaitsLongerEachTimeUpToAnHourPlusAFifth) {
  Duration last{};
  for (int attempts = 1; attempts <= 12; ++attempts) {
    const auto next = NextAttemptAt(attempts, kCreated, kCreated, 0, 1);
    ASSERT_TRUE(next);
    const Duration wait = *next - kCreated;
    EXPECT_GE(wait, std::min<Duration>(Seconds(5) * (1 << (attempts - 1)), Hours(1)));
    EXPECT_LE(wait, Minutes(72));
    if (attempts <= 9) {
      EXPECT_GT(wait, last);
    }
    last = wait;
  }
}

TEST(RetryPolicy, TheReceiversWishIsALowerBound) {
  EXPECT_GE(*NextAttemptAt(1, kCreated, kCreated, 600, 1) - kCreated, Seconds(600));
}

TEST(RetryPolicy, GivesUpAfterADay) {
  EXPECT_TRUE(NextAttemptAt(20, kCreated, kCreated + Hours(22), 0, 1));
  EXPECT_FALSE(NextAttemptAt(20, kCreated, kCreated + Hours(24), 0, 1));
}

TEST(RetryPolicy, SpreadsBySeed) {
  EXPECT_NE(*NextAttemptAt(5, kCreated, kCreated, 0, 1),
            *NextAttemptAt(5, kCreated, kCreated, 0, 2));
  EXPECT_EQ(*NextAttemptAt(5, kCreated, kCreated, 0, 1),
            *NextAttemptAt(5, kCreated, kCreated, 0, 1));
}

TEST(RetryPolicy, AScheduleOfItsOwnIsKeptToTheLetter) {
  const std::vector<Duration> waits = {Minutes(1), Minutes(5)};
  EXPECT_EQ(NextAttemptAt(1, waits, kCreated, 0), kCreated + Minutes(1));
  EXPECT_EQ(NextAttemptAt(2, waits, kCreated, 0), kCreated + Minutes(5));
  EXPECT_EQ(NextAttemptAt(1, waits, kCreated, 90), kCreated + Seconds(90));
  EXPECT_EQ(NextAttemptAt(3, waits, kCreated, 0), std::nullopt);
  EXPECT_EQ(NextAttemptAt(1, {}, kCreated, 0), std::nullopt);
}

}  // namespace
}  // namespace pharos::delivery
