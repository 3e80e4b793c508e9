#pragma once

#include "model/monitor.h"
#include "model/monitor_state.h"

namespace pharos::rules {

// A monitor that keeps changing between healthy and unhealthy is flapping: one message says so, and
// then none until it settles. What counts is the share of the last kFlapWindow checks that changed
// the published side, the newest weighing 1.2 and the oldest 0.8.
inline constexpr int kFlapWindow = 20;

// 0 to 100; bit n of `side_changes` = the n-th last check changed the side.
double FlapPercent(uint32_t side_changes);
// How many of the last kFlapWindow checks changed the side.
int CountSideChanges(uint32_t side_changes);

struct FlapVerdict {
  bool began = false;    // with this check
  bool settled = false;  // with this check
};

// Takes one more judged check into `state.side_changes`, as the replay of a stored one does.
void NoteSide(model::MonitorState& state, bool changed_side);

// Takes one more judged check into `state` (side_changes, flapping). Detection that is switched off
// settles what flapped. Pure.
FlapVerdict JudgeFlapping(const model::FlapRule& rule, model::MonitorState& state,
                          bool changed_side);

}  // namespace pharos::rules
