#include "rules/flapping.h"

#include <gtest/gtest.h>

#include <random>

#include "rules/rules_testing.h"

namespace pharos::rules {
namespace {

using model::Status;

TEST(Flapping, PercentWeighsNewerChangesMore) {
  EXPECT_DOUBLE_EQ(FlapPercent(0), 0);
  EXPECT_NEAR(FlapPercent((1U << kFlapWindow) - 1), 100, 1e-9);
  EXPECT_NEAR(FlapPercent(1), 6, 1e-9) << "the newest of twenty weighs 1.2";
  EXPECT_NEAR(FlapPercent(1U << (kFlapWindow - 1)), 4, 1e-9) << "the oldest weighs 0.8";
  EXPECT_EQ(CountSideChanges(0b1011), 3);
  EXPECT_EQ(CountSideChanges(0xFFFFFFFF), kFlapWindow) << "nothing beyond the window counts";
}

TEST(Flapping, PercentGrowsWithEveryChange) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2'000; ++round) {
    const auto bits = static_cast<uint32_t>(random()) & ((1U << kFlapWindow) - 1);
    const uint32_t more = bits | (1U << (random() % kFlapWindow));
    EXPECT_GE(FlapPercent(more), FlapPercent(bits));
    EXPECT_GE(FlapPercent(bits), 0);
    EXPECT_LE(FlapPercent(bits), 100 + 1e-9);
  }
}

// Stands between the two limits, so that it neither begins nor settles by itself.
TEST(Flapping, TwoLimitsKeepItFromFlappingItself) {
  const model::FlapRule rule;  // 20 and 40
  model::MonitorState state;
  int began = 0;
  for (int n = 0; n < 8; ++n) began += JudgeFlapping(rule, state, true).began ? 1 : 0;
  EXPECT_EQ(began, 1);
  EXPECT_TRUE(state.flapping);
  int quiet = 0;
  while (state.flapping && quiet < 100) {
    const FlapVerdict verdict = JudgeFlapping(rule, state, false);
    ++quiet;
    EXPECT_EQ(verdict.settled, !state.flapping);
    EXPECT_FALSE(verdict.began);
  }
  EXPECT_GT(quiet, 10) << "one quiet check is not enough";
  EXPECT_LE(quiet, kFlapWindow);
  EXPECT_LT(FlapPercent(state.side_changes), 20);
}

TEST(Flapping, SwitchedOffItSettlesAndNeverBegins) {
  model::FlapRule rule;
  model::MonitorState state;
  for (int n = 0; n < 12; ++n) JudgeFlapping(rule, state, true);
  ASSERT_TRUE(state.flapping);
  rule.enabled = false;
  EXPECT_TRUE(JudgeFlapping(rule, state, true).settled);
  for (int n = 0; n < 12; ++n) EXPECT_FALSE(JudgeFlapping(rule, state, true).began);
}

// A monitor that goes up and down at every check: some messages, "is flapping", silence, and in the
// end one with the final state.
TEST(Flapping, OneNoticeThenSilenceThenTheFinalState) {
  Walk walk;
  for (int n = 0; n < 40; ++n) walk.Check(n, n % 2 == 0 ? Status::kUp : Status::kDown);
  ASSERT_EQ(walk.notices.size(), 1U);
  EXPECT_EQ(walk.notices[0].kind, QueueNotice::Kind::kFlapping);
  EXPECT_EQ(walk.notices[0].transition.ordinal, walk.deliveries.back().ordinal + 1)
      << "it stands for the change that began it";
  const size_t told = walk.deliveries.size();
  EXPECT_LE(told, 7U);
  EXPECT_EQ(walk.transitions.size(), 40U) << "every change is recorded all the same";
  EXPECT_EQ(walk.Line(6), "UDUDUD") << "and history is as it was seen";
  for (int n = 40; n < 80; ++n) walk.Check(n, Status::kDown);
  ASSERT_EQ(walk.notices.size(), 2U);
  EXPECT_EQ(walk.notices[1].kind, QueueNotice::Kind::kSettled);
  EXPECT_EQ(walk.notices[1].transition.to, Status::kDown);
  EXPECT_EQ(walk.deliveries.size(), told);
  walk.Check(80, Status::kUp);
  EXPECT_EQ(walk.deliveries.size(), told + 1) << "afterwards changes are told again";
}

