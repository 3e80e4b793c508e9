#include "store/sqlite/history.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "store/sqlite/day_pack.h"
#include "store/sqlite/history_codec.h"
#include "store/sqlite/history_key.h"
#include "store/sqlite/rollup_codec.h"
#include "store/sqlite/rollup_reader.h"

namespace pharos::store::sqlite {
namespace {

using model::MonitorId;
using model::MonitorSample;
using model::Sample;

// One row of the journal is folded in one go; this keeps a step short.
constexpr size_t kSamplesPerRow = 16'384;

constexpr char kInsertJournalRow[] =
    "-- adds samples to the journal\n"
    "INSERT INTO history_journal (min_at_ms, max_at_ms, data) VALUES (?1, ?2, ?3)";
constexpr char kSelectChunksUp[] =
    "-- a monitor's chunks in a range of days, oldest first\n"
    "SELECT key, data FROM history_chunks WHERE key BETWEEN ?1 AND ?2 ORDER BY key";
constexpr char kSelectChunksDown[] =
    "-- a monitor's chunks in a range of days, newest first\n"
    "SELECT key, data FROM history_chunks WHERE key BETWEEN ?1 AND ?2 ORDER BY key DESC";

struct EarlierSample {
  bool operator()(const Sample& a, const Sample& b) const { return a.at < b.at; }
  bool operator()(const Sample& a, int64_t ms) const { return a.at < FromUnixMillis(ms); }
};

// Takes days in either direction, in order, until enough samples of the window are together.
class WindowCollector {
 public:
  WindowCollector(int64_t from_ms, int64_t to_ms, size_t limit, bool newest_first)
      : from_(FromUnixMillis(from_ms)),
        to_(FromUnixMillis(to_ms)),
        limit_(limit),
        newest_first_(newest_first) {}

  bool IsFull() const { return out_.size() >= limit_; }
  // `samples` ascends in itself.
  void Add(std::span<const Sample> samples) {
    if (newest_first_) {
      for (auto it = samples.rbegin(); it != samples.rend() && !IsFull(); ++it) AddOne(*it);
    } else {
      for (auto it = samples.begin(); it != samples.end() && !IsFull(); ++it) AddOne(*it);
    }
  }
  std::vector<Sample> Finish() {
    if (newest_first_) std::reverse(out_.begin(), out_.end());
    return std::move(out_);
  }

 private:
  void AddOne(const Sample& sample) {
    if (sample.at >= from_ && sample.at < to_ && !IsErased(sample)) out_.push_back(sample);
  }

  Timestamp from_;
  Timestamp to_;
  size_t limit_;
  bool newest_first_;
  std::vector<Sample> out_;
};

// Splits the overlay as the walk over the chunks needs it: what comes before a day (in the
// direction of the walk), then the day itself.
class OverlayWalk {
 public:
  OverlayWalk(std::span<const Sample> samples, bool newest_first)
      : rest_(samples), newest_first_(newest_first) {}

  std::span<const Sample> TakeBefore(int64_t day) {
    return newest_first_ ? TakeBack((day + 1) * kMillisPerDay) : TakeFront(day * kMillisPerDay);
  }
  std::span<const Sample> TakeDay(int64_t day) {
    return newest_first_ ? TakeBack(day * kMillisPerDay) : TakeFront((day + 1) * kMillisPerDay);
  }
  std::span<const Sample> TakeRest() { return std::exchange(rest_, {}); }

 private:
  size_t CountBefore(int64_t ms) const {
    return static_cast<size_t>(std::lower_bound(rest_.begin(), rest_.end(), ms, EarlierSample()) -
                               rest_.begin());
  }
  std::span<const Sample> TakeFront(int64_t before_ms) {
    const size_t n = CountBefore(before_ms);
    const auto taken = rest_.first(n);
    rest_ = rest_.subspan(n);
    return taken;
  }
  std::span<const Sample> TakeBack(int64_t from_ms) {
    const size_t n = CountBefore(from_ms);
    const auto taken = rest_.subspan(n);
    rest_ = rest_.first(n);
    return taken;
  }

