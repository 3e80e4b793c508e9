#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/quantile_sketch.h"
#include "model/rollup.h"
#include "model/sample.h"
#include "store/session.h"

namespace pharos::store {

struct MonitorRollups {
  model::MonitorId monitor;
  std::vector<model::Rollup> rollups;  // ascending; quarters without samples are absent
};

struct MonitorCounts {
  model::MonitorId monitor;
  std::vector<model::StatusCounts> counts;  // one per gap between neighbouring bounds
  // One per gap. Latencies are kept in one sum per UTC day, so a gap has those of the UTC days
  // whose noon lies in it: exact for days of UTC, shifted by the zone's offset for others.
  std::vector<model::LatencyStats> latencies;
  model::LatencyStats latency;  // from the first bound to the last, exact
};

// Samples and quarter-hour roll-ups (architecture D10). Appends go to a journal, which is folded
// into packed chunks per monitor and day in the background; reads see both at once. The caller
// checks tenancy through the monitor.
class HistoryStore {
 public:
  virtual ~HistoryStore() = default;

  // Adds samples of any times in any order; the same monitor and time replaces.
  virtual Status Append(Transaction& tx, std::span<const model::MonitorSample> samples) = 0;
  // Samples with from <= at < to, ascending. At most `limit`, the newest when `newest_first`.
  virtual Result<std::vector<model::Sample>> Read(Session& session, model::MonitorId monitor,
                                                  Timestamp from, Timestamp to,
                                                  size_t limit = SIZE_MAX,
                                                  bool newest_first = false) = 0;
  virtual Result<std::optional<model::Sample>> Find(Session& session, model::MonitorId monitor,
                                                    Timestamp at) = 0;
  // Roll-ups with from <= start < to for each monitor, in the order asked.
  virtual Result<std::vector<MonitorRollups>> ReadRollups(
      Session& session, std::span<const model::MonitorId> monitors, Timestamp from,
      Timestamp to) = 0;
  // The counts of those roll-ups, summed up between neighbouring bounds (a roll-up belongs to the
  // gap with bounds[i] <= start < bounds[i + 1]), and their latencies from the first bound to the
  // last. What the day bars of a page need, and a hundred times cheaper than ReadRollups over
  // months. `bounds` ascends.
  virtual Result<std::vector<MonitorCounts>> ReadCounts(Session& session,
                                                        std::span<const model::MonitorId> monitors,
                                                        std::span<const Timestamp> bounds) = 0;
  // The latency distribution of a window: quarter hours merged.
  virtual Result<model::QuantileSketch> ReadLatencySketch(Session& session,
                                                          model::MonitorId monitor, Timestamp from,
                                                          Timestamp to) = 0;
  // Every sample that is still in the journal (newer than its monitor's chunk), ascending per
  // monitor: what a start replays over the state rows.
  virtual Result<std::vector<model::MonitorSample>> ReadJournal(Session& session) = 0;

  // Folds journal entries that are complete before `before` into day chunks and roll-ups, in
  // bounded steps. Returns how many samples were folded; 0 = nothing left. Called by one background
  // thread.
  virtual Result<size_t> Fold(Timestamp before) = 0;
  // Removes samples and roll-ups older than `before`. Same thread as Fold.
  virtual Status Prune(Timestamp before) = 0;
};

}  // namespace pharos::store
