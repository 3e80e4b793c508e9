#include "rules/dependency.h"

#include <gtest/gtest.h>

#include <random>

#include "rules/rules_testing.h"

namespace pharos::rules {
namespace {

using model::SampleOrigin;
using model::Status;
using Standing = Upstream::Standing;

struct Parent {
  Walk walk;
  explicit Parent(const char* name, Duration interval = Minutes(1)) {
    walk.monitor.name = name;
    walk.monitor.schedule.interval = interval;
  }
  ParentView View() const { return {&walk.monitor, &walk.state}; }
};

TEST(Dependency, StandingOfOneParent) {
  Parent router("Core router");
  EXPECT_EQ(JudgeParents({}, Walk::At(5)).standing, Standing::kClear) << "no parents";
  router.walk.Check(0, Status::kUp);
  const auto judge = [&](Timestamp at) {
    const std::vector<ParentView> views = {router.View()};
    return JudgeParents(views, at);
  };
  EXPECT_EQ(judge(Walk::At(0)).standing, Standing::kClear);
  EXPECT_EQ(judge(Walk::At(0) + Seconds(1)).standing, Standing::kUnknown);
  EXPECT_EQ(judge(Walk::At(0) + Seconds(1)).wait_until, Walk::At(1) + Seconds(1) + kParentSlack);
  router.walk.Check(1, Status::kDegraded);
  EXPECT_EQ(judge(Walk::At(1)).standing, Standing::kClear) << "degraded is a way through";
  router.walk.Check(2, Status::kDown);
  EXPECT_EQ(judge(Walk::At(9)).standing, Standing::kDown);
  EXPECT_EQ(UnreachableText(judge(Walk::At(9))), "Unreachable: Core router is down");
}

TEST(Dependency, AParentThatIsDownButNotConfirmedIsDown) {
  Parent router("r");
  router.walk.monitor.confirmation_threshold = 3;
  router.walk.Check(0, Status::kUp);
  router.walk.Check(1, Status::kDown);
  ASSERT_EQ(router.walk.state.shown, Status::kUp);
  const std::vector<ParentView> views = {router.View()};
  EXPECT_EQ(JudgeParents(views, Walk::At(1)).standing, Standing::kDown);
}

TEST(Dependency, SeveralParentsAreSeveralWays) {
  Parent a("A");
  Parent b("B");
  const auto judge = [&](Timestamp at) {
    const std::vector<ParentView> views = {a.View(), b.View()};
    return JudgeParents(views, at).standing;
  };
  a.walk.Check(0, Status::kDown);
  b.walk.Check(0, Status::kUp);
  EXPECT_EQ(judge(Walk::At(0)), Standing::kClear);
  EXPECT_EQ(judge(Walk::At(1)), Standing::kUnknown) << "B was not looked at since";
  b.walk.Check(1, Status::kDown);
  EXPECT_EQ(judge(Walk::At(1)), Standing::kDown);
}

TEST(Dependency, GraceIsBoundedAndParentsWithoutAScheduleAreKnown) {
  Parent daily("D", Hours(24));
  daily.walk.Check(0, Status::kUp);
  const std::vector<ParentView> slow = {daily.View()};
  EXPECT_EQ(JudgeParents(slow, Walk::At(60)).wait_until,
            Walk::At(60) + kMaxParentGrace + kParentSlack);
  Parent manual("M");
  manual.walk.monitor.schedule = {};
  const std::vector<ParentView> pushed = {manual.View()};
  EXPECT_EQ(JudgeParents(pushed, Walk::At(60)).standing, Standing::kClear);
}

Upstream Down() { return {Standing::kDown, "Core router", {}}; }
Upstream Unknown(Timestamp until) { return {Standing::kUnknown, "", until}; }

TEST(Dependency, AChildOfADownParentIsUnreachableAndDoesNotAlert) {
  Walk walk;
  walk.Check(0, Status::kUp);
  walk.upstream = Down();
  walk.Check(1, Status::kDown, 0, "connection timed out");
  walk.Check(2, Status::kDown, 0, "connection timed out");
  EXPECT_EQ(walk.Line(3), "UNN");
  EXPECT_EQ(walk.Stored(1).origin, SampleOrigin::kUnreachable);
  EXPECT_EQ(walk.Stored(1).observed, Status::kDown);
  EXPECT_EQ(walk.Stored(1).message, "Unreachable: Core router is down");
  EXPECT_TRUE(walk.state.unreachable);
  EXPECT_EQ(walk.state.failures, 0);
  EXPECT_TRUE(walk.deliveries.empty());
  walk.upstream = {};
  walk.Check(3, Status::kUp);
  EXPECT_EQ(walk.Line(4), "UNNU");
  EXPECT_FALSE(walk.state.unreachable);
  EXPECT_TRUE(walk.deliveries.empty()) << "nobody was told that it was away";
}

TEST(Dependency, WhenTheParentIsBackTheChildIsJudgedAfresh) {
  Walk walk(3);
  walk.Check(0, Status::kUp);
  walk.upstream = Down();
  for (int n = 1; n < 5; ++n) walk.Check(n, Status::kDown);
  walk.upstream = {};
  for (int n = 5; n < 8; ++n) walk.Check(n, Status::kDown);
  EXPECT_EQ(walk.Line(8), "UNNNNDDD") << "three checks in a row, as ever";
  ASSERT_EQ(walk.deliveries.size(), 1U);
  EXPECT_EQ(walk.deliveries[0].to, Status::kDown);
}

TEST(Dependency, AParentThatGoesDownWithinTheConfirmationWindow) {
  Walk walk(3);
  walk.Check(0, Status::kUp);
  walk.Check(1, Status::kDown);
  walk.Check(2, Status::kDown);
  walk.upstream = Down();
  walk.Check(3, Status::kDown);
  EXPECT_EQ(walk.Line(4), "UNNN");
  EXPECT_TRUE(walk.deliveries.empty());
  EXPECT_TRUE(walk.state.held.empty());
}

TEST(Dependency, AnAnswerIsAnAnswerWhateverTheParentsSay) {
  Walk walk;
  walk.upstream = Down();
  walk.Check(0, Status::kUp);
  walk.Check(1, Status::kDegraded);
  EXPECT_EQ(walk.Line(2), "UG");
}

TEST(Dependency, DefaultsDoNotFillAndOverlaysStandAbove) {
  Walk walk;
  walk.monitor.default_status = Status::kUp;
  walk.upstream = Down();
  walk.Check(0, Status::kDown);
  EXPECT_EQ(walk.Line(1), "N");
  walk.overlay.maintenance = Status::kMaintenance;
  walk.Check(1, Status::kDown);
  EXPECT_EQ(walk.Line(2), "NM");
}

TEST(Dependency, WhatPeopleAndReportersSayIsTheirWord) {
  Walk walk;
  walk.monitor.kind = "heartbeat";
  walk.upstream = Down();
  walk.Judge(Walk::Signal(Walk::At(0) + Seconds(3), Status::kDown));
  EXPECT_EQ(walk.state.shown, Status::kDown);
  walk.Manual(1, Status::kDegraded);
  EXPECT_EQ(walk.state.shown, Status::kDegraded);
}

// The child's failure comes first, the parent's a little later: shown at once, told to nobody, and
// taken back.
TEST(Dependency, OrderOfArrivalDoesNotMatter) {
  Walk walk;
  walk.Check(0, Status::kUp);
  walk.upstream = Unknown(Walk::At(3));
  walk.Check(1, Status::kDown);
  EXPECT_EQ(walk.state.shown, Status::kDown);
  EXPECT_EQ(walk.state.doubted_at, Walk::At(1));
  EXPECT_TRUE(walk.deliveries.empty());
  walk.upstream = Down();
  walk.Review(Walk::At(1) + Seconds(20));
  EXPECT_EQ(walk.Line(2), "UN") << "its minute is rewritten, so that uptime is not lowered";
  EXPECT_EQ(walk.state.shown, Status::kNoData);
  EXPECT_EQ(walk.state.failures, 0);
  EXPECT_TRUE(walk.deliveries.empty());
  EXPECT_TRUE(walk.notices.empty());
  walk.upstream = {};
  walk.Check(2, Status::kUp);
  EXPECT_TRUE(walk.deliveries.empty());
  walk.Check(3, Status::kDown);
  EXPECT_EQ(walk.deliveries.size(), 1U);
}

TEST(Dependency, AParentThatIsFoundUpReleasesTheAlertAtOnce) {
  Walk walk;
  walk.Check(0, Status::kUp);
  walk.upstream = Unknown(Walk::At(3));
  walk.Check(1, Status::kDown, 0, "refused");
  walk.upstream = {};
  walk.Review(Walk::At(1) + Seconds(20));
  ASSERT_EQ(walk.notices.size(), 1U);
  EXPECT_EQ(walk.notices[0].kind, QueueNotice::Kind::kLate);
  EXPECT_EQ(walk.notices[0].transition.to, Status::kDown);
  EXPECT_EQ(walk.notices[0].transition.cause, "refused");
  EXPECT_EQ(walk.notices[0].transition.ordinal, walk.transitions.back().ordinal);
  EXPECT_EQ(walk.state.doubted_at, Timestamp{});
  walk.Review(Walk::At(1) + Seconds(30));
  EXPECT_EQ(walk.notices.size(), 1U);
  walk.Check(2, Status::kUp);
  EXPECT_EQ(walk.deliveries.size(), 1U) << "the recovery of what was told";
}

TEST(Dependency, GraceEndsWithTheNextCheckAtTheLatest) {
  Walk walk;
  walk.Check(0, Status::kUp);
  walk.upstream = Unknown(Walk::At(2) + Seconds(30));
  walk.Check(1, Status::kDown);
  walk.Check(2, Status::kDown);
  EXPECT_TRUE(walk.notices.empty());
  walk.Check(3, Status::kDown);
  ASSERT_EQ(walk.notices.size(), 1U);
  EXPECT_EQ(walk.Line(4), "UDDD");
}

TEST(Dependency, AFailureThatPassedBeforeItWasToldIsNoNews) {
  Walk walk;
  walk.Check(0, Status::kUp);
  walk.upstream = Unknown(Walk::At(9));
  walk.Check(1, Status::kDown);
  walk.Check(2, Status::kUp);
  EXPECT_EQ(walk.Line(3), "UDU");
  EXPECT_TRUE(walk.deliveries.empty());
  EXPECT_TRUE(walk.notices.empty());
  EXPECT_EQ(walk.state.doubted_at, Timestamp{});
}

TEST(Dependency, DoubtIsBounded) {
  Walk walk;
  walk.monitor.schedule.interval = Seconds(1);
  walk.Judge(Walk::Probe(Walk::At(0), Status::kUp));
  walk.upstream = Unknown(Walk::At(60));
  for (int s = 1; s < 200; ++s) {
    walk.Judge(Walk::Probe(Walk::At(0) + Seconds(s), Status::kDown));
  }
  EXPECT_EQ(walk.state.doubtful.size(), 60U);
}

// One router and one machine behind it. Whoever is looked at first, when both go away together and
// come back together, nobody hears of the machine.
TEST(DependencyProperty, WhatGoesWithItsParentIsNeverTold) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    Parent router("Router");
    Walk child(static_cast<int>(1 + random() % 4));
    router.walk.monitor.confirmation_threshold = static_cast<int>(1 + random() % 4);
    const auto router_phase = Seconds(static_cast<int64_t>(random() % 60));
    const auto child_phase = Seconds(static_cast<int64_t>(random() % 60));
    const auto away_from = Walk::At(5) + Seconds(static_cast<int64_t>(random() % 120));
    const auto away_to = away_from + Seconds(static_cast<int64_t>(120 + random() % 900));
    const auto is_away = [&](Timestamp at) { return at >= away_from && at < away_to; };
    const auto view = [&](Timestamp at) {
      const std::vector<ParentView> views = {router.View()};
      return JudgeParents(views, at);
    };
    for (int n = 0; n < 40; ++n) {
      const auto look_at_router = [&] {
        const Timestamp at = Walk::At(n) + router_phase;
        router.walk.Judge(Walk::Probe(at, is_away(at) ? Status::kDown : Status::kUp));
        if (child.state.doubted_at != Timestamp{}) {
          child.upstream = view(child.state.doubted_at);
          child.Review(at + Seconds(1));
        }
      };
      const auto look_at_child = [&] {
        const Timestamp at = Walk::At(n) + child_phase;
        const bool doubted = child.state.doubted_at != Timestamp{};
        child.upstream = view(doubted ? child.state.doubted_at : at);
        child.Judge(Walk::Probe(at, is_away(at) ? Status::kDown : Status::kUp), at + Seconds(1));
      };
      if (router_phase < child_phase) {
        look_at_router();
        look_at_child();
      } else {
        look_at_child();
        look_at_router();
      }
    }
    EXPECT_TRUE(child.deliveries.empty());
    EXPECT_TRUE(child.notices.empty());
    EXPECT_EQ(child.state.shown, Status::kUp);
    for (const auto& [at, sample] : child.samples) {
      ASSERT_NE(sample.status, Status::kDown) << "and its uptime is not lowered";
    }
  }
}

}  // namespace
}  // namespace pharos::rules
