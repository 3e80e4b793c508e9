#pragma once

#include <vector>

#include "model/monitor_state.h"
#include "model/sample.h"

namespace pharos::rules {

// What confirmation says about one observed sample (product.md 1.9).
struct Confirmation {
  model::Sample sample;                  // as it is to be stored
  std::vector<model::Sample> rewritten;  // earlier held samples, now confirmed
  bool held = false;
};

// Applies the grace period to an observation that came from a real check (origin kRealtime,
// kTimeout or kError) while no overlay is active; updates anchor and held samples of `state`.
Confirmation Confirm(int threshold, model::MonitorState& state, model::Sample observed);
// An overlay is active: the count starts again afterwards.
void FreezeConfirmation(model::MonitorState& state);

}  // namespace pharos::rules
