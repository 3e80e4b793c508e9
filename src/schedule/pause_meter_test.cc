#include "schedule/pause_meter.h"

#include <gtest/gtest.h>

namespace pharos::schedule {
namespace {

TEST(PauseMeter, ALoopThatWakesInTimeLosesNothing) {
  PauseMeter meter;
  EXPECT_EQ(meter.Lost(), Duration::zero());
  meter.Expect(Minutes(1));
  EXPECT_EQ(meter.Lost(), Duration::zero());
  meter.Woke();
  EXPECT_EQ(meter.Lost(), Duration::zero());
}

// Also before the loop itself has woken up: others may come out of the pause first.
TEST(PauseMeter, WhatItSleptTooLongIsLost) {
  PauseMeter meter;
  meter.Expect(-Seconds(15));
  EXPECT_GE(meter.Lost(), Seconds(15));
  meter.Woke();
  EXPECT_GE(meter.Lost(), Seconds(15));
  EXPECT_LT(meter.Lost(), Seconds(60));
}

TEST(PauseMeter, OnlyAConsiderableShareExplainsAFailure) {
  EXPECT_TRUE(PauseMeter::Explains(Seconds(3), Seconds(10)));
  EXPECT_FALSE(PauseMeter::Explains(Seconds(2), Seconds(10)));
  EXPECT_FALSE(PauseMeter::Explains(Milliseconds(900), Seconds(1)));
  EXPECT_EQ(PauseMeter::Message(Milliseconds(15'400)),
            "Monitor was blind: this server was paused or overloaded for 15 s during the check");
}

}  // namespace
}  // namespace pharos::schedule
