#include "service/stats.h"

#include <gtest/gtest.h>

#include "service/monitors.h"
#include "service/samples.h"
#include "service/testing_house.h"

namespace pharos::service {
namespace {

class StatsTest : public testing::Test {
 protected:
  StatsTest() {
    model::Monitor draft;
    draft.tag = draft.name = "m";
    draft.kind = "manual";
    monitor_ = monitors_.Create(house_.who, draft).value();
  }
  // One sample a minute, ending at `newest`.
  void Fill(Timestamp newest, int count, model::Status status) {
    std::vector<model::Sample> samples;
    for (int i = count - 1; i >= 0; --i) {
      model::Sample s;
      s.at = newest - Minutes(i);
      s.status = s.observed = status;
      s.origin = model::SampleOrigin::kManual;
      samples.push_back(s);
    }
    ASSERT_TRUE(samples_.WriteManual(*monitor_, samples));
  }

  TestHouse house_;
  MonitorService monitors_{*house_.context};
  SampleService samples_{*house_.context};
  StatsService stats_{*house_.context};
  MonitorPtr monitor_;
};

TEST_F(StatsTest, PagesOfChecksAreCountedOnlyWhenAsked) {
  const Timestamp now = FloorToMinute(house_.clock.Now());
  Fill(now - Minutes(500), 5, model::Status::kDown);
  Fill(now, 450, model::Status::kUp);
  CheckQuery query;
  query.limit = 3;
  query.offset = 2;
  const auto counted = stats_.Checks(*monitor_, query);
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->total, 455);
  query.count_all = false;
  const auto quick = stats_.Checks(*monitor_, query);
  ASSERT_TRUE(quick);
  EXPECT_EQ(quick->total, 5);
  for (const auto& page : {*counted, *quick}) {
    ASSERT_EQ(page.checks.size(), 3u);
    EXPECT_EQ(page.checks[0].at, now - Minutes(2));
    EXPECT_EQ(page.checks[2].at, now - Minutes(4));
  }
}

// What is looked for may be far behind what was read first.
TEST_F(StatsTest, UncountedChecksGoBackAsFarAsNeeded) {
  const Timestamp now = FloorToMinute(house_.clock.Now());
  Fill(now - Minutes(500), 5, model::Status::kDown);
  Fill(now, 450, model::Status::kUp);
  CheckQuery query;
  query.status = model::Status::kDown;
  query.limit = 10;
  query.count_all = false;
  const auto page = stats_.Checks(*monitor_, query);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->total, 5);
  ASSERT_EQ(page->checks.size(), 5u);
  EXPECT_EQ(page->checks.front().at, now - Minutes(500));
}

}  // namespace
}  // namespace pharos::service