  std::span<const Sample> rest_;
  bool newest_first_;
};

// Leaves the last of the samples with equal times, in ascending order.
void KeepNewest(std::vector<Sample>& samples) {
  std::stable_sort(samples.begin(), samples.end(), EarlierSample());
  std::vector<Sample> kept;
  kept.reserve(samples.size());
  for (Sample& sample : samples) {
    if (!kept.empty() && kept.back().at == sample.at) kept.pop_back();
    kept.push_back(std::move(sample));
  }
  samples = std::move(kept);
}

// The samples as the journal keeps them: whole milliseconds, messages of bounded length.
std::vector<MonitorSample> Normalised(std::span<const MonitorSample> samples) {
  std::vector<MonitorSample> rows(samples.begin(), samples.end());
  for (MonitorSample& row : rows) {
    row.sample.at = FromUnixMillis(ToUnixMillis(ClampTime(row.sample.at)));
    if (row.sample.message.size() > kMaxMessageBytes) {
      row.sample.message = Ellipsize(row.sample.message, kMaxMessageBytes);
    }
  }
  return rows;
}

// A read session takes in rows of other processes only when somebody asks for history.
Status LoadForeignRows(SessionCore& core, const HistoryTail& tail) {
  if (core.has_changes) return Ok();
  const int64_t applied = tail.AppliedSeq();
  if (core.visible_seq > applied) {
    PHAROS_ASSIGN_OR_RETURN(std::vector<JournalRow> rows,
                            ReadJournalRows(core.connection(), applied));
    for (JournalRow& row : rows) core.changes.emplace_back(std::move(row));
  }
  core.has_changes = true;
  return Ok();
}

}  // namespace

Status SqliteHistoryStore::Append(Transaction& tx, std::span<const MonitorSample> samples) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement insert, Prepare(tx, kInsertJournalRow));
  while (!samples.empty()) {
    const size_t n = std::min(samples.size(), kSamplesPerRow);
    JournalRow row;
    row.samples = Normalised(samples.first(n));
    samples = samples.subspan(n);
    const auto [first, last] = std::minmax_element(
        row.samples.begin(), row.samples.end(),
        [](const MonitorSample& a, const MonitorSample& b) { return a.sample.at < b.sample.at; });
    insert.Bind(ToUnixMillis(first->sample.at), ToUnixMillis(last->sample.at),
                Blob{EncodeJournal(row.samples)});
    PHAROS_RETURN_IF_ERROR(insert.Run());
    row.seq = core->connection().LastInsertId();
    core->changes.emplace_back(std::move(row));
  }
  return Ok();
}

Result<size_t> SqliteHistoryStore::Erase(Transaction& tx, MonitorId monitor, Timestamp from,
                                         Timestamp to, std::optional<model::Status> status,
                                         size_t limit) {
  std::vector<MonitorSample> marks;
  // In parts, so that a long range is never unpacked at once.
  Timestamp next = from;
  while (true) {
    PHAROS_ASSIGN_OR_RETURN(const std::vector<Sample> samples,
                            Read(tx, monitor, next, to, kSamplesPerRow, false));
    for (const Sample& sample : samples) {
      if (status && sample.status != *status) continue;
      if (marks.size() == limit) {
        return Error(ErrorKind::kInvalid, "the range holds more samples than one deletion takes");
      }
      Sample mark;
      mark.at = sample.at;
      mark.origin = kErasedOrigin;
      marks.push_back({monitor, mark});
    }
    if (samples.size() < kSamplesPerRow) break;
    next = samples.back().at + Milliseconds(1);
  }
  if (!marks.empty()) PHAROS_RETURN_IF_ERROR(Append(tx, marks));
  return marks.size();
}

