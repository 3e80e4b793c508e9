#include "store/sqlite/rollup_reader.h"

#include <algorithm>

#include "store/sqlite/day_pack.h"
#include "store/sqlite/history_codec.h"
#include "store/sqlite/history_key.h"
#include "store/sqlite/rollup_codec.h"

namespace pharos::store::sqlite {
namespace {

using model::Rollup;
using model::Sample;
using model::StatusCounts;

constexpr char kSelectCountsByMonitor[] =
    "-- the counts of one monitor in a range of blocks\n"
    "SELECT key, data FROM history_counts WHERE key BETWEEN ?1 AND ?2 ORDER BY key";
constexpr char kSelectLatenciesByDay[] =
    "-- the latencies of one monitor and day\n"
    "SELECT data FROM history_latencies WHERE key = ?1";
constexpr char kSelectLatenciesByMonitor[] =
    "-- the latencies of one monitor in a range of days\n"
    "SELECT key, data FROM history_latencies WHERE key BETWEEN ?1 AND ?2 ORDER BY key";
Error Damaged() { return Error::Internal("damaged roll-up counts"); }

// The part of ascending samples that lies in a window.
std::span<const Sample> Slice(std::span<const Sample> samples, const QuarterWindow& window) {
  const auto earlier = [](const Sample& s, Timestamp t) { return s.at < t; };
  const auto first =
      std::lower_bound(samples.begin(), samples.end(), StartOfQuarter(window.first), earlier);
  const auto last = std::lower_bound(first, samples.end(), StartOfQuarter(window.last), earlier);
  return {first, last};
}

// Calls `f(first day, reader)` for each stored block of counts that a window touches.
template <class F>
Status ForEachBlock(Connection& connection, model::MonitorId monitor, const QuarterWindow& window,
                    F f) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, connection.Prepare(kSelectCountsByMonitor));
  s.Bind(HistoryKey(monitor, BlockOf(DayOfQuarter(window.first))),
         HistoryKey(monitor, BlockOf(DayOfQuarter(window.last - 1))));
  while (true) {
    PHAROS_ASSIGN_OR_RETURN(const bool has_row, s.Step());
    if (!has_row) return Ok();
    CountsRunReader reader(s.Bytes(1));
    f(DayOfHistoryKey(s.Get<int64_t>(0)) * kDaysPerBlock, reader);
    if (reader.IsDamaged()) return Damaged();
  }
}

// The part of a run that lies in a window; empty when last <= first.
QuarterWindow Clip(int64_t first_day, const CountsRun& run, const QuarterWindow& window) {
  const int64_t first = first_day * kQuartersPerDay + run.first;
  return {std::max(first, window.first), std::min(first + run.length, window.last)};
}

QuarterWindow WholeDay(int64_t day) { return {day * kQuartersPerDay, (day + 1) * kQuartersPerDay}; }

bool IsInside(const QuarterWindow& inner, const QuarterWindow& outer) {
  return inner.first >= outer.first && inner.last <= outer.last;
}

Rollup RollupOf(int64_t quarter, std::span<const Sample> samples) {
  RollupSum sum;
  for (const Sample& sample : samples) sum.Add(sample);
  Rollup rollup;
  rollup.start = StartOfQuarter(quarter);
  rollup.counts = sum.counts();
  rollup.latency = sum.Latency();
  return rollup;
}

bool StartsBefore(const Rollup& a, const Rollup& b) { return a.start < b.start; }

// Puts `changed` in the place of what stands in `rollups` for the same time; both ascend. Quarters
// without counted samples vanish.
std::vector<Rollup> Replace(std::vector<Rollup> rollups, const std::vector<Rollup>& changed) {
  std::vector<Rollup> merged;
  merged.reserve(rollups.size() + changed.size());
  auto it = rollups.begin();
  for (const Rollup& rollup : changed) {
    const auto end = std::lower_bound(it, rollups.end(), rollup, StartsBefore);
    merged.insert(merged.end(), it, end);
    it = end != rollups.end() && end->start == rollup.start ? end + 1 : end;
    if (rollup.counts.Total() > 0) merged.push_back(rollup);
  }
  merged.insert(merged.end(), it, rollups.end());
  return merged;
}

// Sums stored runs up by gap, but for quarters that the overlay touches: those are counted from
// samples.
class CountsScan {
 public:
  CountsScan(std::span<const int64_t> bounds, std::vector<int64_t> touched)
      : bounds_(bounds), touched_(std::move(touched)) {
    sums.counts.resize(bounds.size() - 1);
    sums.latencies.resize(bounds.size() - 1);
  }

