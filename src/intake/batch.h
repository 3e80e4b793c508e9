#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "intake/state_board.h"
#include "model/check_evidence.h"
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
  // The same, to look at only: a monitor that is looked at is not part of the batch.
  std::optional<model::MonitorState> Peek(model::MonitorId monitor) const;
  void Apply(const model::Monitor& monitor, rules::Effects effects);

  // What the check of `result` saw; precondition: it has evidence.
  void AddEvidence(const model::Monitor& monitor, const model::CheckResult& result);

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
  std::vector<model::EvidenceRecord> evidence_;
  std::unordered_set<model::MonitorId> rows_;  // states that the samples alone do not tell
  std::vector<model::Event> events_;           // in order of happening; times are set when written
};

}  // namespace pharos::intake
