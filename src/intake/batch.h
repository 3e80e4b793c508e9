#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "intake/state_board.h"
#include "model/event.h"
#include "model/monitor.h"
#include "model/monitor_state.h"
#include "model/sample.h"
#include "model/transition.h"
#include "rules/effect.h"
#include "store/store.h"

namespace pharos::intake {

// The effects of one batch of results, gathered from the rules and then written in one transaction.
// Used by the intake thread alone.
class Batch {
 public:
  explicit Batch(const StateBoard& committed) : committed_(committed) {}

  // The state that the next result of this monitor is judged against: what this batch made of it so
  // far, else the committed one.
  const model::MonitorState& StateOf(model::MonitorId monitor);
  void Apply(const model::Monitor& monitor, rules::Effects effects);

  // Writes everything. May run more than once (store.h, WriteFunction).
  Status Write(store::Store& store, store::Transaction& tx, Timestamp now) const;

  const std::unordered_map<model::MonitorId, model::MonitorState>& states() const {
    return states_;
  }
  const std::vector<model::Transition>& transitions() const { return transitions_; }
  bool IsEmpty() const { return samples_.empty() && states_.empty(); }

 private:
  const StateBoard& committed_;
  std::unordered_map<model::MonitorId, model::MonitorState> states_;
  std::vector<model::MonitorSample> samples_;
  std::vector<model::Transition> transitions_;
  std::vector<model::Event> events_;  // in order of happening; times are set when written
};

}  // namespace pharos::intake
