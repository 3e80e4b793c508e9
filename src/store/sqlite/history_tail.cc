#include "store/sqlite/history_tail.h"

#include <algorithm>

#include "store/sqlite/history_codec.h"
#include "store/sqlite/rollup_codec.h"

namespace pharos::store::sqlite {
namespace {

using model::MonitorId;
using model::MonitorSample;
using model::Sample;

constexpr char kSelectJournalAfter[] =
    "-- journal rows that are not in memory yet\n"
    "SELECT seq, data FROM history_journal WHERE seq > ?1 ORDER BY seq";
constexpr char kSelectDeletedMonitors[] =
    "-- monitors whose samples in the journal are void\n"
    "SELECT monitor_id FROM deleted_monitors";
constexpr char kSelectFolds[] =
    "-- how many folds were committed, by whatever process\n"
    "SELECT count FROM history_folds";
constexpr char kSelectLastSeq[] =
    "-- the highest sequence number that a journal row ever had\n"
    "SELECT seq FROM sqlite_sequence WHERE name = 'history_journal'";
constexpr char kSelectDataVersion[] =
    "-- changes when another connection committed\n"
    "PRAGMA data_version";

// Entry::bits, from the lowest: status 3, observed 3, origin 4, has a message 1, folded 1,
// sequence number 52.
constexpr uint64_t kMessageBit = 1U << 10;
constexpr uint64_t kFoldedBit = 1U << 11;
constexpr unsigned kSeqShift = 12;

uint64_t PackBits(const Sample& sample, int64_t seq) {
  return static_cast<uint64_t>(sample.status) | static_cast<uint64_t>(sample.observed) << 3 |
         static_cast<uint64_t>(sample.origin) << 6 | (sample.message.empty() ? 0 : kMessageBit) |
         static_cast<uint64_t>(seq) << kSeqShift;
}
int64_t SeqOf(uint64_t bits) { return static_cast<int64_t>(bits >> kSeqShift); }

struct EarlierTime {
  template <class Entry>
  bool operator()(const Entry& a, const Entry& b) const {
    return a.at_ms < b.at_ms;
  }
  template <class Entry>
  bool operator()(const Entry& a, int64_t at_ms) const {
    return a.at_ms < at_ms;
  }
};

}  // namespace

Result<std::vector<JournalRow>> ReadJournalRows(Connection& connection, int64_t after_seq) {
  PHAROS_ASSIGN_OR_RETURN(Statement rows, connection.Prepare(kSelectJournalAfter));
  return CollectRows(rows.Bind(after_seq), [](Statement& s) -> Result<JournalRow> {
    JournalRow row;
    row.seq = s.Get<int64_t>(0);
    PHAROS_ASSIGN_OR_RETURN(row.samples, DecodeJournal(s.Bytes(1)));
    return row;
  });
}

Status HistoryTail::Load(Connection& connection) {
  PHAROS_ASSIGN_OR_RETURN(Image image, ReadImage(connection));
  PHAROS_ASSIGN_OR_RETURN(const int64_t last_seq, connection.QueryInt(kSelectLastSeq));
  PHAROS_ASSIGN_OR_RETURN(known_folds_, connection.QueryInt(kSelectFolds));
  const std::unique_lock lock(mutex_);
  image_ = std::move(image);
  retired_.clear();
  applied_seq_ = last_seq;
  return Ok();
}

Result<HistoryTail::Image> HistoryTail::ReadImage(Connection& connection) {
  Image image;
  PHAROS_ASSIGN_OR_RETURN(Statement deleted, connection.Prepare(kSelectDeletedMonitors));
  while (true) {
    PHAROS_ASSIGN_OR_RETURN(const bool has_row, deleted.Step());
    if (!has_row) break;
    image.deleted.insert(deleted.Get<MonitorId>(0));
  }
  PHAROS_ASSIGN_OR_RETURN(Statement rows, connection.Prepare(kSelectJournalAfter));
  rows.Bind(int64_t{0});
  while (true) {
    PHAROS_ASSIGN_OR_RETURN(const bool has_row, rows.Step());
    if (!has_row) break;
    JournalRow row;
    row.seq = rows.Get<int64_t>(0);
    PHAROS_ASSIGN_OR_RETURN(row.samples, DecodeJournal(rows.Bytes(1)));
    AddRow(image, row);
  }
  for (auto& [id, monitor] : image.monitors) SortMonitor(monitor);
  return image;
}

Status HistoryTail::CatchUp(Connection& writer) {
  PHAROS_ASSIGN_OR_RETURN(const int64_t version, writer.QueryInt(kSelectDataVersion));
  if (version == data_version_) return Ok();
  if (data_version_ != 0) ++foreign_changes_;
  PHAROS_RETURN_IF_ERROR(TakeForeign(writer));
  // Only now: after an error the next group tries again.
  data_version_ = version;
  return Ok();
}

Status HistoryTail::TakeForeign(Connection& writer) {
  PHAROS_ASSIGN_OR_RETURN(const int64_t folds, writer.QueryInt(kSelectFolds));
  // Rows that another process folded are gone from the journal, so only reading it all is right.
  if (folds != known_folds_) return Load(writer);
  PHAROS_ASSIGN_OR_RETURN(std::vector<JournalRow> rows, ReadJournalRows(writer, applied_seq_));
  PHAROS_ASSIGN_OR_RETURN(Statement deleted, writer.Prepare(kSelectDeletedMonitors));
  PHAROS_ASSIGN_OR_RETURN(
      const std::vector<MonitorId> ids,
      CollectRows(deleted, [](Statement& s) -> Result<MonitorId> { return s.Get<MonitorId>(0); }));
  HistoryChanges changes;
  for (const MonitorId id : ids) {
    if (!IsDeleted(id)) changes.emplace_back(ErasedMonitor{id});
  }
  for (JournalRow& row : rows) changes.emplace_back(std::move(row));
  Apply(std::move(changes));
  PHAROS_ASSIGN_OR_RETURN(applied_seq_, writer.QueryInt(kSelectLastSeq));
  return Ok();
}

void HistoryTail::Apply(HistoryChanges&& changes) {
  if (changes.empty()) return;
  const std::unique_lock lock(mutex_);
  for (const HistoryChange& change : changes) {
    if (const auto* row = std::get_if<JournalRow>(&change)) {
      for (const MonitorId id : AddRow(image_, *row)) SortMonitor(image_.monitors.at(id));
      applied_seq_ = std::max(applied_seq_.load(), row->seq);
    } else if (const auto* erased = std::get_if<ErasedMonitor>(&change)) {
      image_.monitors.erase(erased->monitor);
      image_.deleted.insert(erased->monitor);
    } else if (const auto* folded = std::get_if<std::vector<FoldedRange>>(&change)) {
      MarkFolded(*folded);
      ++known_folds_;
    }
  }
}

std::vector<MonitorId> HistoryTail::AddRow(Image& image, const JournalRow& row) {
  std::vector<MonitorId> unsorted;
  MonitorId last;
  Monitor* monitor = nullptr;
  for (const MonitorSample& s : row.samples) {
    if (monitor == nullptr || s.monitor != last) {
      if (image.deleted.contains(s.monitor)) continue;
      last = s.monitor;
      monitor = &image.monitors[last];
    }
    const int64_t at_ms = ToUnixMillis(s.sample.at);
    const bool in_order = monitor->sorted == monitor->entries.size() &&
                          (monitor->entries.empty() || monitor->entries.back().at_ms <= at_ms);
    monitor->entries.push_back({at_ms, s.sample.latency_ms, PackBits(s.sample, row.seq),
                                s.sample.code, s.sample.attempts});
    if (in_order) {
      ++monitor->sorted;
    } else if (unsorted.empty() || unsorted.back() != last) {
      unsorted.push_back(last);
    }
    if (s.sample.message.empty()) {
      // The same time twice in one row: the later one has taken its place.
      if (!monitor->messages.empty()) monitor->messages.erase({at_ms, row.seq});
    } else {
      monitor->messages[{at_ms, row.seq}] = s.sample.message;
    }
  }
  return unsorted;
}

void HistoryTail::SortMonitor(Monitor& monitor) {
  const auto begin = monitor.entries.begin();
  const auto middle = begin + static_cast<std::ptrdiff_t>(monitor.sorted);
  const auto end = monitor.entries.end();
  if (middle == end) return;
  // Both keep the order of arrival among equal times.
  std::stable_sort(middle, end, EarlierTime());
  std::inplace_merge(begin, middle, end, EarlierTime());
  monitor.sorted = monitor.entries.size();
}

Sample HistoryTail::SampleOf(const Monitor& monitor, const Entry& entry) {
  Sample sample;
  sample.at = FromUnixMillis(entry.at_ms);
  sample.status = static_cast<model::Status>(entry.bits & 7);
  sample.observed = static_cast<model::Status>(entry.bits >> 3 & 7);
  sample.origin = static_cast<model::SampleOrigin>(entry.bits >> 6 & 15);
  sample.latency_ms = entry.latency_ms;
  sample.code = entry.code;
  sample.attempts = entry.attempts;
  if ((entry.bits & kMessageBit) != 0) {
    const auto it = monitor.messages.find({entry.at_ms, SeqOf(entry.bits)});
    if (it != monitor.messages.end()) sample.message = it->second;
  }
  return sample;
}

void HistoryTail::Collect(MonitorId id, int64_t from_ms, int64_t to_ms, int64_t seq,
                          std::vector<Sample>& out) const {
  const std::shared_lock lock(mutex_);
  const auto found = image_.monitors.find(id);
  if (found == image_.monitors.end()) return;
  const Monitor& monitor = found->second;
  const std::vector<Entry>& entries = monitor.entries;
  auto it = std::lower_bound(entries.begin(), entries.end(), from_ms, EarlierTime());
  while (it != entries.end() && it->at_ms < to_ms) {
    const Entry* newest = nullptr;
    const int64_t at_ms = it->at_ms;
    for (; it != entries.end() && it->at_ms == at_ms; ++it) {
      if (SeqOf(it->bits) <= seq) newest = &*it;
    }
    if (newest != nullptr) out.push_back(SampleOf(monitor, *newest));
  }
}

std::vector<MonitorSample> HistoryTail::CollectAll(int64_t seq) const {
  const std::shared_lock lock(mutex_);
  std::vector<MonitorId> ids;
  ids.reserve(image_.monitors.size());
  for (const auto& [id, monitor] : image_.monitors) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  std::vector<MonitorSample> all;
  for (const MonitorId id : ids) {
    const Monitor& monitor = image_.monitors.at(id);
    for (size_t i = 0; i < monitor.entries.size(); ++i) {
      const Entry& entry = monitor.entries[i];
      if ((entry.bits & kFoldedBit) != 0 || SeqOf(entry.bits) > seq) continue;
      if (!all.empty() && all.back().monitor == id &&
          ToUnixMillis(all.back().sample.at) == entry.at_ms) {
        all.pop_back();
      }
      all.push_back({id, SampleOf(monitor, entry)});
    }
  }
  return all;
}

bool HistoryTail::IsDeleted(MonitorId monitor) const {
  const std::shared_lock lock(mutex_);
  return image_.deleted.contains(monitor);
}

int64_t HistoryTail::EnterSession() {
  const std::unique_lock lock(mutex_);
  sessions_.insert(fold_no_);
  return fold_no_;
}

void HistoryTail::LeaveSession(int64_t ticket) {
  const std::unique_lock lock(mutex_);
  sessions_.erase(sessions_.find(ticket));
  if (!retired_.empty()) TrimLocked();
}

FoldPlan HistoryTail::Plan(int64_t before_ms) const {
  FoldPlan plan;
  plan.before_ms = before_ms;
  const std::shared_lock lock(mutex_);
  plan.seq = applied_seq_;
  for (const auto& [id, monitor] : image_.monitors) {
    const bool has_work = std::any_of(
        monitor.entries.begin(), monitor.entries.end(),
        [&](const Entry& e) { return e.at_ms < before_ms && (e.bits & kFoldedBit) == 0; });
    if (has_work) plan.monitors.push_back(id);
  }
  std::sort(plan.monitors.begin(), plan.monitors.end());
  return plan;
}

std::vector<FoldUnit> HistoryTail::NextUnits(FoldPlan& plan, size_t max_samples,
                                             size_t max_units) const {
  std::vector<FoldUnit> units;
  size_t samples = 0;
  const std::shared_lock lock(mutex_);
  while (plan.next_monitor < plan.monitors.size()) {
    const MonitorId id = plan.monitors[plan.next_monitor];
    const auto found = image_.monitors.find(id);
    const int64_t resume_ms = plan.next_ms;
    ++plan.next_monitor;
    plan.next_ms = INT64_MIN;
    if (found == image_.monitors.end()) continue;
    const Monitor& monitor = found->second;
    auto it =
        std::lower_bound(monitor.entries.begin(), monitor.entries.end(), resume_ms, EarlierTime());
    bool new_unit = true;
    for (; it != monitor.entries.end() && it->at_ms < plan.before_ms; ++it) {
      if ((it->bits & kFoldedBit) != 0 || SeqOf(it->bits) > plan.seq) continue;
      const int64_t day = DayOf(it->at_ms);
      if (new_unit || units.back().day != day) {
        if (samples >= max_samples || units.size() >= max_units) {
          --plan.next_monitor;
          plan.next_ms = day * kMillisPerDay;
          return units;
        }
        units.push_back({id, day, {}});
        new_unit = false;
      }
      std::vector<Sample>& out = units.back().samples;
      if (!out.empty() && ToUnixMillis(out.back().at) == it->at_ms) out.pop_back();
      out.push_back(SampleOf(monitor, *it));
      ++samples;
    }
  }
  return units;
}

void HistoryTail::MarkFolded(const std::vector<FoldedRange>& ranges) {
  ++fold_no_;
  for (const FoldedRange& range : ranges) {
    const auto found = image_.monitors.find(range.monitor);
    if (found == image_.monitors.end()) continue;
    std::vector<Entry>& entries = found->second.entries;
    auto it = std::lower_bound(entries.begin(), entries.end(), range.from_ms, EarlierTime());
    for (; it != entries.end() && it->at_ms < range.to_ms; ++it) {
      if (SeqOf(it->bits) <= range.seq) it->bits |= kFoldedBit;
    }
    retired_.push_back({fold_no_, range});
  }
  TrimLocked();
}

// Forgets folded samples that every living session finds in its snapshot's chunks.
void HistoryTail::TrimLocked() {
  const int64_t oldest = sessions_.empty() ? fold_no_ : *sessions_.begin();
  size_t done = 0;
  while (done < retired_.size() && retired_[done].fold_no <= oldest) Trim(retired_[done++].range);
  retired_.erase(retired_.begin(), retired_.begin() + static_cast<std::ptrdiff_t>(done));
}

void HistoryTail::Trim(const FoldedRange& range) {
  const auto found = image_.monitors.find(range.monitor);
  if (found == image_.monitors.end()) return;
  Monitor& monitor = found->second;
  const auto first = std::lower_bound(monitor.entries.begin(), monitor.entries.end(), range.from_ms,
                                      EarlierTime());
  const auto last = std::lower_bound(first, monitor.entries.end(), range.to_ms, EarlierTime());
  const auto kept = std::remove_if(first, last, [&](const Entry& e) {
    return (e.bits & kFoldedBit) != 0 && SeqOf(e.bits) <= range.seq;
  });
  monitor.entries.erase(kept, last);
  monitor.sorted = monitor.entries.size();
  auto message = monitor.messages.lower_bound({range.from_ms, INT64_MIN});
  while (message != monitor.messages.end() && message->first.first < range.to_ms) {
    message =
        message->first.second <= range.seq ? monitor.messages.erase(message) : std::next(message);
  }
  if (monitor.entries.empty()) {
    image_.monitors.erase(found);
  } else if (monitor.entries.capacity() > 2 * monitor.entries.size() + 16) {
    monitor.entries.shrink_to_fit();
  }
}

}  // namespace pharos::store::sqlite
