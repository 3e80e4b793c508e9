#include "schedule/places.h"

#include <gtest/gtest.h>

namespace pharos::schedule {
namespace {

using Entry = Places::Entry;

Places::Check MakeCheck(int64_t id, const std::string& host) {
  auto monitor = std::make_shared<model::Monitor>();
  monitor->id = model::MonitorId(id);
  const Timestamp due = FromUnixSeconds(1'750'000'000 + id);
  return {std::move(monitor), due, due, host};
}

class PlacesTest : public testing::Test {
 protected:
  Entry Enter(int64_t id, const std::string& host) {
    Places::Check check = MakeCheck(id, host);
    return places_.Enter(check);
  }
  void Leave(int64_t id) { places_.Leave(model::MonitorId(id)); }
  int64_t Next() {
    auto check = places_.TakeNext();
    return check ? check->monitor->id.value() : 0;
  }
  Places places_{{4, 2}};
};

TEST_F(PlacesTest, OneHostDoesNotTakeThePlacesOfOthers) {
  EXPECT_EQ(Enter(1, "slow"), Entry::kRun);
  EXPECT_EQ(Enter(2, "slow"), Entry::kRun);
  EXPECT_EQ(Enter(3, "slow"), Entry::kHostFull);
  EXPECT_EQ(Enter(4, "quick"), Entry::kRun);
  EXPECT_EQ(places_.running(), 3u);
  EXPECT_EQ(places_.waiting(), 1u);
  EXPECT_EQ(Next(), 0);
  Leave(1);
  EXPECT_EQ(Next(), 3);
  EXPECT_EQ(places_.waiting(), 0u);
}

TEST_F(PlacesTest, AMonitorWaitsOnceAndRunsOnce) {
  Enter(1, "h");
  Enter(2, "h");
  EXPECT_EQ(Enter(1, "h"), Entry::kSkip);
  EXPECT_EQ(Enter(3, "h"), Entry::kHostFull);
  EXPECT_EQ(Enter(3, "h"), Entry::kSkip);
  EXPECT_EQ(places_.waiting(), 1u);
}

TEST_F(PlacesTest, WhoWaitsForTheCommonLimitIsServedByHostsInTurn) {
  for (int64_t id = 1; id <= 4; ++id) EXPECT_EQ(Enter(id, ""), Entry::kRun);
  EXPECT_EQ(Enter(11, "a"), Entry::kWait);
  EXPECT_EQ(Enter(12, "a"), Entry::kWait);
  EXPECT_EQ(Enter(13, "a"), Entry::kWait);
  EXPECT_EQ(Enter(21, "b"), Entry::kWait);
  EXPECT_EQ(places_.OldestWaiting(), FromUnixSeconds(1'750'000'011));
  for (int64_t id = 1; id <= 4; ++id) Leave(id);
  EXPECT_EQ(Next(), 11);
  EXPECT_EQ(Next(), 21);
  EXPECT_EQ(Next(), 12);
  EXPECT_EQ(Next(), 0);  // two of host a run
  Leave(12);
  EXPECT_EQ(Next(), 13);
}

TEST_F(PlacesTest, NobodyOvertakesThoseWhoWait) {
  for (int64_t id = 1; id <= 4; ++id) Enter(id, "");
  Enter(11, "a");
  Leave(1);
  EXPECT_EQ(Enter(21, "b"), Entry::kWait);
  EXPECT_EQ(Next(), 11);
}

TEST_F(PlacesTest, WithoutAHostOnlyTheCommonLimitCounts) {
  for (int64_t id = 1; id <= 4; ++id) EXPECT_EQ(Enter(id, ""), Entry::kRun);
}

TEST_F(PlacesTest, ClearedPlacesForgetWhoWaits) {
  for (int64_t id = 1; id <= 4; ++id) Enter(id, "h");
  EXPECT_EQ(places_.waiting(), 2u);
  places_.Clear();
  EXPECT_EQ(places_.waiting(), 0u);
  Leave(1);
  EXPECT_FALSE(places_.HasNext());
  EXPECT_EQ(Enter(5, "h"), Entry::kRun);
}

// However many hosts come and go, nothing is kept of those that are done.
TEST_F(PlacesTest, HostsThatAreDoneLeaveNothingBehind) {
  for (int64_t id = 1; id <= 10'000; ++id) {
    ASSERT_EQ(Enter(id, "host-" + std::to_string(id)), Entry::kRun);
    Leave(id);
  }
  EXPECT_EQ(places_.running(), 0u);
  EXPECT_FALSE(places_.OldestWaiting());
}

}  // namespace
}  // namespace pharos::schedule
