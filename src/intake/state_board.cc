#include "intake/state_board.h"

namespace pharos::intake {

std::optional<model::MonitorState> StateBoard::Find(model::MonitorId id) const {
  Stripe& stripe = StripeOf(id);
  std::lock_guard lock(stripe.mutex);
  const auto it = stripe.states.find(id);
  if (it == stripe.states.end()) return std::nullopt;
  return it->second;
}

void StateBoard::Put(const model::MonitorState& state) {
  Stripe& stripe = StripeOf(state.monitor);
  std::lock_guard lock(stripe.mutex);
  stripe.states[state.monitor] = state;
}

void StateBoard::Remove(model::MonitorId id) {
  Stripe& stripe = StripeOf(id);
  std::lock_guard lock(stripe.mutex);
  stripe.states.erase(id);
}

size_t StateBoard::Size() const {
  size_t total = 0;
  for (const Stripe& stripe : stripes_) {
    std::lock_guard lock(stripe.mutex);
    total += stripe.states.size();
  }
  return total;
}

}  // namespace pharos::intake
