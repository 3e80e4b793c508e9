#include "store/sqlite/day_pack.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_set>

#include "base/log.h"
#include "store/sqlite/history_codec.h"
#include "store/sqlite/history_key.h"

namespace pharos::store::sqlite {
namespace {

using model::MonitorId;
using model::Sample;

constexpr char kSelectChunk[] =
    "-- the packed samples of one monitor and day\n"
    "SELECT data FROM history_chunks WHERE key = ?1";
constexpr char kSelectCounts[] =
    "-- the counts of one monitor and block of days\n"
    "SELECT data FROM history_counts WHERE key = ?1";
constexpr char kUpsertChunk[] =
    "-- writes the packed samples of one monitor and day\n"
    "INSERT OR REPLACE INTO history_chunks (key, data) VALUES (?1, ?2)";
constexpr char kUpsertCounts[] =
    "-- writes the counts of one monitor and block of days\n"
    "INSERT OR REPLACE INTO history_counts (key, data) VALUES (?1, ?2)";
constexpr char kUpsertLatencies[] =
    "-- writes the latencies of one monitor and day\n"
    "INSERT OR REPLACE INTO history_latencies (key, data) VALUES (?1, ?2)";
constexpr char kDeleteChunk[] =
    "-- removes a chunk that has become empty\n"
    "DELETE FROM history_chunks WHERE key = ?1";
constexpr char kDeleteCounts[] =
    "-- removes counts that have become zero\n"
    "DELETE FROM history_counts WHERE key = ?1";
constexpr char kDeleteLatencies[] =
    "-- removes a day without latencies\n"
    "DELETE FROM history_latencies WHERE key = ?1";

// What is packed must unpack again, so the limits of the decoder bind here too. The newest is kept.
void EnforceLimits(MonitorId monitor, std::vector<Sample>& samples) {
  const ChunkLimits limits;
  if (samples.size() > limits.max_samples) {
    const size_t surplus = samples.size() - limits.max_samples;
    Log(LogLevel::kWarning, "history day is full, oldest samples dropped",
        {{"monitor", monitor.value()}, {"dropped", surplus}});
    samples.erase(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(surplus));
  }
  size_t bytes = 0;  // as unpacked, where each sample has its own copy
  for (auto it = samples.rbegin(); it != samples.rend(); ++it) {
    bytes += it->message.size();
    if (bytes > limits.max_message_bytes) it->message.clear();
  }
}

// The text with each number in it as one '#'.
std::string WithoutNumbers(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) {
      out.push_back(c);
    } else if (out.empty() || out.back() != '#') {
      out.push_back('#');
    }
  }
  return out;
}

// The texts of one day, with what they take together.
class TextBudget {
 public:
  // Whether the text is one of those that are kept, from now on if it fits a part of the budget.
  bool Keeps(const std::string& text, size_t quarters) {
    if (texts_.contains(text)) return true;
    if (texts_.size() >= kMaxTextsPerDay * quarters / 4 ||
        bytes_ + text.size() > kMaxTextBytesPerDay * quarters / 4) {
      return false;
    }
    bytes_ += text.size();
    texts_.insert(text);
    return true;
  }

 private:
  std::unordered_set<std::string> texts_;
  size_t bytes_ = 0;
};

Status WriteTable(Connection& connection, const std::vector<PackedRow>& rows, const char* upsert,
                  const char* remove) {
  PHAROS_ASSIGN_OR_RETURN(Statement writing, connection.Prepare(upsert));
  for (const PackedRow& row : rows) {
    if (row.data.empty()) {
      PHAROS_ASSIGN_OR_RETURN(Statement removing, connection.Prepare(remove));
      PHAROS_RETURN_IF_ERROR(removing.Bind(row.key).Run());
    } else {
      PHAROS_RETURN_IF_ERROR(writing.Bind(row.key, Blob{row.data}).Run());
    }
  }
  return Ok();
}

}  // namespace

void BoundTexts(std::vector<Sample>& samples) {
  TextBudget budget;
  for (Sample& sample : samples) {
    if (sample.message.empty() || sample.message == kTextNotKept) continue;
    if (budget.Keeps(sample.message, 3)) continue;
    sample.message = WithoutNumbers(sample.message);
    if (!budget.Keeps(sample.message, 4)) sample.message = kTextNotKept;
  }
}

