#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/check_result.h"
#include "model/delivery.h"
#include "model/monitor.h"
#include "model/monitor_state.h"
#include "model/sample.h"
#include "store/store.h"

namespace pharos::sim {

// What must hold whatever happens, kept in the plainest way, and compared with what the store says.
//  1. No result that was acknowledged is lost: a sample stands at its time that says what it said.
//  2. Transitions of a monitor are numbered 1, 2, 3 ..., each begins where the one before ended,
//     and none leads where it came from; the state has counted them.
//  3. Each transition that is news has exactly one delivery for each channel that asked for it, and
//     no other transition has any.
//  4. A state that is rebuilt after a crash is the one that was committed before it; after the
//     clock went back, what is shown at least.
//  5. Roll-ups count what the samples say.
//  6. No monitor is due twice for the same time or checked twice at once, and each is due within
//     one interval of a start.
class Oracle {
 public:
  // A result or a sample by hand was acknowledged.
  void Acknowledged(const model::Monitor& monitor, const model::CheckResult& result);
  void AcknowledgedManual(model::MonitorId monitor, const model::Sample& sample);
  void Deleted(model::MonitorId monitor);
  // A service tells its changes in ways of its own (automation/deliveries.cc).
  void IsService(model::MonitorId monitor) { services_.insert(monitor); }
  // A group is judged anew whenever a member changes, also within a minute that is written.
  void IsGroup(model::MonitorId monitor) { groups_.insert(monitor); }

  void Due(const model::Monitor& monitor, Timestamp at);
  // Due times may come again after this: the clock went back, or the monitor was changed.
  void ForgetDue() { due_.clear(); }
  // Samples of a time that then came again: which of them a rebuilt state is made of is left open,
  // but not what is shown.
  void ClockWentBack() { clock_went_back_ = true; }
  void ForgetDue(model::MonitorId monitor) { due_.erase(monitor); }

  void CompareStates(const model::MonitorState& before, const model::MonitorState& after);
  // Everything that can be read; the outbox has been dealt with.
  void CompareStore(store::Store& store, const std::vector<model::MonitorState>& states);

  void Fail(const std::string& what) { problems_.push_back(what); }
  const std::vector<std::string>& problems() const { return problems_; }
  size_t checked() const { return checked_; }

 private:
  struct Said {
    model::Status observed = model::Status::kNoData;
    bool is_manual = false;
  };
  void CompareSamples(store::Store& store, store::Session& session, model::MonitorId monitor);
  void CompareTransitions(store::Store& store, store::Session& session,
                          const model::MonitorState& state);
  void CompareDeliveries(store::Store& store, store::Session& session);
  void CompareRollups(store::Store& store, store::Session& session, model::MonitorId monitor,
                      const std::vector<model::Sample>& samples);
  bool Expect(bool holds, const std::string& what);

  std::map<model::MonitorId, std::map<Timestamp, Said>> said_;
  std::map<model::MonitorId, std::set<Timestamp>> due_;
  std::set<model::MonitorId> deleted_;
  std::set<model::MonitorId> services_;
  std::set<model::MonitorId> groups_;
  std::vector<std::string> problems_;
  size_t checked_ = 0;
  bool clock_went_back_ = false;
};

}  // namespace pharos::sim
