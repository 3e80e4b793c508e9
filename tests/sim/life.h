#pragma once

#include <memory>
#include <string>
#include <vector>

#include "automation/event_pump.h"
#include "automation/service_status.h"
#include "base/fake_clock.h"
#include "base/metrics.h"
#include "failing_store.h"
#include "intake/intake.h"
#include "intake/overlay_board.h"
#include "model/check_result.h"
#include "notices/notices.h"
#include "probe/catalog.h"
#include "rules/overlay.h"
#include "schedule/places.h"
#include "schedule/plan.h"
#include "service/context.h"
#include "store/monitor_directory.h"

namespace pharos::sim {

// One life of the process, from a start to a crash or a stop, over a store that outlives it. What
// runs on threads of its own in the server is stepped by hand here, except for intake, which is
// waited for; so the order of things follows from the seed.
class Life {
 public:
  // The store, the clock and the faults outlive it.
  Life(store::Store& store, FakeClock& clock, StoreFaults& faults);
  ~Life() { End(); }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  // Loads monitors, overlays and states. Fails when the store cannot be read.
  Status Begin(const std::vector<rules::MaintenanceWindow>& windows);
  // Loses everything that is not committed.
  void Crash();
  // Writes what a stop writes.
  void End();

  // Both wait until intake has said what became of it.
  Status Submit(const model::CheckResult& result);
  // Several at once: they may share a transaction.
  std::vector<Status> SubmitAll(const std::vector<model::CheckResult>& results);
  Status SubmitManual(model::MonitorId monitor, const model::Sample& sample);

  // Reacts to the outbox until it is empty or something fails.
  Status React();
  // Waits for what was handed to intake without waiting, as services do when an overlay changes.
  void Settle();
  Status ReloadOverlays(const std::vector<rules::MaintenanceWindow>& windows);

  schedule::Plan& plan() { return plan_; }
  intake::Intake& intake() { return *intake_; }
  store::MonitorDirectory& directory() { return directory_; }
  const service::Context& context() const { return *context_; }
  schedule::Places& places() { return places_; }

 private:
  store::Store& store_;
  FakeClock& clock_;
  StoreFaults& faults_;
  Metrics metrics_;
  probe::Catalog probes_;
  store::MonitorDirectory directory_;
  intake::OverlayBoard overlays_;
  notices::Board board_;
  std::unique_ptr<intake::Intake> intake_;
  std::unique_ptr<service::Context> context_;
  std::unique_ptr<automation::EventPump> pump_;
  std::unique_ptr<automation::ServiceFollower> services_;
  schedule::Plan plan_;
  // So few that checks have to wait for each other.
  schedule::Places places_{{.running = 3, .per_host = 2}};
};

}  // namespace pharos::sim
