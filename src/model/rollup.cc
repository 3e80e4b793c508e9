#include "model/rollup.h"

#include <algorithm>

namespace pharos::model {

void LatencyStats::Add(double ms) {
  if (!(ms > 0)) return;
  min_ms = count == 0 ? ms : std::min(min_ms, ms);
  max_ms = count == 0 ? ms : std::max(max_ms, ms);
  sum_ms += ms;
  ++count;
}

void LatencyStats::Merge(const LatencyStats& other) {
  if (other.count == 0) return;
  min_ms = count == 0 ? other.min_ms : std::min(min_ms, other.min_ms);
  max_ms = count == 0 ? other.max_ms : std::max(max_ms, other.max_ms);
  sum_ms += other.sum_ms;
  count += other.count;
}

}  // namespace pharos::model