Result<std::vector<Sample>> SqliteHistoryStore::ReadOverlay(SessionCore& core, MonitorId monitor,
                                                            int64_t from_ms, int64_t to_ms) {
  PHAROS_RETURN_IF_ERROR(LoadForeignRows(core, tail_));
  std::vector<Sample> samples;
  tail_.Collect(monitor, from_ms, to_ms, core.visible_seq, samples);
  bool is_changed = false;
  for (const HistoryChange& change : core.changes) {
    if (const auto* row = std::get_if<JournalRow>(&change)) {
      for (const MonitorSample& s : row->samples) {
        const int64_t at_ms = ToUnixMillis(s.sample.at);
        if (s.monitor != monitor || at_ms < from_ms || at_ms >= to_ms) continue;
        samples.push_back(s.sample);
        is_changed = true;
      }
    } else if (const auto* erased = std::get_if<ErasedMonitor>(&change)) {
      if (erased->monitor == monitor) samples.clear();
    }
  }
  if (is_changed) KeepNewest(samples);
  return samples;
}

Result<std::vector<Sample>> SqliteHistoryStore::Read(Session& session, MonitorId monitor,
                                                     Timestamp from, Timestamp to, size_t limit,
                                                     bool newest_first) {
  const int64_t from_ms = CeilMillis(from);
  const int64_t to_ms = CeilMillis(to);
  if (from_ms >= to_ms || limit == 0) return std::vector<Sample>();
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(session));
  PHAROS_ASSIGN_OR_RETURN(const std::vector<Sample> overlay,
                          ReadOverlay(*core, monitor, from_ms, to_ms));
  WindowCollector collector(from_ms, to_ms, limit, newest_first);
  OverlayWalk walk(overlay, newest_first);
  PHAROS_ASSIGN_OR_RETURN(Statement s,
                          Prepare(session, newest_first ? kSelectChunksDown : kSelectChunksUp));
  s.Bind(HistoryKey(monitor, DayOf(from_ms)), HistoryKey(monitor, DayOf(to_ms - 1)));
  while (!collector.IsFull()) {
    PHAROS_ASSIGN_OR_RETURN(const bool has_row, s.Step());
    if (!has_row) break;
    const int64_t day = DayOfHistoryKey(s.Get<int64_t>(0));
    PHAROS_ASSIGN_OR_RETURN(const std::vector<Sample> chunk,
                            DecodeChunk(s.Bytes(1), day * kMillisPerDay));
    collector.Add(walk.TakeBefore(day));
    const std::span<const Sample> newer = walk.TakeDay(day);
    if (newer.empty()) {
      collector.Add(chunk);
    } else {
      collector.Add(MergeSamples(chunk, newer));
    }
  }
  collector.Add(walk.TakeRest());
  return collector.Finish();
}

Result<std::optional<Sample>> SqliteHistoryStore::Find(Session& session, MonitorId monitor,
                                                       Timestamp at) {
  PHAROS_ASSIGN_OR_RETURN(std::vector<Sample> found,
                          Read(session, monitor, at, ClampTime(at) + Milliseconds(1), 1, false));
  if (found.empty() || found.front().at != at) return std::optional<Sample>();
  return std::optional<Sample>(std::move(found.front()));
}

Result<std::vector<MonitorRollups>> SqliteHistoryStore::ReadRollups(
    Session& session, std::span<const MonitorId> monitors, Timestamp from, Timestamp to) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(session));
  const QuarterWindow window{CeilQuarter(from), CeilQuarter(to)};
  std::vector<MonitorRollups> all;
  all.reserve(monitors.size());
  for (const MonitorId monitor : monitors) {
    MonitorRollups& one = all.emplace_back();
    one.monitor = monitor;
    if (window.first >= window.last) continue;
    PHAROS_ASSIGN_OR_RETURN(const std::vector<Sample> overlay,
                            ReadOverlay(*core, monitor, window.first * kMillisPerQuarter,
                                        window.last * kMillisPerQuarter));
    RollupReader reader(core->connection(), monitor, overlay);
    PHAROS_ASSIGN_OR_RETURN(one.rollups, reader.ReadRollups(window));
  }
  return all;
}

