#include "store/sqlite/history_folder.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "store/sqlite/day_pack.h"
#include "store/sqlite/history_codec.h"
#include "store/sqlite/history_key.h"
#include "store/sqlite/history_prune.h"
#include "store/sqlite/rollup_codec.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

using model::MonitorId;
using model::MonitorSample;
using model::Sample;

constexpr size_t kSamplesPerStep = 60'000;
constexpr size_t kUnitsPerStep = 128;
constexpr int kJournalRowsPerStep = 256;
constexpr size_t kRewrittenSamplesPerStep = 20'000;
// How often a step is packed anew because another process wrote meanwhile.
constexpr int kMaxAttempts = 20;

constexpr char kSelectDeleted[] =
    "-- whether a monitor has been deleted\n"
    "SELECT COUNT(*) FROM deleted_monitors WHERE monitor_id = ?1";
constexpr char kCountFold[] =
    "-- tells other processes that the journal was folded\n"
    "UPDATE history_folds SET count = count + 1";
constexpr char kSelectFoldedRows[] =
    "-- journal rows that hold folded samples, in the order they were written\n"
    "SELECT seq, max_at_ms FROM history_journal"
    " WHERE seq > ?1 AND seq <= ?2 AND min_at_ms < ?3 ORDER BY seq LIMIT ?4";
constexpr char kSelectJournalRow[] =
    "-- one journal row\n"
    "SELECT data FROM history_journal WHERE seq = ?1";
constexpr char kDeleteJournalRow[] =
    "-- removes a journal row whose samples are all folded\n"
    "DELETE FROM history_journal WHERE seq = ?1";
constexpr char kUpdateJournalRow[] =
    "-- leaves in a journal row what is not folded yet\n"
    "UPDATE history_journal SET min_at_ms = ?2, max_at_ms = ?3, data = ?4 WHERE seq = ?1";
Error WroteMeanwhile() {
  return Error(ErrorKind::kConflict, "another process changed the database");
}

Result<bool> IsDeleted(Connection& connection, MonitorId monitor) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, connection.Prepare(kSelectDeleted));
  PHAROS_RETURN_IF_ERROR(s.Bind(monitor).Step());
  return s.Get<bool>(0);
}

Status CountFold(SessionCore& core, std::vector<FoldedRange> ranges) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, core.connection().Prepare(kCountFold));
  core.changes.emplace_back(std::move(ranges));
  return s.Run();
}

// Removes the rows of monitors that were deleted since they were packed.
Status DropDeleted(Connection& connection, PackedRows& rows) {
  for (std::vector<PackedRow>* table : {&rows.chunks, &rows.counts, &rows.latencies}) {
    MonitorId last;
    bool is_deleted = false;
    std::vector<PackedRow> kept;
    for (PackedRow& row : *table) {
      const MonitorId monitor = MonitorOfHistoryKey(row.key);
      if (monitor != last) {
        PHAROS_ASSIGN_OR_RETURN(is_deleted, IsDeleted(connection, monitor));
        last = monitor;
      }
      if (!is_deleted) kept.push_back(std::move(row));
    }
    *table = std::move(kept);
  }
  return Ok();
}

// One range per monitor: between its first and last unit nothing was left out.
std::vector<FoldedRange> RangesOf(const std::vector<FoldUnit>& units, const FoldPlan& plan) {
  std::vector<FoldedRange> ranges;
  for (const FoldUnit& unit : units) {
    const int64_t to_ms = std::min((unit.day + 1) * kMillisPerDay, plan.before_ms);
    if (!ranges.empty() && ranges.back().monitor == unit.monitor) {
      ranges.back().to_ms = to_ms;
    } else {
      ranges.push_back({unit.monitor, unit.day * kMillisPerDay, to_ms, plan.seq});
    }
  }
  return ranges;
}

Status RewriteJournalRow(Connection& connection, int64_t seq, int64_t before_ms,
                         size_t& rewritten) {
  std::vector<MonitorSample> samples;
  {
    PHAROS_ASSIGN_OR_RETURN(Statement s, connection.Prepare(kSelectJournalRow));
    PHAROS_ASSIGN_OR_RETURN(const bool has_row, s.Bind(seq).Step());
    if (!has_row) return Ok();
    PHAROS_ASSIGN_OR_RETURN(samples, DecodeJournal(s.Bytes(0)));
  }
  rewritten += samples.size();
  std::erase_if(samples,
                [&](const MonitorSample& m) { return ToUnixMillis(m.sample.at) < before_ms; });
  if (samples.empty()) {
    PHAROS_ASSIGN_OR_RETURN(Statement s, connection.Prepare(kDeleteJournalRow));
    return s.Bind(seq).Run();
  }
  const auto [first, last] = std::minmax_element(
      samples.begin(), samples.end(),
      [](const MonitorSample& a, const MonitorSample& b) { return a.sample.at < b.sample.at; });
  PHAROS_ASSIGN_OR_RETURN(Statement s, connection.Prepare(kUpdateJournalRow));
  return s
      .Bind(seq, ToUnixMillis(first->sample.at), ToUnixMillis(last->sample.at),
            Blob{EncodeJournal(samples)})
      .Run();
}

struct JournalRowRange {
  int64_t seq = 0;
  int64_t max_at_ms = 0;
};

