#include "store/sqlite/history_tail.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

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

// What a monitor takes besides its pack: a node of the map.
constexpr size_t kBytesPerMonitor = 64 + sizeof(TailPack);

// So that nobody waits long for the lock; the next session that ends goes on.
constexpr size_t kTrimsAtOnce = 512;

struct EarlierEntry {
  bool operator()(const TailEntry& a, const TailEntry& b) const { return a.at_ms < b.at_ms; }
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
      AddRow(image_, *row);
      applied_seq_ = std::max(applied_seq_.load(), row->seq);
    } else if (const auto* erased = std::get_if<ErasedMonitor>(&change)) {
      if (const auto it = image_.monitors.find(erased->monitor); it != image_.monitors.end()) {
        Reassign(image_, it->second, {});
        image_.monitors.erase(it);
      }
      image_.deleted.insert(erased->monitor);
    } else if (const auto* folded = std::get_if<std::vector<FoldedRange>>(&change)) {
      MarkFolded(*folded);
      ++known_folds_;
    }
  }
}

void HistoryTail::AddRow(Image& image, const JournalRow& row) {
  MonitorId last;
  Monitor* monitor = nullptr;
  std::vector<TailEntry> late;
  for (const MonitorSample& s : row.samples) {
    if (monitor == nullptr || s.monitor != last) {
      if (monitor != nullptr) Insert(image, *monitor, std::move(late));
      late.clear();
      monitor = nullptr;
      if (image.deleted.contains(s.monitor)) continue;
      last = s.monitor;
      monitor = &image.monitors[last];
    }
    const TailEntry entry{ToUnixMillis(s.sample.at), row.seq, s.sample};
    if (late.empty() && (monitor->pack.IsEmpty() || monitor->pack.last_ms() <= entry.at_ms)) {
      Append(image, *monitor, entry);
    } else {
      late.push_back(entry);
    }
  }
  if (monitor != nullptr) Insert(image, *monitor, std::move(late));
}

void HistoryTail::Insert(Image& image, Monitor& monitor, std::vector<TailEntry>&& entries) {
  if (entries.empty()) return;
  std::vector<TailEntry> all = monitor.pack.All();
  const auto middle = static_cast<std::ptrdiff_t>(all.size());
  std::move(entries.begin(), entries.end(), std::back_inserter(all));
  // Both keep the order of arrival among equal times.
  std::stable_sort(all.begin() + middle, all.end(), EarlierEntry());
  std::inplace_merge(all.begin(), all.begin() + middle, all.end(), EarlierEntry());
  Reassign(image, monitor, all);
}

void HistoryTail::Append(Image& image, Monitor& monitor, const TailEntry& entry) {
  TailPack& pack = monitor.pack;
  const size_t bytes = pack.HeapBytes();
  const size_t text_bytes = pack.text_bytes();
  const size_t more = pack.IsNewText(entry.sample) ? entry.sample.message.size() : 0;
  if (more > 0 &&
      (text_bytes + more > kMaxTailTextBytes || image.text_bytes + more > kMaxAllTailTextBytes)) {
    model::Sample sample = entry.sample;
    sample.message = kTextNotKept;
    pack.Append(entry.at_ms, entry.seq, sample);
  } else {
    pack.Append(entry.at_ms, entry.seq, entry.sample);
  }
  ++image.samples;
  image.bytes += pack.HeapBytes() - bytes;
  image.text_bytes += pack.text_bytes() - text_bytes;
}

void HistoryTail::Reassign(Image& image, Monitor& monitor, const std::vector<TailEntry>& entries) {
  image.samples -= monitor.pack.Count();
  image.bytes -= monitor.pack.HeapBytes();
  image.text_bytes -= monitor.pack.text_bytes();
  monitor.pack = TailPack();
  for (const TailEntry& entry : entries) Append(image, monitor, entry);
}

bool HistoryTail::IsFolded(const Monitor& monitor, const TailPack::Reader& entry) {
  return std::any_of(monitor.folded.begin(), monitor.folded.end(), [&](const FoldedRange& range) {
    return entry.at_ms() >= range.from_ms && entry.at_ms() < range.to_ms &&
           entry.seq() <= range.seq;
  });
}

