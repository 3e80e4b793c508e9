#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "model/quantile_sketch.h"
#include "model/rollup.h"
#include "model/sample.h"
#include "store/sqlite/sqlite_connection.h"

namespace pharos::store::sqlite {

// Quarter hours from `first` up to but not including `last`, counted from the epoch.
struct QuarterWindow {
  int64_t first = 0;
  int64_t last = 0;
};

// Counts per gap between neighbouring bounds, latencies from the first bound to the last.
struct CountsSum {
  std::vector<model::StatusCounts> counts;
  std::vector<model::LatencyStats> latencies;
  model::LatencyStats latency;
};

// Roll-ups of one monitor: what is stored, corrected by samples that are not in chunks yet. A
// quarter hour that both touch is counted anew from its samples. Lives within one session.
class RollupReader {
 public:
  // `overlay` holds the samples that are not in chunks, ascending, at least those of the windows
  // asked for.
  RollupReader(Connection& connection, model::MonitorId monitor,
               std::span<const model::Sample> overlay)
      : connection_(connection), monitor_(monitor), overlay_(overlay) {}

  Result<std::vector<model::Rollup>> ReadRollups(const QuarterWindow& window);
  // `bounds` ascends, at least two, counted in quarters from the epoch.
  Result<CountsSum> ReadCounts(std::span<const int64_t> bounds);
  Result<model::QuantileSketch> ReadSketch(const QuarterWindow& window);

 private:
  Result<std::vector<model::Rollup>> ReadStoredCounts(const QuarterWindow& window);
  Status FillStoredLatencies(const QuarterWindow& window, std::vector<model::Rollup>& rollups);
  // The part of the overlay in a window.
  std::span<const model::Sample> OverlayOf(const QuarterWindow& window) const;
  // All samples of a window within one UTC day, chunk and overlay merged.
  Result<std::span<const model::Sample>> SamplesOf(const QuarterWindow& window);

  Connection& connection_;
  model::MonitorId monitor_;
  std::span<const model::Sample> overlay_;
  std::optional<int64_t> merged_day_;
  std::vector<model::Sample> merged_;
};

}  // namespace pharos::store::sqlite
