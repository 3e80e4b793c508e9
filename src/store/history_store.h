#pragma once

#include <cstdint>
#include <functional>
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

// What of a monitor is older than this goes.
using MonitorCutoff = std::function<Timestamp(model::MonitorId)>;
// What of an organisation is older than this goes.
using OrgCutoff = std::function<Timestamp(model::OrgId)>;

// How far a pruning has come; a fresh one begins anew. Nothing is lost with it: what is gone is
// gone, and the next one finds the rest.
struct PruneCursor {
  int64_t place = INT64_MIN;
  bool is_done = false;
  int64_t removed = 0;  // days of monitors, or rows
};

// Rows that age besides samples. Open and living ones stay, however old.
enum class AgedRows : uint8_t {
  kTransitions,
  kAudit,
  kOccurrences,  // that are over, by their end
  kDeliveries,   // sent or failed
};

// What of the history is in memory: samples younger than the last fold.
struct TailSize {
  size_t monitors = 0;
  size_t samples = 0;
  size_t bytes = 0;
};

// Samples and quarter-hour roll-ups (architecture D10). Appends go to a journal, which is folded
// into packed chunks per monitor and day in the background; reads see both at once. The caller
// checks tenancy through the monitor.
class HistoryStore {
 public:
  virtual ~HistoryStore() = default;

  // Adds samples of any times in any order; the same monitor and time replaces.
  virtual Status Append(Transaction& tx, std::span<const model::MonitorSample> samples) = 0;
  // Takes away the samples with from <= at < to, only those shown with `status` if it is given,
  // with all that was counted of them; seen by others with the commit, like an append. Returns how
  // many. Error: kInvalid when there are more than `limit`; then nothing changes.
  virtual Result<size_t> Erase(Transaction& tx, model::MonitorId monitor, Timestamp from,
                               Timestamp to, std::optional<model::Status> status, size_t limit) = 0;
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
  // The same one by one, without a copy of it all. `visit` must not call the store.
  virtual Status VisitJournal(Session& session,
                              const std::function<void(const model::MonitorSample&)>& visit) = 0;
  virtual TailSize SizeOfTail() const = 0;

  // Folds journal entries that are complete before `before` into day chunks and roll-ups, in
  // bounded steps. Returns how many samples were folded; 0 = nothing left. Called by one background
  // thread.
  virtual Result<size_t> Fold(Timestamp before) = 0;
  // Removes samples and roll-ups older than `before`. Same thread as Fold.
  virtual Status Prune(Timestamp before) = 0;
  // One bounded step of the same, each monitor with its own cutoff; samples that are not folded yet
  // stay. The writer is held for a few milliseconds at most. Call until cursor.is_done; any thread.
  virtual Status PruneStep(const MonitorCutoff& cutoff, PruneCursor& cursor) = 0;
  // One bounded step through other rows, oldest first, until none is before `newest`. The same
  // rules.
  virtual Status PruneRows(AgedRows rows, const OrgCutoff& cutoff, Timestamp newest,
                           PruneCursor& cursor) = 0;
};

}  // namespace pharos::store