void HistoryTail::Collect(MonitorId id, int64_t from_ms, int64_t to_ms, int64_t seq,
                          std::vector<Sample>& out) const {
  const std::shared_lock lock(mutex_);
  const auto found = image_.monitors.find(id);
  if (found == image_.monitors.end() || found->second.pack.last_ms() < from_ms) return;
  const size_t start = out.size();
  TailPack::Reader entry(found->second.pack);
  while (entry.Next() && entry.at_ms() < to_ms) {
    if (entry.at_ms() < from_ms || entry.seq() > seq) continue;
    Sample sample = entry.Get();
    if (out.size() > start && out.back().at == sample.at) {
      out.back() = std::move(sample);
    } else {
      out.push_back(std::move(sample));
    }
  }
}

void HistoryTail::VisitAll(int64_t seq,
                           const std::function<void(const MonitorSample&)>& visit) const {
  const std::shared_lock lock(mutex_);
  std::vector<MonitorId> ids;
  ids.reserve(image_.monitors.size());
  for (const auto& [id, monitor] : image_.monitors) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  for (const MonitorId id : ids) {
    const Monitor& monitor = image_.monitors.at(id);
    std::optional<MonitorSample> waiting;
    TailPack::Reader entry(monitor.pack);
    while (entry.Next()) {
      if (entry.seq() > seq || IsFolded(monitor, entry)) continue;
      if (waiting && ToUnixMillis(waiting->sample.at) != entry.at_ms()) visit(*waiting);
      waiting = MonitorSample{id, entry.Get()};
    }
    if (waiting) visit(*waiting);
  }
}

HistoryTail::Size HistoryTail::MemorySize() const {
  const std::shared_lock lock(mutex_);
  return {image_.monitors.size(), image_.samples,
          image_.bytes + image_.monitors.size() * kBytesPerMonitor};
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
    TailPack::Reader entry(monitor.pack);
    while (entry.Next() && entry.at_ms() < before_ms) {
      if (IsFolded(monitor, entry)) continue;
      plan.monitors.push_back(id);
      break;
    }
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
    bool new_unit = true;
    TailPack::Reader entry(monitor.pack);
    while (entry.Next() && entry.at_ms() < plan.before_ms) {
      if (entry.at_ms() < resume_ms || entry.seq() > plan.seq || IsFolded(monitor, entry)) continue;
      const int64_t day = DayOf(entry.at_ms());
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
      if (!out.empty() && ToUnixMillis(out.back().at) == entry.at_ms()) out.pop_back();
      out.push_back(entry.Get());
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
    found->second.folded.push_back(range);
    retired_.push_back({fold_no_, range});
  }
  TrimLocked();
}

// Forgets folded samples that every living session finds in its snapshot's chunks.
void HistoryTail::TrimLocked() {
  const int64_t oldest = sessions_.empty() ? fold_no_ : *sessions_.begin();
  size_t done = 0;
  while (done < std::min(retired_.size(), kTrimsAtOnce) && retired_[done].fold_no <= oldest) {
    Trim(retired_[done++].range);
  }
  retired_.erase(retired_.begin(), retired_.begin() + static_cast<std::ptrdiff_t>(done));
}

void HistoryTail::Trim(const FoldedRange& range) {
  const auto found = image_.monitors.find(range.monitor);
  if (found == image_.monitors.end()) return;
  Monitor& monitor = found->second;
  std::vector<TailEntry> kept;
  TailPack::Reader entry(monitor.pack);
  while (entry.Next()) {
    const bool goes =
        entry.at_ms() >= range.from_ms && entry.at_ms() < range.to_ms && entry.seq() <= range.seq;
    if (!goes) kept.push_back({entry.at_ms(), entry.seq(), entry.Get()});
  }
  std::erase(monitor.folded, range);
  Reassign(image_, monitor, kept);
  if (kept.empty()) image_.monitors.erase(found);
}

}  // namespace pharos::store::sqlite
