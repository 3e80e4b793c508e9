#pragma once

#include <array>
#include <cstdint>

#include "base/time.h"
#include "model/quantile_sketch.h"
#include "model/status.h"

namespace pharos::model {

inline constexpr Duration kRollupStep = Minutes(15);

// Counts of samples by shown status; index = the status' number.
struct StatusCounts {
  std::array<uint32_t, kStatusCount> by_status{};

  uint32_t Of(Status s) const { return by_status[static_cast<size_t>(s)]; }
  void Add(Status s, uint32_t n = 1) { by_status[static_cast<size_t>(s)] += n; }
  void Merge(const StatusCounts& other) {
    for (size_t i = 0; i < by_status.size(); ++i) by_status[i] += other.by_status[i];
  }
  uint32_t Total() const {
    uint32_t n = 0;
    for (const uint32_t c : by_status) n += c;
    return n;
  }
  bool operator==(const StatusCounts&) const = default;
};

struct LatencyStats {
  uint32_t count = 0;  // samples with a latency above 0
  double sum_ms = 0;
  double min_ms = 0;
  double max_ms = 0;

  void Add(double ms);
  void Merge(const LatencyStats& other);
  double Average() const { return count == 0 ? 0 : sum_ms / count; }
  bool operator==(const LatencyStats&) const = default;
};

// One quarter of an hour of one monitor (architecture D10). Heartbeat receipts (kSignal) are not
// counted: the silence sweeper's samples are what a heartbeat monitor's uptime consists of.
struct Rollup {
  Timestamp start{};
  StatusCounts counts;
  LatencyStats latency;
};

}  // namespace pharos::model
