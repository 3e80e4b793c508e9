#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "model/monitor_state.h"

namespace pharos::intake {

// The committed current state of every monitor. Written by intake after its commits, read by
// services and pages from any thread; striped locks, held for one copy. A state may be a few
// milliseconds behind what is being committed, never ahead.
class StateBoard {
 public:
  std::optional<model::MonitorState> Find(model::MonitorId id) const;
  void Put(const model::MonitorState& state);
  void Remove(model::MonitorId id);
  size_t Size() const;

 private:
  static constexpr size_t kStripes = 64;
  struct Stripe {
    mutable std::mutex mutex;
    std::unordered_map<model::MonitorId, model::MonitorState> states;
  };
  Stripe& StripeOf(model::MonitorId id) const {
    return stripes_[static_cast<size_t>(id.value()) % kStripes];
  }
  mutable std::array<Stripe, kStripes> stripes_;
};

}  // namespace pharos::intake
