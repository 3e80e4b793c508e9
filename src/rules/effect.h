#pragma once

#include <variant>
#include <vector>

#include "model/delivery.h"
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
// One delivery row per channel of the organisation that wants to hear of this transition.
struct QueueDelivery {
  model::Transition transition;
};

using Effect = std::variant<StoreSample, SetState, RecordTransition, QueueDelivery>;
using Effects = std::vector<Effect>;

}  // namespace pharos::rules
