#include "rules/flapping.h"

#include <bit>

namespace pharos::rules {
namespace {

constexpr uint32_t kWindowMask = (uint32_t{1} << kFlapWindow) - 1;
constexpr double kNewestWeight = 1.2;
constexpr double kOldestWeight = 0.8;

}  // namespace

double FlapPercent(uint32_t side_changes) {
  double share = 0;
  for (int age = 0; age < kFlapWindow; ++age) {
    if (((side_changes >> age) & 1U) == 0) continue;
    share += kNewestWeight - (kNewestWeight - kOldestWeight) * age / (kFlapWindow - 1);
  }
  return share * 100 / kFlapWindow;
}

int CountSideChanges(uint32_t side_changes) { return std::popcount(side_changes & kWindowMask); }

void NoteSide(model::MonitorState& state, bool changed_side) {
  state.side_changes = ((state.side_changes << 1) | (changed_side ? 1U : 0U)) & kWindowMask;
}

FlapVerdict JudgeFlapping(const model::FlapRule& rule, model::MonitorState& state,
                          bool changed_side) {
  const bool before = state.flapping;
  NoteSide(state, changed_side);
  if (!rule.enabled) {
    state.flapping = false;
  } else {
    const double percent = FlapPercent(state.side_changes);
    if (percent >= rule.high_percent) state.flapping = true;
    if (percent < rule.low_percent) state.flapping = false;
  }
  return {.began = state.flapping && !before, .settled = before && !state.flapping};
}

}  // namespace pharos::rules
