#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/sample.h"
#include "store/sqlite/sqlite_connection.h"
#include "store/sqlite/tail_pack.h"

namespace pharos::store::sqlite {

// Samples of one journal row.
struct JournalRow {
  int64_t seq = 0;
  std::vector<model::MonitorSample> samples;
};
struct ErasedMonitor {
  model::MonitorId monitor;
};
// Samples of [from_ms, to_ms) from journal rows up to `seq` that now stand in a chunk.
struct FoldedRange {
  model::MonitorId monitor;
  int64_t from_ms = 0;
  int64_t to_ms = 0;
  int64_t seq = 0;
  bool operator==(const FoldedRange&) const = default;
};
// What a write group did to the history and has not committed yet, in order.
using HistoryChange = std::variant<JournalRow, ErasedMonitor, std::vector<FoldedRange>>;
using HistoryChanges = std::vector<HistoryChange>;

// One unit of folding: samples of one monitor and UTC day that wait in the journal.
struct FoldUnit {
  model::MonitorId monitor;
  int64_t day = 0;
  std::vector<model::Sample> samples;  // ascending, the newest for each time
};
struct FoldPlan {
  int64_t seq = 0;        // journal rows up to here
  int64_t before_ms = 0;  // samples before this
  std::vector<model::MonitorId> monitors;
  size_t next_monitor = 0;
  int64_t next_ms = INT64_MIN;
};

// Texts that the tail keeps, of one monitor and of all together; beyond that kTextNotKept stands in
// their place, in the chunk too. The journal itself has them until it is folded.
inline constexpr size_t kMaxTailTextBytes = 32 * 1024;
inline constexpr size_t kMaxAllTailTextBytes = 64 * 1024 * 1024;

// What stands in the journal, by monitor, in memory: readers see chunks and this together.
// Changed only after commits, on the writer's thread; rebuilt from the journal at start. Versions
// are kept: a session sees the rows up to the sequence number of its own snapshot, and folded
// samples stay until no session is left that began before the fold. Thread-safe.
class HistoryTail {
 public:
  // Replaces everything by what the journal holds, as seen by `connection`.
  Status Load(Connection& connection);
  // To be called at the start of each write group, inside its transaction: takes in what other
  // processes committed meanwhile.
  Status CatchUp(Connection& writer);
  // Applies what a committed group did.
  void Apply(HistoryChanges&& changes);

  // Appends the samples of [from_ms, to_ms) that a session with this sequence number sees:
  // ascending, the newest for each time.
  void Collect(model::MonitorId monitor, int64_t from_ms, int64_t to_ms, int64_t seq,
               std::vector<model::Sample>& out) const;
  // Gives everything not folded, by monitor and time; monitor by monitor, so that nothing large is
  // copied. `visit` must not call back.
  void VisitAll(int64_t seq, const std::function<void(const model::MonitorSample&)>& visit) const;
  struct Size {
    size_t monitors = 0;
    size_t samples = 0;
    size_t bytes = 0;  // in memory, about
  };
  Size MemorySize() const;
  // Sequence number up to which rows have been applied.
  int64_t AppliedSeq() const { return applied_seq_.load(); }
  bool IsDeleted(model::MonitorId monitor) const;

  // Brackets the life of a session. Enter before the snapshot is taken; the ticket goes to Leave.
  int64_t EnterSession();
  void LeaveSession(int64_t ticket);

  FoldPlan Plan(int64_t before_ms) const;
  // The next units of the plan, about `max_samples` and at most `max_units`; empty at its end.
  std::vector<FoldUnit> NextUnits(FoldPlan& plan, size_t max_samples, size_t max_units) const;
  // Grows whenever another process changed the database.
  int64_t ForeignChanges() const { return foreign_changes_.load(); }

 private:
  struct Monitor {
    TailPack pack;
    std::vector<FoldedRange> folded;  // entries that wait to be forgotten
  };
  struct Retired {
    int64_t fold_no;
    FoldedRange range;
  };
  struct Image {
    std::unordered_map<model::MonitorId, Monitor> monitors;
    size_t samples = 0;
    size_t bytes = 0;       // of all packs
    size_t text_bytes = 0;  // thereof texts
    std::unordered_set<model::MonitorId> deleted;
  };

  static void AddRow(Image& image, const JournalRow& row);
  // Adds entries that may be older than what is there; ascending in the order of arrival.
  static void Insert(Image& image, Monitor& monitor, std::vector<TailEntry>&& entries);
  static void Append(Image& image, Monitor& monitor, const TailEntry& entry);
  static void Reassign(Image& image, Monitor& monitor, const std::vector<TailEntry>& entries);
  static bool IsFolded(const Monitor& monitor, const TailPack::Reader& entry);
  static Result<Image> ReadImage(Connection& connection);
  Status TakeForeign(Connection& writer);
  void MarkFolded(const std::vector<FoldedRange>& ranges);
  void TrimLocked();
  void Trim(const FoldedRange& range);

  mutable std::shared_mutex mutex_;
  Image image_;
  std::vector<Retired> retired_;
  std::multiset<int64_t> sessions_;
  int64_t fold_no_ = 0;
  std::atomic<int64_t> applied_seq_{0};
  std::atomic<int64_t> foreign_changes_{0};
  // Of the writer's thread alone.
  int64_t data_version_ = 0;
  int64_t known_folds_ = 0;
};

// Reads journal rows after `seq`, ascending.
Result<std::vector<JournalRow>> ReadJournalRows(Connection& connection, int64_t after_seq);

}  // namespace pharos::store::sqlite
