#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "model/monitor_state.h"
#include "model/sample.h"
#include "model/transition.h"

namespace pharos::rules {

// Decisions are values from this closed set (architecture D6). Intake and services apply them, in
// one transaction.
struct StoreSample {
  model::Sample sample;  // replaces a sample at the same time
};
struct SetState {
  model::MonitorState state;
};
struct RecordTransition {
  model::Transition transition;  // id unset
};
// People are to be told of this transition; which channels is for automation to find out.
struct QueueDelivery {
  model::Transition transition;
};
// As many checks in a row found the monitor down as open an automatic incident (kodo.md 7.1). Once
// per row of failures: when the number is reached.
struct ReportFailing {
  int failures = 0;
  Timestamp at{};
  std::string cause;
};

// People are to be told of where the monitor stands, other than by a delivery of the change just
// recorded: of the newest change, which had waited for a look at its parents (dependency.h); that
// the monitor is flapping, and nothing more until it has settled (flapping.h).
struct QueueNotice {
  enum class Kind : uint8_t { kLate, kFlapping, kSettled };
  Kind kind = Kind::kLate;
  model::Transition transition;  // the newest one; of kSettled from and to are the same
  int side_changes = 0;          // in the last checks
};

using Effect = std::variant<StoreSample, SetState, RecordTransition, QueueDelivery, ReportFailing,
                            QueueNotice>;
using Effects = std::vector<Effect>;

}  // namespace pharos::rules
