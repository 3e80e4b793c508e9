#include "rules/rollup.h"

#include <gtest/gtest.h>

#include <random>

namespace pharos::rules {
namespace {

using model::Status;

TEST(Rollup, WorstWins) {
  EXPECT_EQ(WorstOf({}), Status::kNoData);
  const std::vector<std::pair<std::vector<Status>, Status>> rows = {
      {{Status::kNoData}, Status::kNoData},
      {{Status::kNoData, Status::kUp}, Status::kUp},
      {{Status::kMaintenance, Status::kUp}, Status::kMaintenance},
      {{Status::kDegraded, Status::kMaintenance}, Status::kDegraded},
      {{Status::kPartialOutage, Status::kDegraded}, Status::kPartialOutage},
      {{Status::kUp, Status::kDown, Status::kPartialOutage}, Status::kDown},
  };
  for (const auto& [statuses, worst] : rows) EXPECT_EQ(WorstOf(statuses), worst);
}

std::string TextFor(int up, int degraded, int partial, int down, int maintenance, int no_data) {
  std::vector<Status> statuses;
  statuses.insert(statuses.end(), static_cast<size_t>(up), Status::kUp);
  statuses.insert(statuses.end(), static_cast<size_t>(degraded), Status::kDegraded);
  statuses.insert(statuses.end(), static_cast<size_t>(partial), Status::kPartialOutage);
  statuses.insert(statuses.end(), static_cast<size_t>(down), Status::kDown);
  statuses.insert(statuses.end(), static_cast<size_t>(maintenance), Status::kMaintenance);
  statuses.insert(statuses.end(), static_cast<size_t>(no_data), Status::kNoData);
  return std::string(BannerText(ComputeBanner(statuses)));
}

TEST(Rollup, BannerTexts) {
  EXPECT_EQ(TextFor(0, 0, 0, 0, 0, 0), "No Status Available");
  EXPECT_EQ(TextFor(0, 0, 0, 0, 0, 4), "No Status Available");
  EXPECT_EQ(TextFor(4, 0, 0, 0, 0, 1), "All Systems Operational");
  EXPECT_EQ(TextFor(1, 0, 0, 3, 0, 0), "Major System Outage");
  EXPECT_EQ(TextFor(2, 0, 0, 2, 0, 0), "Partial System Outage");
  EXPECT_EQ(TextFor(1, 0, 0, 3, 0, 9), "Major System Outage") << "without data does not count";
  EXPECT_EQ(TextFor(1, 3, 0, 0, 0, 0), "Degraded Performance");
  EXPECT_EQ(TextFor(2, 2, 0, 0, 0, 0), "Partial Degraded Performance");
  EXPECT_EQ(TextFor(0, 0, 4, 0, 0, 0), "Partial System Outage");
  EXPECT_EQ(TextFor(9, 0, 0, 0, 1, 0), "Under Maintenance");
  EXPECT_EQ(TextFor(0, 0, 0, 0, 4, 0), "Under Maintenance");
  EXPECT_EQ(TextFor(0, 1, 0, 0, 9, 0), "Partial Degraded Performance");
}

TEST(Rollup, BannerIsMajorFromThreeQuartersOn) {
  for (int down = 1; down <= 100; ++down) {
    std::vector<Status> statuses(static_cast<size_t>(down), Status::kDown);
    statuses.resize(100, Status::kUp);
    EXPECT_EQ(ComputeBanner(statuses).major, down >= 75) << down;
  }
}

TEST(Rollup, SumTakesTheHalfOpenWindow) {
  std::vector<model::Rollup> rollups;
  for (int quarter = 0; quarter < 8; ++quarter) {
    model::Rollup rollup;
    rollup.start = FromUnixSeconds(0) + model::kRollupStep * quarter;
    rollup.counts.Add(Status::kUp, 15);
    rollup.counts.Add(Status::kDown, static_cast<uint32_t>(quarter));
    rollup.latency.Add(10 * (quarter + 1));
    rollups.push_back(rollup);
  }
  const model::Rollup hour = SumRollups(rollups, FromUnixSeconds(900), FromUnixSeconds(4500));
  EXPECT_EQ(hour.start, FromUnixSeconds(900));
  EXPECT_EQ(hour.counts.Of(Status::kUp), 60u);
  EXPECT_EQ(hour.counts.Of(Status::kDown), 1u + 2 + 3 + 4);
  EXPECT_EQ(hour.latency.count, 4u);
  EXPECT_EQ(hour.latency.min_ms, 20);
  EXPECT_EQ(hour.latency.max_ms, 50);
  EXPECT_EQ(SumRollups(rollups, FromUnixSeconds(900), FromUnixSeconds(900)).counts.Total(), 0u);
}

TEST(Rollup, SumOfPartsIsSumOfWhole) {
  std::mt19937_64 random(41);
  for (int round = 0; round < 30; ++round) {
    std::vector<model::Rollup> rollups;
    for (int quarter = 0; quarter < 96; ++quarter) {
      if (random() % 4 == 0) continue;
      model::Rollup rollup;
      rollup.start = FromUnixSeconds(0) + model::kRollupStep * quarter;
      for (const Status s : model::kAllStatuses) {
        rollup.counts.Add(s, static_cast<uint32_t>(random() % 15));
      }
      rollups.push_back(rollup);
    }
    const Timestamp end = FromUnixSeconds(86400);
    const Timestamp cut = FromUnixSeconds(static_cast<int64_t>(random() % 86400));
    model::StatusCounts parts = SumRollups(rollups, FromUnixSeconds(0), cut).counts;
    parts.Merge(SumRollups(rollups, cut, end).counts);
    EXPECT_EQ(parts, SumRollups(rollups, FromUnixSeconds(0), end).counts);
  }
}

TEST(Rollup, StatusOfADayIsTheWorstThatOccurred) {
  model::StatusCounts counts;
  EXPECT_EQ(StatusOfCounts(counts), Status::kNoData);
  counts.Add(Status::kNoData, 5);
  EXPECT_EQ(StatusOfCounts(counts), Status::kNoData);
  counts.Add(Status::kUp, 1435);
  EXPECT_EQ(StatusOfCounts(counts), Status::kUp);
  counts.Add(Status::kMaintenance);
  EXPECT_EQ(StatusOfCounts(counts), Status::kMaintenance);
  counts.Add(Status::kDegraded);
  EXPECT_EQ(StatusOfCounts(counts), Status::kDegraded);
  counts.Add(Status::kDown);
  EXPECT_EQ(StatusOfCounts(counts), Status::kDown);
}

}  // namespace
}  // namespace pharos::rules
