#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "model/monitor.h"
#include "model/rollup.h"
#include "model/sample.h"
#include "service/context.h"

namespace pharos::service {

// What a window of one monitor's history sums up to.
struct WindowStats {
  model::StatusCounts counts;
  model::LatencyStats latency;
  double p95_ms = 0;
  // Up and degraded of up, degraded, partial outage and down, in percent; nullopt without samples.
  std::optional<double> uptime;
};

// One bucket of history.
struct HistoryPoint {
  Timestamp start{};
  model::StatusCounts counts;
  model::LatencyStats latency;
  model::Status worst = model::Status::kNoData;
};

struct CheckQuery {
  std::optional<Timestamp> from;  // at or after
  std::optional<Timestamp> to;    // before
  std::optional<model::Status> status;
  int64_t limit = 50;
  int64_t offset = 0;
  // Without, only as much of the window is read as the page needs, and `total` is what was seen.
  bool count_all = true;
};

struct CheckPage {
  std::vector<model::Sample> checks;  // newest first
  int64_t total = 0;                  // that the query finds
};

enum class Resolution : uint8_t { kMinute, kHour, kDay };

// Figures about monitors for interfaces. The monitor must come from MonitorService of the asking
// organisation. Thread-safe; blocks on the store.
class StatsService {
 public:
  explicit StatsService(const Context& context) : context_(context) {}

  Result<WindowStats> Window(const model::Monitor& monitor, Timestamp from, Timestamp to) const;
  // The same window for many monitors at once, in the order given; p95 is left out.
  Result<std::vector<WindowStats>> Windows(const std::vector<store::MonitorPtr>& monitors,
                                           Timestamp from, Timestamp to) const;
  // Checks one by one; heartbeat receipts and time in which we were blind are absent.
  Result<CheckPage> Checks(const model::Monitor& monitor, const CheckQuery& query) const;
  // The latencies below which these shares (0 to 1) of the window's measured checks lie, in
  // milliseconds, within 2 % of the true ones; 0 without any. The window counts in whole quarter
  // hours: those that begin in it.
  Result<std::vector<double>> Percentiles(const model::Monitor& monitor, Timestamp from,
                                          Timestamp to, std::span<const double> shares) const;
  // Buckets of UTC with data, ascending. Error: kInvalid when more than `max_points` would come.
  Result<std::vector<HistoryPoint>> History(const model::Monitor& monitor, Timestamp from,
                                            Timestamp to, Resolution resolution,
                                            int64_t max_points) const;
  // Seconds in the window for which the monitor was shown down.
  Result<int64_t> DowntimeSeconds(const model::Monitor& monitor, Timestamp from,
                                  Timestamp to) const;
  // The oldest sample that is kept.
  Result<std::optional<Timestamp>> FirstCheck(const model::Monitor& monitor) const;

 private:
  Context context_;
};

}  // namespace pharos::service
