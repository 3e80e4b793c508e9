#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "model/check_result.h"
#include "model/monitor.h"
#include "schedule/due_queue.h"
#include "store/monitor_directory.h"

namespace pharos::schedule {

// What the scheduler's loop decides, without threads: which monitors are due, and what a pause of
// the loop means. Driven by the loop with the time as an argument, so tests need no waiting. Not
// thread-safe.
class Plan {
 public:
  struct Settings {
    Duration blind_after;
    int max_blind_samples;
  };
  Plan(const store::MonitorDirectory& monitors, const Settings& settings)
      : monitors_(monitors), settings_(settings) {}

  // Puts every monitor at its next due time after `now`; nobody is started at once (D20).
  void Fill(Timestamp now);
  // A monitor appeared, changed or went. It is due at once if it is to be watched at all.
  void Refresh(model::MonitorId id, Timestamp now);

  struct DueMonitor {
    store::MonitorPtr monitor;
    Timestamp at{};  // when it should have been
  };
  // Takes the next monitor that is due and puts it at its following time.
  std::optional<DueMonitor> TakeDue(Timestamp now);
  std::optional<Timestamp> NextAt() { return queue_.NextAt(); }
  size_t Size() const { return queue_.Size(); }

  // The loop looked last at `from` and again only at `now`. If that is long enough to have been
  // blind, returns one result "monitor was blind" per missed time (at most so many per monitor) and
  // moves those monitors to their next time after `now`.
  std::vector<model::CheckResult> AccountForPause(Timestamp from, Timestamp now);
  // The wall clock went back: all due times are made anew.
  void Rebuild(Timestamp now);

 private:
  static void MissedTimes(const model::Monitor& monitor, Timestamp first, Timestamp now, int limit,
                          std::vector<model::CheckResult>& out);

  const store::MonitorDirectory& monitors_;
  const Settings settings_;
  DueQueue queue_;
};

}  // namespace pharos::schedule