Result<std::vector<MonitorCounts>> SqliteHistoryStore::ReadCounts(
    Session& session, std::span<const MonitorId> monitors, std::span<const Timestamp> bounds) {
  if (!std::is_sorted(bounds.begin(), bounds.end())) {
    return Error::Internal("bounds of counts do not ascend");
  }
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(session));
  std::vector<int64_t> quarters;
  for (const Timestamp bound : bounds) quarters.push_back(CeilQuarter(bound));
  std::vector<MonitorCounts> all;
  all.reserve(monitors.size());
  for (const MonitorId monitor : monitors) {
    MonitorCounts& one = all.emplace_back();
    one.monitor = monitor;
    if (bounds.size() < 2) continue;
    PHAROS_ASSIGN_OR_RETURN(const std::vector<Sample> overlay,
                            ReadOverlay(*core, monitor, quarters.front() * kMillisPerQuarter,
                                        quarters.back() * kMillisPerQuarter));
    RollupReader reader(core->connection(), monitor, overlay);
    PHAROS_ASSIGN_OR_RETURN(CountsSum sums, reader.ReadCounts(quarters));
    one.counts = std::move(sums.counts);
    one.latencies = std::move(sums.latencies);
    one.latency = sums.latency;
  }
  return all;
}

Result<model::QuantileSketch> SqliteHistoryStore::ReadLatencySketch(Session& session,
                                                                    MonitorId monitor,
                                                                    Timestamp from, Timestamp to) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(session));
  const QuarterWindow window{CeilQuarter(from), CeilQuarter(to)};
  // Whole days are merged, not only the window: a day that the overlay touches is read as samples.
  const int64_t from_ms = DayOfQuarter(window.first) * kMillisPerDay;
  const int64_t to_ms = (DayOfQuarter(window.last) + 1) * kMillisPerDay;
  PHAROS_ASSIGN_OR_RETURN(const std::vector<Sample> overlay,
                          ReadOverlay(*core, monitor, from_ms, to_ms));
  RollupReader reader(core->connection(), monitor, overlay);
  return reader.ReadSketch(window);
}

Result<std::vector<MonitorSample>> SqliteHistoryStore::ReadJournal(Session& session) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(session));
  PHAROS_RETURN_IF_ERROR(LoadForeignRows(*core, tail_));
  std::vector<MonitorSample> samples;
  const auto keep = [&](const MonitorSample& s) { samples.push_back(s); };
  if (core->changes.empty()) {
    PHAROS_RETURN_IF_ERROR(VisitJournal(session, keep));
    return samples;
  }
  tail_.VisitAll(core->visible_seq, keep);
  std::map<std::pair<MonitorId, Timestamp>, MonitorSample> merged;
  const auto add = [&](const MonitorSample& s) { merged[{s.monitor, s.sample.at}] = s; };
  for (const MonitorSample& sample : samples) add(sample);
  for (const HistoryChange& change : core->changes) {
    if (const auto* row = std::get_if<JournalRow>(&change)) {
      for (const MonitorSample& sample : row->samples) add(sample);
    } else if (const auto* erased = std::get_if<ErasedMonitor>(&change)) {
      std::erase_if(merged, [&](const auto& item) { return item.first.first == erased->monitor; });
    }
  }
  samples.clear();
  for (auto& [key, sample] : merged) {
    if (!IsErased(sample.sample)) samples.push_back(std::move(sample));
  }
  return samples;
}

Status SqliteHistoryStore::VisitJournal(Session& session,
                                        const std::function<void(const MonitorSample&)>& visit) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(session));
  PHAROS_RETURN_IF_ERROR(LoadForeignRows(*core, tail_));
  if (!core->changes.empty()) {
    PHAROS_ASSIGN_OR_RETURN(const std::vector<MonitorSample> samples, ReadJournal(session));
    for (const MonitorSample& sample : samples) visit(sample);
    return Ok();
  }
  tail_.VisitAll(core->visible_seq, [&](const MonitorSample& sample) {
    if (!IsErased(sample.sample)) visit(sample);
  });
  return Ok();
}

TailSize SqliteHistoryStore::SizeOfTail() const {
  const HistoryTail::Size size = tail_.MemorySize();
  return {size.monitors, size.samples, size.bytes};
}

}  // namespace pharos::store::sqlite
