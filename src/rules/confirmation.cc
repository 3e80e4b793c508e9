#include "rules/confirmation.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "model/check_result.h"

namespace pharos::rules {
namespace {

constexpr int kMaxThreshold = 60;  // also bounds the held samples
constexpr std::string_view kHeldText = "Status held during grace period";

// Adds a reason once; what stood there before gives way when there is not room for both.
std::string WithReason(std::string_view message, std::string_view reason) {
  constexpr std::string_view kSeparator = " | ";
  if (message.empty()) return std::string(reason);
  if (message.find(reason) != std::string_view::npos) return std::string(message);
  std::string out = Ellipsize(message, model::kMaxMessageBytes - kSeparator.size() - reason.size());
  return out.append(kSeparator).append(reason);
}

std::string ConfirmedText(model::Status status, int threshold) {
  const std::string_view word = status == model::Status::kDown ? "Down" : "Degraded";
  return std::string(word) + " confirmed after " + std::to_string(threshold) +
         " consecutive checks";
}

bool AreOpposite(model::Status a, model::Status b) {
  const model::Side left = model::SideOf(a);
  const model::Side right = model::SideOf(b);
  return left != model::Side::kNeutral && right != model::Side::kNeutral && left != right;
}

// The held samples as they are rewritten now that `side` is confirmed (product.md 1.9, rule 5).
std::vector<model::Sample> Release(std::vector<model::Sample> held, model::Side side,
                                   int threshold) {
  for (model::Sample& sample : held) {
    sample.status = sample.observed;
    if (side == model::Side::kHealthy) {
      sample.message.clear();
    } else {
      sample.message = WithReason(sample.message, ConfirmedText(sample.status, threshold));
    }
  }
  return held;
}

}  // namespace

Confirmation Confirm(int threshold, model::MonitorState& state, model::Sample observed) {
  Confirmation out;
  // A second result for the same time replaces the first, so it must not count twice.
  std::erase_if(state.held, [&](const model::Sample& s) { return s.at >= observed.at; });
  if (observed.status == model::Status::kNoData) {
    out.sample = std::move(observed);
    return out;
  }
  const bool changes_side = state.anchor && AreOpposite(*state.anchor, observed.status);
  if (threshold <= 1 || !changes_side) {
    state.anchor = observed.status;
    state.held.clear();
    out.sample = std::move(observed);
    return out;
  }
  const int needed = std::min(threshold, kMaxThreshold);
  if (static_cast<int>(state.held.size()) + 1 >= needed) {
    state.anchor = observed.status;
    out.rewritten = Release(std::move(state.held), model::SideOf(observed.status), needed);
    state.held.clear();
    out.sample = std::move(observed);
    return out;
  }
  observed.status = *state.anchor;
  observed.message = WithReason(observed.message, kHeldText);
  state.held.push_back(observed);
  out.sample = std::move(observed);
  out.held = true;
  return out;
}

void FreezeConfirmation(model::MonitorState& state) { state.held.clear(); }

}  // namespace pharos::rules
