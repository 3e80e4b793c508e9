#include "schedule/good_evidence.h"

#include <algorithm>
#include <cstdint>

namespace pharos::schedule {
namespace {

// Which of the windows of this monitor a time falls into.
int64_t WindowOf(const model::Monitor& monitor, Timestamp at) {
  const auto scattered = static_cast<uint64_t>(monitor.id.value()) * 0x9e3779b97f4a7c15ULL;
  const auto phase =
      static_cast<int64_t>((scattered >> 16) % static_cast<uint64_t>(kGoodEvidenceEvery.count()));
  return FloorDiv(ToUnixMicros(at) + phase, kGoodEvidenceEvery.count());
}

}  // namespace

bool WantsGoodEvidence(const model::Monitor& monitor, Timestamp at) {
  const Duration interval = std::max(monitor.schedule.interval, Duration(Seconds(1)));
  if (at - interval <= monitor.updated_at) return true;
  return WindowOf(monitor, at) != WindowOf(monitor, at - interval);
}

}  // namespace pharos::schedule