  void AddBlock(int64_t first_day, CountsRunReader& reader) {
    const QuarterWindow window{bounds_.front(), bounds_.back()};
    CountsRun run;
    while (reader.Next(run)) AddRun(Clip(first_day, run, window), run.counts);
    for (int i = 0; i < kDaysPerBlock; ++i) {
      const model::LatencyStats& latency = reader.days()[static_cast<size_t>(i)];
      const QuarterWindow day = WholeDay(first_day + i);
      if (latency.count == 0 || day.last <= window.first || day.first >= window.last) continue;
      if (IsInside(day, window) && !IsTouched(day)) {
        AddLatency(latency, day.first + kQuartersPerDay / 2);
      } else {
        partial_days.push_back(first_day + i);
      }
    }
  }
  void AddQuarter(const Rollup& rollup, int64_t quarter) {
    sums.counts[GapOf(quarter)].Merge(rollup.counts);
    AddLatency(rollup.latency, quarter);
  }
  void AddLatency(const model::LatencyStats& latency, int64_t quarter) {
    sums.latencies[GapOf(quarter)].Merge(latency);
    sums.latency.Merge(latency);
  }
  bool IsTouched(const QuarterWindow& window) const {
    const auto it = std::lower_bound(touched_.begin(), touched_.end(), window.first);
    return it != touched_.end() && *it < window.last;
  }

  CountsSum sums;
  std::vector<int64_t> stored_and_touched;  // quarters, ascending
  std::vector<int64_t> partial_days;        // whose latencies must be read by quarter hour

 private:
  size_t GapOf(int64_t quarter) const {
    const auto after = std::upper_bound(bounds_.begin(), bounds_.end(), quarter);
    return static_cast<size_t>(after - bounds_.begin()) - 1;
  }
  void AddRun(const QuarterWindow& run, const StatusCounts& counts) {
    for (int64_t at = run.first; at < run.last;) {
      const size_t gap = GapOf(at);
      const int64_t end = std::min(run.last, bounds_[gap + 1]);
      int64_t n = end - at;
      for (auto it = std::lower_bound(touched_.begin(), touched_.end(), at);
           it != touched_.end() && *it < end; ++it) {
        stored_and_touched.push_back(*it);
        --n;
      }
      for (size_t i = 0; i < counts.by_status.size(); ++i) {
        sums.counts[gap].by_status[i] += counts.by_status[i] * static_cast<uint32_t>(n);
      }
      at = end;
    }
  }

  std::span<const int64_t> bounds_;
  std::vector<int64_t> touched_;
};

}  // namespace

Result<std::vector<Rollup>> RollupReader::ReadRollups(const QuarterWindow& window) {
  PHAROS_ASSIGN_OR_RETURN(std::vector<Rollup> rollups, ReadStoredCounts(window));
  PHAROS_RETURN_IF_ERROR(FillStoredLatencies(window, rollups));
  std::span<const Sample> rest = OverlayOf(window);
  if (rest.empty()) return rollups;
  std::vector<Rollup> changed;
  while (!rest.empty()) {
    const int64_t quarter = QuarterOf(ToUnixMillis(rest.front().at));
    const QuarterWindow one{quarter, quarter + 1};
    std::span<const Sample> samples = Slice(rest, one);
    rest = rest.subspan(samples.size());
    Rollup key;
    key.start = StartOfQuarter(quarter);
    // Only where something counted is stored can a sample of the overlay replace one.
    if (std::binary_search(rollups.begin(), rollups.end(), key, StartsBefore)) {
      PHAROS_ASSIGN_OR_RETURN(samples, SamplesOf(one));
    }
    changed.push_back(RollupOf(quarter, samples));
  }
  return Replace(std::move(rollups), changed);
}

Result<CountsSum> RollupReader::ReadCounts(std::span<const int64_t> bounds) {
  const QuarterWindow window{bounds.front(), bounds.back()};
  std::vector<int64_t> touched;
  for (const Sample& sample : OverlayOf(window)) {
    const int64_t quarter = QuarterOf(ToUnixMillis(sample.at));
    if (touched.empty() || touched.back() != quarter) touched.push_back(quarter);
  }
  CountsScan scan(bounds, touched);
  if (window.first >= window.last) return std::move(scan.sums);
  PHAROS_RETURN_IF_ERROR(ForEachBlock(
      connection_, monitor_, window,
      [&](int64_t first_day, CountsRunReader& reader) { scan.AddBlock(first_day, reader); }));
  for (const int64_t quarter : touched) {
    const QuarterWindow one{quarter, quarter + 1};
    std::span<const Sample> samples = OverlayOf(one);
    if (std::binary_search(scan.stored_and_touched.begin(), scan.stored_and_touched.end(),
                           quarter)) {
      PHAROS_ASSIGN_OR_RETURN(samples, SamplesOf(one));
    }
    scan.AddQuarter(RollupOf(quarter, samples), quarter);
  }
  for (const int64_t day : scan.partial_days) {
    PHAROS_ASSIGN_OR_RETURN(Statement s, connection_.Prepare(kSelectLatenciesByDay));
    PHAROS_ASSIGN_OR_RETURN(const bool has_row, s.Bind(HistoryKey(monitor_, day)).Step());
    if (!has_row) continue;
    PHAROS_ASSIGN_OR_RETURN(const LatencyDay stored, DecodeLatencies(s.Bytes(0)));
    for (int i = 0; i < kQuartersPerDay; ++i) {
      const int64_t quarter = day * kQuartersPerDay + i;
      const QuarterWindow one{quarter, quarter + 1};
      if (!IsInside(one, window) || scan.IsTouched(one)) continue;
      scan.AddLatency(stored.quarters[static_cast<size_t>(i)], quarter);
    }
  }
  return std::move(scan.sums);
}

