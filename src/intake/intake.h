#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "intake/overlay_board.h"
#include "intake/state_board.h"
#include "model/check_result.h"
#include "model/sample.h"
#include "notices/notices.h"
#include "store/monitor_directory.h"
#include "store/store.h"

namespace pharos::intake {

struct IntakeSettings {
  size_t max_queued = 200'000;  // results waiting; beyond that Submit refuses
  size_t max_batch = 8'192;     // results per transaction
};

// The one door for results (architecture D7): probe, heartbeat, push, silence, manual entry. One
// thread takes them in batches, asks the rules, writes all effects in one transaction and only then
// acknowledges, moves the state board and publishes hints. Thread-safe.
class Intake {
 public:
  // Runs on the store's writer or the intake thread after the commit is durable; must be short.
  using Done = std::function<void(Status)>;

  // Rebuilds the states from rows and journal, then starts the thread. The collaborators outlive
  // it.
  static Result<std::unique_ptr<Intake>> Start(const IntakeSettings& settings, store::Store& store,
                                               const store::MonitorDirectory& monitors,
                                               const OverlayBoard& overlays, notices::Board& board,
                                               const Clock& clock, Metrics& metrics);
  virtual ~Intake() = default;

  // Error: kUnavailable when the queue is full or intake is stopping; then `done` is not called.
  virtual Status Submit(model::CheckResult result, Done done = {}) = 0;
  // Samples written by hand, of one monitor, all or none (origin kManual).
  virtual Status SubmitManual(model::MonitorId monitor, std::vector<model::Sample> samples,
                              Done done) = 0;
  // Forgets a deleted monitor's state.
  virtual void Forget(model::MonitorId monitor) = 0;

  // Writes the rows of all states that moved since the last call, so that the journal before now
  // may be folded. Waits until it is durable.
  virtual Status Checkpoint() = 0;

  virtual const StateBoard& states() const = 0;
  // Since when this process watches; silence is judged from here at the earliest.
  virtual Timestamp watching_since() const = 0;
  // Refuses further results, commits what is queued, writes all states, joins. Called once.
  virtual void Stop() = 0;
};

}  // namespace pharos::intake
