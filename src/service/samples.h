#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "model/principal.h"
#include "model/rollup.h"
#include "model/sample.h"
#include "service/context.h"
#include "service/monitors.h"

namespace pharos::service {

// Samples of one monitor, read and written through an API. Thread-safe; every call blocks on the
// store. The monitor must come from MonitorService of the same organisation.
class SampleService {
 public:
  explicit SampleService(const Context& context) : context_(context) {}

  // One sample per minute, the newest of each, at the start of its minute; heartbeat receipts one
  // per second, as they stand (kener-v4.md 7.1, 7.2). from <= at < to, ascending.
  Result<std::vector<model::Sample>> ReadMinutes(const model::Monitor& monitor, Timestamp from,
                                                 Timestamp to) const;
  Result<std::optional<model::Sample>> FindMinute(const model::Monitor& monitor,
                                                  Timestamp minute) const;

  // Writes one manual sample per entry (already whole minutes), all or none, and replaces whatever
  // else stood in those minutes. Waits until it is durable. At most kMaxManualSamples.
  static constexpr size_t kMaxManualSamples = 600'000;
  Status WriteManual(const model::Monitor& monitor, std::vector<model::Sample> samples);

 private:
  Context context_;
};

}  // namespace pharos::service
