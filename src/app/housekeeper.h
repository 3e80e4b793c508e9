#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "automation/automation.h"
#include "base/clock.h"
#include "intake/intake.h"
#include "service/alerts.h"
#include "service/beacons.h"
#include "service/incidents.h"
#include "service/keys.h"
#include "service/maintenances.h"
#include "service/on_call.h"
#include "service/retention.h"
#include "service/secrets.h"
#include "service/subscriber_messages.h"
#include "service/workflows.h"
#include "store/store.h"

namespace pharos::app {

struct HousekeeperSettings {
  Duration retention;
};

// What the clock does to planned work, drafts, workflows, pages and collections that must not grow
// without bound; outlives the housekeeper. Null = nothing.
struct Chores {
  service::IncidentService* incidents = nullptr;
  service::MaintenanceService* maintenances = nullptr;
  automation::Automation* automation = nullptr;
  service::WorkflowService* workflows = nullptr;
  service::OnCallService* on_call = nullptr;
  service::AlertService* alerts = nullptr;
  service::BeaconService* beacons = nullptr;
  service::SubscriberMessages* subscribers = nullptr;
  service::SecretVault* secrets = nullptr;
  // Whose cutoffs count; without it, HousekeeperSettings::retention for all.
  const service::RetentionService* retention = nullptr;
};

// What has to be done now and then: one thread notices that another process wrote keys or secrets;
// a second moves maintenances by the clock, publishes drafts, carries on with workflows, on-call
// pages and messages to subscribers (every 10 s), makes the week ahead and trims collections (every
// hour); a third, since that may take seconds, folds the history journal after a checkpoint of the
// states (every 15 minutes, or earlier when much of it is in memory) and removes what is too old
// once a day, step by step.
class Housekeeper {
 public:
  static std::unique_ptr<Housekeeper> Start(const HousekeeperSettings& settings,
                                            store::Store& store, intake::Intake& intake,
                                            service::KeyVerifier& verifier, const Clock& clock,
                                            const Chores& chores = {});
  ~Housekeeper() { Stop(); }
  void Stop();

 private:
  Housekeeper(const HousekeeperSettings& settings, store::Store& store, intake::Intake& intake,
              service::KeyVerifier& verifier, const Clock& clock, const Chores& chores);
  // Calls `work` again and again until Stop.
  void Repeat(const std::function<void()>& work);
  void KeepHistory();
  void LookForChanges();
  void MovePlannedWork();
  void TrimCollections();
  void Fold(Timestamp now, Duration age);
  void Prune(Timestamp now);
  // Between two steps of pruning: lets others at the store, folds if it is time. False = stop.
  bool RestFromPruning();
  // Whether the wall clock was set forward since the start: what is "old" cannot be told then.
  bool ClockLeapt(Timestamp now) const;

  const HousekeeperSettings settings_;
  store::Store& store_;
  intake::Intake& intake_;
  service::KeyVerifier& verifier_;
  const Clock& clock_;
  const Chores chores_;
  int64_t seen_change_ = -1;    // watcher's alone
  std::string secret_trouble_;  // the same
  const Timestamp started_at_;
  const MonotonicTime started_mono_;
  // The planner's alone; zero = at once.
  Timestamp next_step_{};
  Timestamp next_generation_{};
  // The keeper's alone.
  Timestamp next_fold_{};
  Timestamp next_look_at_tail_{};
  Timestamp next_prune_{};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread watcher_;
  std::thread planner_;
  std::thread keeper_;
};

// Checkpoints the states and folds everything before `before`; also used by the demo and by backup.
Status FoldHistory(store::Store& store, intake::Intake& intake, Timestamp before);

}  // namespace pharos::app
