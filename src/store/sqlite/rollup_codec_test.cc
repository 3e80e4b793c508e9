#include "store/sqlite/rollup_codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "store/sqlite/history_key.h"

namespace pharos::store::sqlite {
namespace {

using model::Status;
using model::StatusCounts;

CountsBlock RandomBlock(uint32_t seed) {
  std::mt19937 random(seed);
  CountsBlock block{};
  size_t i = 0;
  while (i < block.quarters.size()) {
    StatusCounts counts;
    for (int n = static_cast<int>(random() % 4); n > 0; --n) {
      counts.Add(model::kAllStatuses[random() % 6], static_cast<uint32_t>(random() % 1000));
    }
    for (size_t n = 1 + random() % 200; n > 0 && i < block.quarters.size(); --n) {
      block.quarters[i++] = counts;
    }
  }
  for (size_t day = seed % 3; day < block.days.size(); day += 1 + seed % 4) {
    block.days[day] = {static_cast<uint32_t>(1 + random() % 1440), 12'345.678, 0.5, 300};
  }
  return block;
}

TEST(RollupCodec, CountsComeBack) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    const CountsBlock block = RandomBlock(seed);
    const auto decoded = DecodeCounts(EncodeCounts(block));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, block) << seed;
  }
}

TEST(RollupCodec, QuietDaysAreAHandfulOfBytes) {
  CountsBlock block{};
  for (StatusCounts& counts : block.quarters) counts.Add(Status::kUp, 15);
  EXPECT_LT(EncodeCounts(block).size(), 10U);
  EXPECT_EQ(EncodeCounts(CountsBlock{}).size(), 3U);
}

TEST(RollupCodec, DamagedCountsAreRefused) {
  const std::string packed = EncodeCounts(RandomBlock(1));
  EXPECT_FALSE(DecodeCounts(""));
  EXPECT_FALSE(DecodeCounts("\x02"));
  EXPECT_FALSE(DecodeCounts(packed + "\x01"));
  EXPECT_FALSE(DecodeCounts(std::string_view(packed).substr(0, packed.size() - 1)));
  std::mt19937 random(2);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = packed;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    EXPECT_NO_FATAL_FAILURE(static_cast<void>(DecodeCounts(damaged)));
  }
}

TEST(RollupCodec, LatenciesComeBack) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    LatencyDay day;
    for (model::LatencyStats& q : day.quarters) {
      for (int n = static_cast<int>(random() % 3); n > 0; --n) {
        const double ms = static_cast<double>(1 + random() % 100'000) / (round % 2 == 0 ? 1000 : 7);
        q.Add(ms);
        day.sketch.Add(ms);
      }
    }
    const std::string packed = EncodeLatencies(day);
    const auto decoded = DecodeLatencies(packed);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->quarters, day.quarters);
    EXPECT_EQ(decoded->sketch, day.sketch);
    const auto sketch = DecodeDaySketch(packed);
    ASSERT_TRUE(sketch);
    EXPECT_EQ(*sketch, day.sketch);
    for (size_t n = 0; n < packed.size() && round < 5; ++n) {
      EXPECT_FALSE(DecodeLatencies(std::string_view(packed).substr(0, n)));
    }
  }
}

TEST(RollupSum, OrderDoesNotShow) {
  std::vector<double> values;
  for (int i = 1; i <= 1000; ++i) values.push_back(i * 0.1 - static_cast<int>(i * 0.1) + 0.001);
  for (double& v : values) v = std::round(v * 1000) / 1000;
  const auto sum = [](const std::vector<double>& in) {
    RollupSum total;
    for (const double v : in) {
      model::Sample s;
      s.status = Status::kUp;
      s.latency_ms = v;
      total.Add(s);
    }
    return total.Latency().sum_ms;
  };
  const double forward = sum(values);
  std::reverse(values.begin(), values.end());
  EXPECT_EQ(sum(values), forward);
}

TEST(RollupCodec, QuartersAndDaysBeforeTheEpoch) {
  EXPECT_EQ(QuarterOf(-1), -1);
  EXPECT_EQ(DayOf(-1), -1);
  EXPECT_EQ(DayOf(0), 0);
  EXPECT_EQ(BlockOf(-1), -1);
  EXPECT_EQ(CeilQuarter(FromUnixMillis(1)), 1);
  EXPECT_EQ(CeilQuarter(FromUnixMillis(-1)), 0);
  EXPECT_EQ(CeilMillis(FromUnixMicros(1)), 1);
  EXPECT_EQ(CeilMillis(FromUnixMicros(-1)), 0);
}

TEST(HistoryKey, SplitsIntoWhatItIsMadeOf) {
  for (const int64_t monitor : {int64_t{1}, int64_t{77}, int64_t{1} << 34}) {
    for (const int64_t day : {int64_t{-104'000'000}, int64_t{-1}, int64_t{0}, int64_t{20'516}}) {
      const int64_t key = HistoryKey(model::MonitorId(monitor), day);
      EXPECT_EQ(DayOfHistoryKey(key), day);
      EXPECT_EQ(MonitorOfHistoryKey(key), model::MonitorId(monitor));
      EXPECT_LE(FirstHistoryKey(model::MonitorId(monitor)), key);
      EXPECT_GE(LastHistoryKey(model::MonitorId(monitor)), key);
    }
    EXPECT_EQ(LastHistoryKey(model::MonitorId(monitor)) + 1,
              FirstHistoryKey(model::MonitorId(monitor + 1)));
  }
}

}  // namespace
}  // namespace pharos::store::sqlite
