#include <gtest/gtest.h>

#include <random>

#include "model/incident_words.h"
#include "model/monitor_state.h"
#include "model/overlay.h"
#include "model/principal.h"
#include "model/rollup.h"
#include "model/status.h"

namespace pharos::model {
namespace {

TEST(Status, NamesReadBack) {
  for (const Status status : kAllStatuses) EXPECT_EQ(ParseStatus(StatusName(status)), status);
  EXPECT_EQ(ParseStatus("UP"), std::nullopt);
  EXPECT_EQ(ParseStatus(""), std::nullopt);
}

TEST(Status, NumbersArePersistedAndFixed) {
  EXPECT_EQ(static_cast<int>(Status::kUp), 0);
  EXPECT_EQ(static_cast<int>(Status::kDegraded), 1);
  EXPECT_EQ(static_cast<int>(Status::kPartialOutage), 2);
  EXPECT_EQ(static_cast<int>(Status::kDown), 3);
  EXPECT_EQ(static_cast<int>(Status::kMaintenance), 4);
  EXPECT_EQ(static_cast<int>(Status::kNoData), 5);
}

TEST(Status, SeverityOrdersWorstHighest) {
  const Status order[] = {Status::kNoData,        Status::kUp,
                          Status::kMaintenance,   Status::kDegraded,
                          Status::kPartialOutage, Status::kDown};
  for (size_t i = 1; i < std::size(order); ++i) {
    EXPECT_LT(Severity(order[i - 1]), Severity(order[i]));
  }
}

TEST(Status, SidesOfConfirmation) {
  EXPECT_EQ(SideOf(Status::kUp), Side::kHealthy);
  EXPECT_EQ(SideOf(Status::kDegraded), Side::kUnhealthy);
  EXPECT_EQ(SideOf(Status::kPartialOutage), Side::kUnhealthy);
  EXPECT_EQ(SideOf(Status::kDown), Side::kUnhealthy);
  EXPECT_EQ(SideOf(Status::kMaintenance), Side::kNeutral);
  EXPECT_EQ(SideOf(Status::kNoData), Side::kNeutral);
}

TEST(Principal, ScopesWithWildcards) {
  Principal principal;
  principal.scopes = {"monitors:read", "incidents:*", "broken"};
  EXPECT_TRUE(principal.Has("monitors:read"));
  EXPECT_FALSE(principal.Has("monitors:write"));
  EXPECT_TRUE(principal.Has("incidents:delete"));
  EXPECT_FALSE(principal.Has("broken"));
  principal.scopes = {"*:read"};
  EXPECT_TRUE(principal.Has("pages:read"));
  EXPECT_FALSE(principal.Has("pages:write"));
  principal.scopes.clear();
  EXPECT_FALSE(principal.Has("monitors:read"));
}

TEST(StatusCounts, MergeAddsUp) {
  StatusCounts a;
  a.Add(Status::kUp, 10);
  a.Add(Status::kDown);
  StatusCounts b;
  b.Add(Status::kUp, 5);
  b.Add(Status::kNoData, 2);
  a.Merge(b);
  EXPECT_EQ(a.Of(Status::kUp), 15u);
  EXPECT_EQ(a.Of(Status::kDown), 1u);
  EXPECT_EQ(a.Of(Status::kNoData), 2u);
  EXPECT_EQ(a.Total(), 18u);
}

TEST(LatencyStats, CountsOnlyMeasurements) {
  LatencyStats stats;
  stats.Add(0);
  stats.Add(-1);
  EXPECT_EQ(stats, LatencyStats{});
  EXPECT_EQ(stats.Average(), 0);
  stats.Add(10);
  stats.Add(30);
  EXPECT_EQ(stats.count, 2u);
  EXPECT_EQ(stats.min_ms, 10);
  EXPECT_EQ(stats.max_ms, 30);
  EXPECT_EQ(stats.Average(), 20);
}

TEST(LatencyStats, MergeEqualsAddingEverything) {
  std::mt19937_64 random(31);
  for (int round = 0; round < 50; ++round) {
    LatencyStats left;
    LatencyStats right;
    LatencyStats both;
    for (uint64_t i = random() % 10; i > 0; --i) {
      const auto ms = static_cast<double>(random() % 500);
      (random() % 2 == 0 ? left : right).Add(ms);
      both.Add(ms);
    }
    left.Merge(right);
    EXPECT_EQ(left, both);
  }
}

TEST(ActiveOverlay, IsActiveWithEitherPart) {
  EXPECT_FALSE(ActiveOverlay{}.IsActive());
  EXPECT_TRUE((ActiveOverlay{Status::kDown, std::nullopt}).IsActive());
  EXPECT_TRUE((ActiveOverlay{std::nullopt, Status::kMaintenance}).IsActive());
}

TEST(IncidentWords, NamesAreTheirOwn) {
  for (const std::string_view name : {"investigating", "identified", "monitoring", "resolved"}) {
    ASSERT_TRUE(ParseIncidentState(name)) << name;
    EXPECT_EQ(StateName(*ParseIncidentState(name)), name);
  }
  EXPECT_FALSE(ParseIncidentState("RESOLVED"));
  EXPECT_EQ(SeverityName(IncidentSeverity::kNone), "none");
  EXPECT_EQ(SeverityName(IncidentSeverity::kCritical), "critical");
  EXPECT_EQ(StateName(OccurrenceState::kScheduled), "scheduled");
  EXPECT_EQ(StateName(OccurrenceState::kCancelled), "cancelled");
}

TEST(MonitorState, StartsUnknown) {
  const MonitorState state;
  EXPECT_EQ(state.shown, Status::kNoData);
  EXPECT_EQ(state.anchor, std::nullopt);
  EXPECT_EQ(state.last_sample_at, Timestamp{});
}

}  // namespace
}  // namespace pharos::model
