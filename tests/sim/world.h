#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "base/fake_clock.h"
#include "base/metrics.h"
#include "failing_store.h"
#include "life.h"
#include "oracle.h"
#include "random.h"

namespace pharos::sim {

// One simulated hour or so that follows from a seed: monitors of several kinds and schedules,
// with groups and parents, targets that fail and return, heartbeats, entries by hand, incidents and
// maintenance, monitors that are changed, paused and deleted, a clock that jumps, a process that is
// paused, a store that fails, and crashes with restarts. The oracle says what must hold.
class World {
 public:
  // `path`: where the database may stand; removed and made anew.
  World(uint64_t seed, std::string path);
  ~World();

  void Run();
  const std::vector<std::string>& problems() const { return oracle_.problems(); }
  size_t checked() const { return oracle_.checked(); }
  // How much of what happened, for the report.
  struct Tally {
    int64_t results = 0;
    int64_t refused = 0;
    int64_t crashes = 0;
    int64_t transitions = 0;
    int64_t deliveries = 0;
    int64_t clock_jumps = 0;
    int64_t store_faults = 0;
  };
  const Tally& tally() const { return tally_; }

 private:
  using Action = std::function<void()>;
  struct Event {
    Timestamp at;
    uint64_t order;
    Action action;
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  // What a target does from some time on.
  struct Mood {
    Timestamp from;
    model::Status status;
    bool times_out;
  };

  void OpenStore();
  void MakeMonitors();
  void MakeChannels();
  void PlanTroubles();
  model::Monitor MakeMonitor(int number);
  model::Monitor MakeGroup(const std::vector<model::Monitor>& monitors);
  std::vector<Mood> MakeMoods();

  void After(Duration delay, Action action);
  // Moves the clock to `at` and lets the scheduler's loop look at it.
  void MoveTo(Timestamp at);
  void LookAtClock();
  void StartDue();
  void StartCheck(const store::MonitorPtr& monitor, Timestamp at);
  void Finish(const store::MonitorPtr& monitor, Timestamp at, const Mood& mood, bool is_this_life);
  void Tick(const model::Monitor& monitor, Timestamp at);
  void Hand(const model::Monitor& monitor, const model::CheckResult& result);

  void Beat();
  void WriteByHand();
  void OpenIncident();
  void ResolveIncidents();
  void StartMaintenance();
  void ChangeMonitor();
  void DeleteMonitor();
  void FailStore();
  void JumpClock();
  void Pause();
  void Crash();
  void Fold();
  void React();
  store::MonitorPtr AnyMonitor();

  Random random_;
  const std::string path_;
  FakeClock clock_;
  Metrics metrics_;
  StoreFaults faults_;
  std::unique_ptr<FailingStore> store_;
  std::unique_ptr<Life> life_;
  Oracle oracle_;
  Tally tally_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  uint64_t order_ = 0;
  Timestamp end_{};
  Timestamp last_look_{};
  std::map<model::MonitorId, std::vector<Mood>> moods_;
  std::vector<rules::MaintenanceWindow> windows_;
  uint64_t life_number_ = 0;
  std::set<model::MonitorId> under_way_;
};

}  // namespace pharos::sim
