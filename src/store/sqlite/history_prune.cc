#include "store/sqlite/history_prune.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "store/sqlite/history_codec.h"
#include "store/sqlite/history_key.h"
#include "store/sqlite/rollup_codec.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

using model::MonitorId;
using model::Sample;

// A step holds the writer for the removal of so many chunks. A monitor's long past goes in parts.
constexpr int64_t kDaysPerStep = 12;
constexpr int64_t kDaysAtOnce = 12;
// And reads for so many monitors that have nothing to remove.
constexpr int kMonitorsPerStep = 2'000;
constexpr int kAgedRowsRead = 2'000;
constexpr size_t kAgedRowsRemoved = 200;

constexpr char kSelectNextChunk[] =
    "-- the first chunk at or after a key\n"
    "SELECT key FROM history_chunks WHERE key >= ?1 ORDER BY key LIMIT 1";
constexpr char kDeleteOldChunks[] =
    "-- removes a monitor's chunks of a range of days\n"
    "DELETE FROM history_chunks WHERE key >= ?1 AND key < ?2";
constexpr char kDeleteOldCounts[] =
    "-- removes a monitor's counts of the blocks before\n"
    "DELETE FROM history_counts WHERE key >= ?1 AND key < ?2";
constexpr char kDeleteOldLatencies[] =
    "-- removes a monitor's latencies of a range of days\n"
    "DELETE FROM history_latencies WHERE key >= ?1 AND key < ?2";

// How rows of one table age.
struct AgedTable {
  const char* select;
  const char* remove;
};

AgedTable TableOf(AgedRows rows) {
  switch (rows) {
    case AgedRows::kTransitions:
      return {
          "-- transitions, oldest first\n"
          "SELECT id, org_id, at FROM transitions WHERE id > ?1 ORDER BY id LIMIT ?2",
          "-- removes an old transition\n"
          "DELETE FROM transitions WHERE id = ?1 AND at < ?2"};
    case AgedRows::kAudit:
      return {
          "-- audit entries, oldest first\n"
          "SELECT id, org_id, at FROM audit_entries WHERE id > ?1 ORDER BY id LIMIT ?2",
          "-- removes an old audit entry\n"
          "DELETE FROM audit_entries WHERE id = ?1 AND at < ?2"};
    case AgedRows::kOccurrences:
      return {
          "-- occurrences that are over, oldest first\n"
          "SELECT id, org_id, ends_at FROM occurrences WHERE id > ?1 AND state > 2"
          " ORDER BY id LIMIT ?2",
          "-- removes an old occurrence\n"
          "DELETE FROM occurrences WHERE id = ?1 AND state > 2 AND ends_at < ?2"};
    case AgedRows::kDeliveries:
      return {
          "-- deliveries that are done, oldest first\n"
          "SELECT id, org_id, created_at FROM deliveries WHERE id > ?1 AND state >= 2"
          " ORDER BY id LIMIT ?2",
          "-- removes an old delivery\n"
          "DELETE FROM deliveries WHERE id = ?1 AND state >= 2 AND created_at < ?2"};
  }
  return {};
}

struct AgedRow {
  int64_t id = 0;
  model::OrgId org;
  Timestamp at{};
};

// Removes what of one monitor is before `before_ms`; the oldest chunk is of `oldest_day`.
Status PlanMonitor(Connection& connection, DayPacker& packer, MonitorId monitor, int64_t oldest_day,
                   int64_t before_ms, PruneWork& work) {
  const int64_t day = DayOf(before_ms);
  work.monitors.push_back({monitor, oldest_day, day});
  PHAROS_RETURN_IF_ERROR(packer.DropCountsBefore(monitor, day));
  if (before_ms == day * kMillisPerDay) return Ok();
  PHAROS_ASSIGN_OR_RETURN(std::vector<Sample> samples, ReadChunk(connection, monitor, day));
  std::erase_if(samples, [&](const Sample& s) { return ToUnixMillis(s.at) < before_ms; });
  return packer.Add(monitor, day, std::move(samples));
}

}  // namespace

