#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "model/ids.h"
#include "model/status.h"

namespace pharos::model {

// Where a sample comes from (product.md 1.4). Persisted: never renumber.
enum class SampleOrigin : uint8_t {
  kRealtime = 0,     // a check that got an answer
  kTimeout = 1,      // a check that timed out
  kError = 2,        // a check that failed or could not be judged
  kManual = 3,       // written through an API or the console
  kDefault = 4,      // the default status filled in
  kSignal = 5,       // raw receipt of a heartbeat
  kIncident = 6,     // an incident replaced what was observed
  kMaintenance = 7,  // a maintenance replaced what was observed
  kBlind = 8,        // we could not look: no data, whoever's fault
  kUnreachable = 9,  // the check failed while the monitor's parents were down: no data
};

// What we keep of a check: one per monitor and time. Checks at whole minutes or slower stand at the
// start of their minute, faster ones at the start of their second, heartbeat receipts at their
// millisecond. A second sample for the same time replaces the first.
struct Sample {
  Timestamp at{};                     // whole milliseconds
  Status status = Status::kNoData;    // shown: after default, confirmation and overlays
  Status observed = Status::kNoData;  // what the check itself said
  SampleOrigin origin = SampleOrigin::kRealtime;
  double latency_ms = 0;  // 0 = not measured
  std::string message;    // empty for almost all
  // The kind's own number: status code of HTTP, days left of a certificate or domain, lost packets
  // in percent; 0 = none. Runs of the same number cost next to nothing.
  int32_t code = 0;
  uint8_t attempts = 1;  // how many tries the check took

  bool operator==(const Sample&) const = default;
};

struct MonitorSample {
  MonitorId monitor;
  Sample sample;
};

}  // namespace pharos::model