// Removes what is folded from the next rows after `cursor` and moves it; at the end it is
// plan.seq. Rows are done in the order they were written: were an older one left behind a newer
// one, a start would let it win.
Status CleanRows(SessionCore& core, const FoldPlan& plan, int64_t& cursor) {
  Connection& connection = core.connection();
  PHAROS_ASSIGN_OR_RETURN(Statement select, connection.Prepare(kSelectFoldedRows));
  PHAROS_ASSIGN_OR_RETURN(
      const std::vector<JournalRowRange> rows,
      CollectRows(select.Bind(cursor, plan.seq, plan.before_ms, kJournalRowsPerStep),
                  [](Statement& s) -> Result<JournalRowRange> {
                    JournalRowRange row;
                    s.Read(row.seq, row.max_at_ms);
                    return row;
                  }));
  if (rows.empty()) {
    cursor = plan.seq;
    return Ok();
  }
  PHAROS_ASSIGN_OR_RETURN(Statement remove, connection.Prepare(kDeleteJournalRow));
  size_t rewritten = 0;
  for (const JournalRowRange& row : rows) {
    if (row.max_at_ms < plan.before_ms) {
      PHAROS_RETURN_IF_ERROR(remove.Bind(row.seq).Run());
    } else {
      PHAROS_RETURN_IF_ERROR(RewriteJournalRow(connection, row.seq, plan.before_ms, rewritten));
    }
    cursor = row.seq;
    if (rewritten > kRewrittenSamplesPerStep) break;
  }
  return CountFold(core, {});
}

}  // namespace

Result<size_t> HistoryFolder::Fold(Timestamp before) {
  const std::lock_guard lock(mutex_);
  return FoldLocked(CeilMillis(before));
}

Result<size_t> HistoryFolder::FoldLocked(int64_t before_ms) {
  FoldPlan plan = tail_.Plan(before_ms);
  size_t folded = 0;
  int attempts = 0;
  while (true) {
    const FoldPlan here = plan;
    const std::vector<FoldUnit> units = tail_.NextUnits(plan, kSamplesPerStep, kUnitsPerStep);
    if (units.empty()) break;
    const Status stored = StoreUnits(units, plan);
    if (!stored && stored.error().kind == ErrorKind::kConflict && ++attempts < kMaxAttempts) {
      plan = here;
      continue;
    }
    PHAROS_RETURN_IF_ERROR(stored);
    attempts = 0;
    for (const FoldUnit& unit : units) folded += unit.samples.size();
  }
  PHAROS_RETURN_IF_ERROR(CleanJournal(plan));
  return folded;
}

Status HistoryFolder::StoreUnits(const std::vector<FoldUnit>& units, const FoldPlan& plan) {
  const int64_t foreign_changes = tail_.ForeignChanges();
  PackedRows rows;
  {
    PHAROS_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, store_.Read());
    PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(*session));
    DayPacker packer(core->connection());
    for (const FoldUnit& unit : units) {
      PHAROS_ASSIGN_OR_RETURN(const std::vector<Sample> stored,
                              ReadChunk(core->connection(), unit.monitor, unit.day));
      PHAROS_RETURN_IF_ERROR(
          packer.Add(unit.monitor, unit.day, MergeSamples(stored, unit.samples)));
    }
    PHAROS_ASSIGN_OR_RETURN(rows, packer.Finish());
  }
  return store_.Write([&](Transaction& tx) -> Status {
    // Whoever folds besides us may have replaced what we packed from.
    if (tail_.ForeignChanges() != foreign_changes) return WroteMeanwhile();
    PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
    PHAROS_RETURN_IF_ERROR(DropDeleted(core->connection(), rows));
    PHAROS_RETURN_IF_ERROR(WriteRows(core->connection(), rows));
    return CountFold(*core, RangesOf(units, plan));
  });
}

Status HistoryFolder::CleanJournal(const FoldPlan& plan) {
  int64_t cursor = 0;
  while (cursor < plan.seq) {
    int64_t next = cursor;
    PHAROS_RETURN_IF_ERROR(store_.Write([&](Transaction& tx) -> Status {
      next = cursor;
      PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
      return CleanRows(*core, plan, next);
    }));
    cursor = next;
  }
  return Ok();
}

Status HistoryFolder::Prune(Timestamp before) {
  const std::lock_guard lock(mutex_);
  // What is old in the journal is old as well.
  PHAROS_RETURN_IF_ERROR(FoldLocked(CeilMillis(before)));
  PruneCursor cursor;
  while (!cursor.is_done) {
    PHAROS_RETURN_IF_ERROR(PruneStepLocked([&](MonitorId) { return before; }, cursor));
  }
  return Ok();
}

Status HistoryFolder::PruneStep(const MonitorCutoff& cutoff, PruneCursor& cursor) {
  const std::lock_guard lock(mutex_);
  return PruneStepLocked(cutoff, cursor);
}

Status HistoryFolder::PruneStepLocked(const MonitorCutoff& cutoff, PruneCursor& cursor) {
  for (int attempt = 1;; ++attempt) {
    const int64_t foreign_changes = tail_.ForeignChanges();
    PruneWork work;
    {
      PHAROS_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, store_.Read());
      PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(*session));
      PHAROS_ASSIGN_OR_RETURN(work, PlanPruning(core->connection(), cutoff, cursor));
    }
    if (work.monitors.empty()) {
      cursor = work.next;
      return Ok();
    }
    const Status written = store_.Write([&](Transaction& tx) -> Status {
      if (tail_.ForeignChanges() != foreign_changes) return WroteMeanwhile();
      PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
      PHAROS_RETURN_IF_ERROR(DropDeleted(core->connection(), work.rows));
      return ApplyPruning(core->connection(), work);
    });
    if (written) {
      cursor = work.next;
      return Ok();
    }
    if (written.error().kind != ErrorKind::kConflict || attempt == kMaxAttempts) return written;
  }
}

}  // namespace pharos::store::sqlite
