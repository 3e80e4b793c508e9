#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/quantile_sketch.h"
#include "model/rollup.h"
#include "model/sample.h"
#include "store/sqlite/byte_codec.h"

namespace pharos::store::sqlite {

inline constexpr int64_t kMillisPerQuarter = 900'000;
inline constexpr int kQuartersPerDay = 96;
inline constexpr int kDaysPerBlock = 16;
inline constexpr int kQuartersPerBlock = kDaysPerBlock * kQuartersPerDay;

// Quarter hours, UTC days and blocks of days, counted from the epoch; negative before it.
constexpr int64_t QuarterOf(int64_t at_ms) { return FloorDiv(at_ms, kMillisPerQuarter); }
constexpr int64_t DayOfQuarter(int64_t quarter) { return FloorDiv(quarter, kQuartersPerDay); }
constexpr int64_t DayOf(int64_t at_ms) { return DayOfQuarter(QuarterOf(at_ms)); }
constexpr int64_t BlockOf(int64_t day) { return FloorDiv(day, kDaysPerBlock); }
constexpr Timestamp StartOfQuarter(int64_t quarter) {
  return FromUnixMillis(quarter * kMillisPerQuarter);
}
// Times further away than 285,000 years are moved there, so that days and quarters around them can
// be reckoned with.
constexpr Timestamp ClampTime(Timestamp t) {
  constexpr Timestamp kFarthest = FromUnixSeconds(9'000'000'000'000);
  return std::clamp(t, FromUnixMicros(-ToUnixMicros(kFarthest)), kFarthest);
}
// The first quarter that begins at or after `t`.
constexpr int64_t CeilQuarter(Timestamp t) {
  const int64_t us = ToUnixMicros(ClampTime(t));
  return FloorDiv(us, kMillisPerQuarter * 1000) + (us % (kMillisPerQuarter * 1000) != 0 ? 1 : 0);
}
// The first whole millisecond at or after `t`.
constexpr int64_t CeilMillis(Timestamp t) {
  const Timestamp near = ClampTime(t);
  return ToUnixMillis(near) + (ToUnixMicros(near) % 1000 != 0 ? 1 : 0);
}

// One monitor's quarter hours in one block of days, with each day's latencies in one sum. A scan
// over 90 days reads few of these rows, and they are a handful of bytes per day while nothing
// happens.
struct CountsBlock {
  std::array<model::StatusCounts, kQuartersPerBlock> quarters{};
  std::array<model::LatencyStats, kDaysPerBlock> days{};

  bool operator==(const CountsBlock&) const = default;
};

std::string EncodeCounts(const CountsBlock& block);
Result<CountsBlock> DecodeCounts(std::string_view bytes);

// A run of quarters with equal counts that are not all zero.
struct CountsRun {
  int first = 0;  // index in the block
  int length = 0;
  model::StatusCounts counts;
};
// Reads the runs of a packed block one by one, ascending, without unpacking it.
class CountsRunReader {
 public:
  explicit CountsRunReader(std::string_view bytes);
  // False at the end, or when the bytes are damaged.
  bool Next(CountsRun& run);
  bool IsDamaged() const { return damaged_; }
  const std::array<model::LatencyStats, kDaysPerBlock>& days() const { return days_; }

 private:
  ByteReader in_;
  std::array<model::LatencyStats, kDaysPerBlock> days_{};
  int next_ = 0;
  bool damaged_ = false;
};

// Latencies of one monitor and day: per quarter hour, and their distribution over the whole day.
struct LatencyDay {
  std::array<model::LatencyStats, kQuartersPerDay> quarters{};
  model::QuantileSketch sketch;
};
std::string EncodeLatencies(const LatencyDay& day);
Result<LatencyDay> DecodeLatencies(std::string_view bytes);
// The distribution alone.
Result<model::QuantileSketch> DecodeDaySketch(std::string_view bytes);

// Sums samples up. Heartbeat receipts do not count (model/rollup.h). Sums of latencies that are
// whole microseconds are exact, so that the order of adding does not show.
class RollupSum {
 public:
  void Add(const model::Sample& sample);
  const model::StatusCounts& counts() const { return counts_; }
  model::LatencyStats Latency() const;

 private:
  model::StatusCounts counts_;
  model::LatencyStats latency_;
  int64_t sum_us_ = 0;
  bool exact_ = true;
};

}  // namespace pharos::store::sqlite
