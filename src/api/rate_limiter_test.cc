#include "api/rate_limiter.h"

#include <gtest/gtest.h>

#include <string>

#include "base/fake_clock.h"

namespace pharos::api {
namespace {

TEST(RateLimiter, CountsDownWithinTheMinute) {
  FakeClock clock(FromUnixSeconds(1'750'000'020));
  RateLimiter limiter(clock);
  const RateDecision first = limiter.Count("a", 2);
  EXPECT_TRUE(first.allowed);
  EXPECT_EQ(first.limit, 2);
  EXPECT_EQ(first.remaining, 1);
  EXPECT_EQ(first.reset_unix, 1'750'000'080);
  EXPECT_EQ(limiter.Count("a", 2).remaining, 0);
  clock.Advance(Seconds(50));
  const RateDecision refused = limiter.Count("a", 2);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_EQ(refused.retry_after_s, 10);
}

TEST(RateLimiter, NewMinuteNewBudget) {
  FakeClock clock(FromUnixSeconds(1'750'000'079));
  RateLimiter limiter(clock);
  EXPECT_TRUE(limiter.Count("a", 1).allowed);
  EXPECT_FALSE(limiter.Count("a", 1).allowed);
  clock.Advance(Seconds(1));
  EXPECT_TRUE(limiter.Count("a", 1).allowed);
  EXPECT_EQ(limiter.SizeForTest(), 1u);
}

TEST(RateLimiter, CallersDoNotShareABudget) {
  FakeClock clock;
  RateLimiter limiter(clock);
  EXPECT_TRUE(limiter.Count("a", 1).allowed);
  EXPECT_TRUE(limiter.Count("b", 1).allowed);
  EXPECT_FALSE(limiter.Count("a", 1).allowed);
}

TEST(RateLimiter, TableIsBoundedAndTheRestShareOneCounter) {
  FakeClock clock;
  RateLimiter limiter(clock, 3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.Count("k" + std::to_string(i), 2).allowed);
  EXPECT_TRUE(limiter.Count("x", 2).allowed);
  EXPECT_TRUE(limiter.Count("y", 2).allowed);
  EXPECT_FALSE(limiter.Count("z", 2).allowed);
  EXPECT_EQ(limiter.SizeForTest(), 4u);
  EXPECT_TRUE(limiter.Count("k0", 2).allowed);
}

TEST(RateLimiter, RefusedRequestsDoNotExtendAnything) {
  FakeClock clock;
  RateLimiter limiter(clock);
  EXPECT_TRUE(limiter.Count("a", 1).allowed);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(limiter.Count("a", 1).allowed);
  clock.Advance(Minutes(1));
  EXPECT_TRUE(limiter.Count("a", 1).allowed);
}

}  // namespace
}  // namespace pharos::api
