#include "store/sqlite/rollup_codec.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "store/sqlite/history_codec.h"
#include "store/sqlite/number_codec.h"

namespace pharos::store::sqlite {
namespace {

using model::LatencyStats;
using model::StatusCounts;

constexpr uint8_t kCountsVersion = 1;
constexpr uint8_t kLatencyVersion = 1;
constexpr std::array<double LatencyStats::*, 3> kLatencyColumns = {
    &LatencyStats::sum_ms, &LatencyStats::min_ms, &LatencyStats::max_ms};

Error Damaged(const char* what) { return Error::Internal(std::string("damaged roll-up: ") + what); }

void PutCounts(std::string& out, const StatusCounts& counts) {
  uint8_t mask = 0;
  for (size_t i = 0; i < counts.by_status.size(); ++i) {
    if (counts.by_status[i] != 0) mask = static_cast<uint8_t>(mask | (1U << i));
  }
  out.push_back(static_cast<char>(mask));
  for (const uint32_t n : counts.by_status) {
    if (n != 0) PutVarint(out, n);
  }
}

// Numbers of samples as runs, then a column each for sums, minima and maxima of those that have
// any.
void PutLatencies(std::string& out, std::span<const LatencyStats> stats) {
  size_t i = 0;
  while (i < stats.size()) {
    size_t end = i + 1;
    while (end < stats.size() && stats[end].count == stats[i].count) ++end;
    PutVarint(out, stats[i].count);
    PutVarint(out, end - i);
    i = end;
  }
  std::vector<double> column;
  for (double LatencyStats::* field : kLatencyColumns) {
    column.clear();
    for (const LatencyStats& s : stats) {
      if (s.count > 0) column.push_back(s.*field);
    }
    PutDecimals(out, column);
  }
}

bool GetLatencies(ByteReader& in, std::span<LatencyStats> stats) {
  std::vector<size_t> present;
  for (size_t i = 0; i < stats.size();) {
    const auto count = static_cast<uint32_t>(in.Varint());
    const uint64_t run = in.Varint();
    if (!in.ok() || run == 0 || run > stats.size() - i) return false;
    for (uint64_t j = 0; j < run; ++j, ++i) {
      stats[i].count = count;
      if (count > 0) present.push_back(i);
    }
  }
  std::vector<double> column;
  for (double LatencyStats::* field : kLatencyColumns) {
    if (!GetDecimals(in, present.size(), column)) return false;
    for (size_t i = 0; i < column.size(); ++i) stats[present[i]].*field = column[i];
  }
  return true;
}

}  // namespace

// Latencies of the days, then runs of (quarters skipped, length, mask of statuses, their counts).
std::string EncodeCounts(const CountsBlock& block) {
  std::string out;
  out.push_back(static_cast<char>(kCountsVersion));
  PutLatencies(out, block.days);
  const auto& quarters = block.quarters;
  size_t written = 0;
  size_t i = 0;
  while (i < quarters.size()) {
    if (quarters[i] == StatusCounts{}) {
      ++i;
      continue;
    }
    size_t end = i + 1;
    while (end < quarters.size() && quarters[end] == quarters[i]) ++end;
    PutVarint(out, i - written);
    PutVarint(out, end - i);
    PutCounts(out, quarters[i]);
    written = end;
    i = end;
  }
  return out;
}

CountsRunReader::CountsRunReader(std::string_view bytes) : in_(bytes) {
  damaged_ = in_.Byte() != kCountsVersion || !GetLatencies(in_, days_);
}

bool CountsRunReader::Next(CountsRun& run) {
  if (damaged_ || in_.AtEnd()) return false;
  const uint64_t skipped = in_.Varint();
  const uint64_t length = in_.Varint();
  const uint8_t mask = in_.Byte();
  const auto left = static_cast<uint64_t>(kQuartersPerBlock - next_);
  if (skipped > left || length == 0 || length > left - skipped || mask == 0 ||
      mask >= 1U << model::kStatusCount) {
    damaged_ = true;
    return false;
  }
  run.counts = {};
  for (size_t i = 0; i < run.counts.by_status.size(); ++i) {
    if ((mask & (1U << i)) != 0) run.counts.by_status[i] = static_cast<uint32_t>(in_.Varint());
  }
  damaged_ = !in_.ok();
  run.first = next_ + static_cast<int>(skipped);
  run.length = static_cast<int>(length);
  next_ = run.first + run.length;
  return !damaged_;
}

Result<CountsBlock> DecodeCounts(std::string_view bytes) {
  CountsBlock block{};
  CountsRunReader reader(bytes);
  CountsRun run;
  while (reader.Next(run)) {
    std::fill_n(block.quarters.begin() + run.first, run.length, run.counts);
  }
  if (reader.IsDamaged()) return Damaged("counts");
  block.days = reader.days();
  return block;
}

// The sketch stands first, so that a window of whole days reads nothing else.
std::string EncodeLatencies(const LatencyDay& day) {
  std::string out;
  out.push_back(static_cast<char>(kLatencyVersion));
  day.sketch.AppendTo(out);
  PutLatencies(out, day.quarters);
  return out;
}

Result<LatencyDay> DecodeLatencies(std::string_view bytes) {
  LatencyDay day;
  if (bytes.empty() || static_cast<uint8_t>(bytes.front()) != kLatencyVersion) {
    return Damaged("latency version");
  }
  bytes.remove_prefix(1);
  PHAROS_ASSIGN_OR_RETURN(day.sketch, model::QuantileSketch::ReadFrom(bytes));
  ByteReader in(bytes);
  if (!GetLatencies(in, day.quarters)) return Damaged("latencies");
  if (!in.AtEnd()) return Damaged("bytes after latencies");
  return day;
}

Result<model::QuantileSketch> DecodeDaySketch(std::string_view bytes) {
  if (bytes.empty() || static_cast<uint8_t>(bytes.front()) != kLatencyVersion) {
    return Damaged("latency version");
  }
  bytes.remove_prefix(1);
  return model::QuantileSketch::ReadFrom(bytes);
}

void RollupSum::Add(const model::Sample& sample) {
  if (sample.origin == model::SampleOrigin::kSignal || IsErased(sample)) return;
  counts_.Add(sample.status);
  if (!(sample.latency_ms > 0)) return;
  latency_.Add(sample.latency_ms);
  const std::optional<int64_t> us = ExactDecimal(sample.latency_ms, kMaxDecimalDigits);
  exact_ = exact_ && us.has_value() && !__builtin_add_overflow(sum_us_, *us, &sum_us_);
}

LatencyStats RollupSum::Latency() const {
  LatencyStats stats = latency_;
  if (exact_) stats.sum_ms = FromDecimal(sum_us_, kMaxDecimalDigits);
  return stats;
}

}  // namespace pharos::store::sqlite