TEST(Flapping, AFewOutagesADayAreNone) {
  Walk walk;
  int minute = 0;
  for (int outage = 0; outage < 6; ++outage) {
    for (int n = 0; n < 3; ++n) walk.Check(minute++, Status::kDown);
    for (int n = 0; n < 30; ++n) walk.Check(minute++, Status::kUp);
  }
  EXPECT_TRUE(walk.notices.empty());
  EXPECT_EQ(walk.deliveries.size(), 12U);
}

TEST(Flapping, WhatIsHeldByConfirmationIsNoChange) {
  Walk walk(3);
  for (int n = 0; n < 60; ++n) walk.Check(n, n % 2 == 0 ? Status::kUp : Status::kDown);
  EXPECT_TRUE(walk.notices.empty());
  EXPECT_TRUE(walk.deliveries.empty());
}

TEST(Flapping, DegradedAndDownAreTheSameSide) {
  Walk walk;
  for (int n = 0; n < 60; ++n) walk.Check(n, n % 2 == 0 ? Status::kDegraded : Status::kDown);
  EXPECT_TRUE(walk.notices.empty());
}

TEST(Flapping, HandsAndMaintenancesDoNotFlap) {
  Walk hand;
  hand.monitor.kind = "manual";
  for (int n = 0; n < 60; ++n) {
    model::CheckResult result = Walk::Probe(Walk::At(n), n % 2 == 0 ? Status::kUp : Status::kDown);
    result.source = model::ResultSource::kManual;
    hand.Judge(result);
  }
  EXPECT_TRUE(hand.notices.empty());
  Walk masked;
  masked.Check(0, Status::kUp);
  masked.overlay.maintenance = Status::kMaintenance;
  for (int n = 1; n < 60; ++n) masked.Check(n, n % 2 == 0 ? Status::kUp : Status::kDown);
  EXPECT_TRUE(masked.notices.empty());
  EXPECT_EQ(masked.state.side_changes, 0U);
}

TEST(Flapping, HeartbeatsFlapToo) {
  Walk walk;
  walk.monitor.kind = "heartbeat";
  for (int n = 0; n < 20; ++n) {
    walk.Judge(Walk::Signal(Walk::At(n) + Seconds(5), n % 2 == 0 ? Status::kUp : Status::kDown));
  }
  ASSERT_EQ(walk.notices.size(), 1U);
  EXPECT_EQ(walk.notices[0].kind, QueueNotice::Kind::kFlapping);
}

// Between "flapping" and "settled" nothing is delivered, whatever happens; notices alternate.
TEST(FlappingProperty, NoticesAlternateAndSilenceIsKept) {
  for (uint64_t seed = 1; seed <= 120; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    Walk walk(static_cast<int>(1 + random() % 3));
    bool flapping = false;
    for (int n = 0; n < 200; ++n) {
      const bool calm = (n / 50) % 2 == 1;
      const Status next = random() % (calm ? 20 : 2) == 0 ? Status::kDown : Status::kUp;
      const size_t told = walk.deliveries.size();
      const size_t notices = walk.notices.size();
      walk.Check(n, next);
      for (size_t i = notices; i < walk.notices.size(); ++i) {
        ASSERT_EQ(walk.notices[i].kind == QueueNotice::Kind::kFlapping, !flapping);
        flapping = !flapping;
      }
      if (flapping) {
        ASSERT_EQ(walk.deliveries.size(), told);
      }
      ASSERT_EQ(walk.state.flapping, flapping);
    }
  }
}

}  // namespace
}  // namespace pharos::rules