std::vector<Sample> MergeSamples(std::span<const Sample> older, std::span<const Sample> newer) {
  std::vector<Sample> merged;
  merged.reserve(older.size() + newer.size());
  auto it = older.begin();
  for (const Sample& sample : newer) {
    while (it != older.end() && it->at < sample.at) merged.push_back(*it++);
    if (it != older.end() && it->at == sample.at) ++it;
    if (!IsErased(sample)) merged.push_back(sample);
  }
  merged.insert(merged.end(), it, older.end());
  return merged;
}

Result<std::vector<Sample>> ReadChunk(Connection& connection, MonitorId monitor, int64_t day) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, connection.Prepare(kSelectChunk));
  PHAROS_ASSIGN_OR_RETURN(const bool has_row, s.Bind(HistoryKey(monitor, day)).Step());
  if (!has_row) return std::vector<Sample>();
  return DecodeChunk(s.Bytes(0), day * kMillisPerDay);
}

Status DayPacker::Add(MonitorId monitor, int64_t day, std::vector<Sample> samples) {
  PHAROS_RETURN_IF_ERROR(OpenBlock(monitor, day));
  BoundTexts(samples);
  EnforceLimits(monitor, samples);
  std::array<RollupSum, kQuartersPerDay> sums;
  RollupSum whole_day;
  LatencyDay latencies;
  bool has_latency = false;
  const int64_t first_quarter = day * kQuartersPerDay;
  for (const Sample& sample : samples) {
    sums[static_cast<size_t>(QuarterOf(ToUnixMillis(sample.at)) - first_quarter)].Add(sample);
    whole_day.Add(sample);
    if (sample.origin == model::SampleOrigin::kSignal || !(sample.latency_ms > 0)) continue;
    latencies.sketch.Add(sample.latency_ms);
    has_latency = true;
  }
  const auto day_in_block = static_cast<size_t>(day - BlockOf(day) * kDaysPerBlock);
  block_.days[day_in_block] = whole_day.Latency();
  for (size_t i = 0; i < sums.size(); ++i) {
    block_.quarters[day_in_block * kQuartersPerDay + i] = sums[i].counts();
    latencies.quarters[i] = sums[i].Latency();
  }
  const int64_t key = HistoryKey(monitor, day);
  rows_.chunks.push_back(
      {key, samples.empty() ? std::string() : EncodeChunk(samples, day * kMillisPerDay)});
  rows_.latencies.push_back({key, has_latency ? EncodeLatencies(latencies) : std::string()});
  return Ok();
}

Status DayPacker::DropCountsBefore(MonitorId monitor, int64_t day) {
  PHAROS_RETURN_IF_ERROR(OpenBlock(monitor, day));
  const int64_t days = day - BlockOf(day) * kDaysPerBlock;
  std::fill_n(block_.quarters.begin(), days * kQuartersPerDay, model::StatusCounts{});
  std::fill_n(block_.days.begin(), days, model::LatencyStats{});
  return Ok();
}

Result<PackedRows> DayPacker::Finish() {
  CloseBlock();
  return std::move(rows_);
}

Status DayPacker::OpenBlock(MonitorId monitor, int64_t day) {
  const int64_t key = HistoryKey(monitor, BlockOf(day));
  if (block_key_ == key) return Ok();
  CloseBlock();
  PHAROS_ASSIGN_OR_RETURN(Statement s, connection_.Prepare(kSelectCounts));
  PHAROS_ASSIGN_OR_RETURN(const bool has_row, s.Bind(key).Step());
  block_ = {};
  if (has_row) {
    PHAROS_ASSIGN_OR_RETURN(block_, DecodeCounts(s.Bytes(0)));
  }
  block_key_ = key;
  return Ok();
}

void DayPacker::CloseBlock() {
  if (!block_key_) return;
  rows_.counts.push_back(
      {*block_key_, block_ == CountsBlock{} ? std::string() : EncodeCounts(block_)});
  block_key_.reset();
}

Status WriteRows(Connection& connection, const PackedRows& rows) {
  PHAROS_RETURN_IF_ERROR(WriteTable(connection, rows.chunks, kUpsertChunk, kDeleteChunk));
  PHAROS_RETURN_IF_ERROR(WriteTable(connection, rows.counts, kUpsertCounts, kDeleteCounts));
  return WriteTable(connection, rows.latencies, kUpsertLatencies, kDeleteLatencies);
}

}  // namespace pharos::store::sqlite
