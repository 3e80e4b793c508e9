#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "model/ids.h"
#include "model/sample.h"
#include "model/status.h"

namespace pharos::model {

// Where a monitor stands now: what the next result is judged against. Intake keeps one per monitor
// in memory; it can be rebuilt from the stored row plus the samples after `last_sample_at`.
struct MonitorState {
  MonitorId monitor;
  Status shown = Status::kNoData;     // what everybody sees
  Status observed = Status::kNoData;  // what the last check said
  Timestamp shown_since{};            // of the last change of `shown`; epoch = never
  Timestamp last_result_at{};         // newest result, whatever it said; epoch = never checked
  Timestamp last_sample_at{};
  double latency_ms = 0;  // of the newest sample that has one
  std::string message;    // of the newest sample
  // Confirmation (product.md 1.9): the newest confirmed status of a real check, and the samples
  // that await confirmation, oldest first, at most 60.
  std::optional<Status> anchor;
  std::vector<Sample> held;
  // Heartbeats: when the last signal came and what it said; epoch = never.
  Timestamp last_signal_at{};
  Status last_signal_status = Status::kUp;
  // Newest sample when that one is manual, for monitors that repeat it (product.md 1.6).
  bool newest_is_manual = false;
  Value facts;       // of the newest result that had some: certificate, registration, addresses
  int failures = 0;  // checks in a row that found it down, whatever is shown
  // Flapping (rules/flapping.h): bit n is set when the n-th last check changed the side.
  uint32_t side_changes = 0;
  bool flapping = false;
  // Parents (rules/dependency.h): when the check was made whose failure nobody is told of before
  // the parents were looked at; epoch = nothing waits. The samples since, oldest first, at most 60:
  // they are rewritten if the parents turn out to be down.
  Timestamp doubted_at{};
  std::vector<Sample> doubtful;
  bool unreachable = false;  // the newest check failed while the parents were down
  int64_t transitions = 0;   // how often `shown` changed; the de-duplication key of alerts uses it

  bool operator==(const MonitorState&) const = default;
};

}  // namespace pharos::model
