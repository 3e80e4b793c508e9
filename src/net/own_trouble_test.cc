// What is our own trouble and not the target's: time that a loop lost, a machine without a route.
#include <gtest/gtest.h>

#include "net/loop_lag.h"
#include "net/own_network.h"

namespace pharos::net {
namespace {

const MonotonicTime kStart{Seconds(1'000)};

TEST(LoopLag, AWaitThatTookAsLongAsAskedLosesNothing) {
  LoopLag lag;
  lag.BeforeWait(kStart, LoopLag::kSlice);
  lag.AfterWait(kStart + LoopLag::kSlice + Milliseconds(4));
  EXPECT_EQ(lag.Lost(kStart + LoopLag::kSlice + Milliseconds(4)), Duration::zero());
}

TEST(LoopLag, AWaitThatTookLongerIsLost) {
  LoopLag lag;
  lag.BeforeWait(kStart, LoopLag::kSlice);
  const MonotonicTime thawed = kStart + LoopLag::kSlice + Seconds(15);
  lag.AfterWait(thawed);
  EXPECT_EQ(lag.Lost(thawed), Seconds(15));
}

// The thread's own processor time stands still here, so the turn was spent off the processor.
TEST(LoopLag, ATurnThatDidNotRunIsLostAlsoWhileItGoesOn) {
  LoopLag lag;
  lag.BeforeWait(kStart, Duration::zero());
  lag.AfterWait(kStart);
  EXPECT_GT(lag.Lost(kStart + Seconds(3)), Milliseconds(2'800));
  lag.BeforeWait(kStart + Seconds(3), Duration::zero());
  EXPECT_GT(lag.Lost(kStart + Seconds(3)), Milliseconds(2'800));
}

// Five milliseconds of each hundred: each single gap is short, together they are most of the time.
TEST(LoopLag, ManyShortPausesAddUp) {
  LoopLag lag;
  MonotonicTime now = kStart;
  for (int i = 0; i < 20; ++i) {
    lag.BeforeWait(now, LoopLag::kSlice);
    now += Milliseconds(100);
    lag.AfterWait(now);
  }
  EXPECT_TRUE(LoopLag::Explains(lag.Lost(now), Seconds(2)));
}

TEST(LoopLag, OnlyAConsiderableShareExplainsATimeOut) {
  EXPECT_TRUE(LoopLag::Explains(Milliseconds(2'500), Seconds(10)));
  EXPECT_FALSE(LoopLag::Explains(Milliseconds(2'400), Seconds(10)));
  EXPECT_FALSE(LoopLag::Explains(Milliseconds(200), Milliseconds(300)));
  EXPECT_EQ(LoopLag::Message(Milliseconds(14'960)),
            "Monitor was blind: this server was paused or overloaded for 15.0 s of the check");
}

constexpr char kHead[] = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n";

TEST(OwnNetwork, AnInterfaceThatIsUpHasARoute) {
  EXPECT_TRUE(OwnNetwork::HasRouteIn(
      std::string(kHead) + "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", ""));
}

TEST(OwnNetwork, LoopbackAloneIsNone) {
  EXPECT_FALSE(OwnNetwork::HasRouteIn(kHead, ""));
  EXPECT_FALSE(OwnNetwork::HasRouteIn(
      std::string(kHead) + "lo\t0000007F\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n",
      "00000000000000000000000000000001 80 00000000000000000000000000000000 00 "
      "00000000000000000000000000000000 00000000 00000002 00000000 80200001       lo\n"));
}

TEST(OwnNetwork, IPv6AloneIsARouteLinkLocalIsNot) {
  const std::string local =
      "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
      "00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n";
  const std::string unreachable =
      "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
      "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";
  EXPECT_FALSE(OwnNetwork::HasRouteIn(kHead, local + unreachable));
  EXPECT_TRUE(OwnNetwork::HasRouteIn(
      kHead, local + "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
                     "fe800000000000000000000000000001 00000400 00000001 00000000 00000003 "
                     "    eth0\n"));
}

// Whatever this machine has, it can be read.
TEST(OwnNetwork, ReadsTheRealTables) {
  const SystemClock clock;
  OwnNetwork network(clock);
  const bool first = network.HasRoute();
  EXPECT_EQ(network.HasRoute(), first);
}

}  // namespace
}  // namespace pharos::net