Result<model::QuantileSketch> RollupReader::ReadSketch(const QuarterWindow& window) {
  model::QuantileSketch sketch;
  if (window.first >= window.last) return sketch;
  // The days that have latencies, stored or in the overlay; the window itself may be endless.
  std::vector<int64_t> days;
  {
    PHAROS_ASSIGN_OR_RETURN(Statement s, connection_.Prepare(kSelectLatenciesByMonitor));
    s.Bind(HistoryKey(monitor_, DayOfQuarter(window.first)),
           HistoryKey(monitor_, DayOfQuarter(window.last - 1)));
    while (true) {
      PHAROS_ASSIGN_OR_RETURN(const bool has_row, s.Step());
      if (!has_row) break;
      const int64_t day = DayOfHistoryKey(s.Get<int64_t>(0));
      const QuarterWindow whole = WholeDay(day);
      if (!IsInside(whole, window) || !OverlayOf(whole).empty()) {
        days.push_back(day);
        continue;
      }
      PHAROS_ASSIGN_OR_RETURN(const model::QuantileSketch stored, DecodeDaySketch(s.Bytes(1)));
      sketch.Merge(stored);
    }
  }
  for (const Sample& sample : OverlayOf(window)) days.push_back(DayOf(ToUnixMillis(sample.at)));
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  for (const int64_t day : days) {
    const QuarterWindow part{std::max(window.first, day * kQuartersPerDay),
                             std::min(window.last, (day + 1) * kQuartersPerDay)};
    PHAROS_ASSIGN_OR_RETURN(const std::span<const Sample> samples, SamplesOf(part));
    for (const Sample& sample : samples) {
      if (sample.origin == model::SampleOrigin::kSignal || !(sample.latency_ms > 0)) continue;
      sketch.Add(sample.latency_ms);
    }
  }
  return sketch;
}

Result<std::vector<Rollup>> RollupReader::ReadStoredCounts(const QuarterWindow& window) {
  std::vector<Rollup> rollups;
  if (window.first >= window.last) return rollups;
  const auto add_block = [&](int64_t first_day, CountsRunReader& reader) {
    CountsRun run;
    while (reader.Next(run)) {
      const QuarterWindow part = Clip(first_day, run, window);
      for (int64_t quarter = part.first; quarter < part.last; ++quarter) {
        Rollup& rollup = rollups.emplace_back();
        rollup.start = StartOfQuarter(quarter);
        rollup.counts = run.counts;
      }
    }
  };
  PHAROS_RETURN_IF_ERROR(ForEachBlock(connection_, monitor_, window, add_block));
  return rollups;
}

Status RollupReader::FillStoredLatencies(const QuarterWindow& window,
                                         std::vector<Rollup>& rollups) {
  if (rollups.empty()) return Ok();
  PHAROS_ASSIGN_OR_RETURN(Statement s, connection_.Prepare(kSelectLatenciesByMonitor));
  s.Bind(HistoryKey(monitor_, DayOfQuarter(window.first)),
         HistoryKey(monitor_, DayOfQuarter(window.last - 1)));
  auto it = rollups.begin();
  while (true) {
    PHAROS_ASSIGN_OR_RETURN(const bool has_row, s.Step());
    if (!has_row) return Ok();
    const int64_t first = DayOfHistoryKey(s.Get<int64_t>(0)) * kQuartersPerDay;
    PHAROS_ASSIGN_OR_RETURN(const LatencyDay day, DecodeLatencies(s.Bytes(1)));
    while (it != rollups.end() && it->start < StartOfQuarter(first)) ++it;
    for (; it != rollups.end(); ++it) {
      const int64_t i = QuarterOf(ToUnixMillis(it->start)) - first;
      if (i >= kQuartersPerDay) break;
      it->latency = day.quarters[static_cast<size_t>(i)];
    }
  }
}

std::span<const Sample> RollupReader::OverlayOf(const QuarterWindow& window) const {
  return Slice(overlay_, window);
}

Result<std::span<const Sample>> RollupReader::SamplesOf(const QuarterWindow& window) {
  const int64_t day = DayOfQuarter(window.first);
  if (merged_day_ != day) {
    PHAROS_ASSIGN_OR_RETURN(const std::vector<Sample> chunk, ReadChunk(connection_, monitor_, day));
    merged_ = MergeSamples(chunk, OverlayOf(WholeDay(day)));
    merged_day_ = day;
  }
  return Slice(merged_, window);
}

}  // namespace pharos::store::sqlite
