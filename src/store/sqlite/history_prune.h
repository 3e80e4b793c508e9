#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "store/history_store.h"
#include "store/sqlite/day_pack.h"
#include "store/sqlite/sqlite_connection.h"
#include "store/store.h"

namespace pharos::store::sqlite {

// What one step of pruning removes and writes: found and packed with a read session, so that the
// writer only removes and stores rows.
struct PruneWork {
  struct Monitor {
    model::MonitorId monitor;
    int64_t first_day = 0;  // removed from here on,
    int64_t end_day = 0;    // but not this one
  };
  std::vector<Monitor> monitors;
  PackedRows rows;
  PruneCursor next;
};

// The next few days of monitors from the cursor on.
Result<PruneWork> PlanPruning(Connection& connection, const MonitorCutoff& cutoff,
                              const PruneCursor& cursor);
// Within a write transaction; rows of monitors that were deleted meanwhile have been dropped.
Status ApplyPruning(Connection& connection, const PruneWork& work);

// See HistoryStore::PruneRows.
Status PruneAgedRows(Store& store, AgedRows rows, const OrgCutoff& cutoff, Timestamp newest,
                     PruneCursor& cursor);

}  // namespace pharos::store::sqlite