Result<PruneWork> PlanPruning(Connection& connection, const MonitorCutoff& cutoff,
                              const PruneCursor& cursor) {
  PruneWork work;
  work.next = cursor;
  DayPacker packer(connection);
  int64_t days = 0;
  for (int i = 0; i < kMonitorsPerStep && days < kDaysPerStep; ++i) {
    PHAROS_ASSIGN_OR_RETURN(Statement s, connection.Prepare(kSelectNextChunk));
    PHAROS_ASSIGN_OR_RETURN(const bool has_row, s.Bind(work.next.place).Step());
    work.next.is_done = !has_row;
    if (!has_row) break;
    const auto key = s.Get<int64_t>(0);
    const MonitorId monitor = MonitorOfHistoryKey(key);
    const int64_t oldest_day = DayOfHistoryKey(key);
    const int64_t before_ms = CeilMillis(cutoff(monitor));
    const int64_t part_ms = (oldest_day + kDaysAtOnce) * kMillisPerDay;
    work.next.place = LastHistoryKey(monitor) + 1;
    if (oldest_day * kMillisPerDay >= before_ms) continue;
    const bool is_part = part_ms < before_ms;
    if (is_part) work.next.place = HistoryKey(monitor, oldest_day + kDaysAtOnce);
    PHAROS_RETURN_IF_ERROR(
        PlanMonitor(connection, packer, monitor, oldest_day, std::min(part_ms, before_ms), work));
    days += std::max<int64_t>(1, DayOf(std::min(part_ms, before_ms)) - oldest_day);
    // Its next part is planned from what this one leaves, not from what stands now.
    if (is_part) break;
  }
  PHAROS_ASSIGN_OR_RETURN(work.rows, packer.Finish());
  work.next.removed += days;
  return work;
}

Status ApplyPruning(Connection& connection, const PruneWork& work) {
  for (const PruneWork::Monitor& one : work.monitors) {
    const int64_t first = FirstHistoryKey(one.monitor);
    const std::pair<const char*, int64_t> removals[] = {
        {kDeleteOldChunks, HistoryKey(one.monitor, one.end_day)},
        {kDeleteOldLatencies, HistoryKey(one.monitor, one.end_day)},
        {kDeleteOldCounts, HistoryKey(one.monitor, BlockOf(one.end_day))}};
    for (const auto& [sql, end] : removals) {
      PHAROS_ASSIGN_OR_RETURN(Statement s, connection.Prepare(sql));
      PHAROS_RETURN_IF_ERROR(s.Bind(first, end).Run());
    }
  }
  return WriteRows(connection, work.rows);
}

Status PruneAgedRows(Store& store, AgedRows rows, const OrgCutoff& cutoff, Timestamp newest,
                     PruneCursor& cursor) {
  const AgedTable table = TableOf(rows);
  PruneCursor next = cursor;
  std::vector<AgedRow> old;
  {
    PHAROS_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, store.Read());
    PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(*session));
    PHAROS_ASSIGN_OR_RETURN(Statement s, core->connection().Prepare(table.select));
    PHAROS_ASSIGN_OR_RETURN(
        const std::vector<AgedRow> found,
        CollectRows(s.Bind(cursor.place, kAgedRowsRead), [](Statement& row) -> Result<AgedRow> {
          AgedRow one;
          row.Read(one.id, one.org, one.at);
          return one;
        }));
    // Ids ascend as time does, but for single rows that were written with another time.
    next.is_done = std::none_of(found.begin(), found.end(),
                                [&](const AgedRow& row) { return row.at < newest; });
    for (const AgedRow& row : found) {
      if (old.size() == kAgedRowsRemoved) {
        next.is_done = false;
        break;
      }
      next.place = row.id;
      if (row.at < cutoff(row.org)) old.push_back(row);
    }
  }
  if (!old.empty()) {
    PHAROS_RETURN_IF_ERROR(store.Write([&](Transaction& tx) -> Status {
      PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
      PHAROS_ASSIGN_OR_RETURN(Statement remove, core->connection().Prepare(table.remove));
      for (const AgedRow& row : old) {
        // Its time may have moved meanwhile.
        PHAROS_RETURN_IF_ERROR(remove.Bind(row.id, cutoff(row.org)).Run());
      }
      return Ok();
    }));
    next.removed += static_cast<int64_t>(old.size());
  }
  cursor = next;
  return Ok();
}

}  // namespace pharos::store::sqlite
