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
  // A monitor appeared, changed or went. It is due at once if it is to be watched at all; of many
  // that change together only the first are, the others follow as fast as the mean allows and at
  // the latest at their own time.
  void Refresh(model::MonitorId id, Timestamp now);

  struct DueMonitor {
    store::MonitorPtr monitor;
    Timestamp at{};   // the time that the check stands for
    Timestamp due{};  // when it should have begun: `at`, unless starts of one moment are spread
  };
  // Takes the next monitor that is due and puts it at its following time, never at one whose sample
  // would replace that of this check. Nothing while more than a small multiple of the mean was
  // taken within a second: what piled up in a pause is begun bit by bit.
  std::optional<DueMonitor> TakeDue(Timestamp now);
  // When TakeDue may have something.
  std::optional<Timestamp> NextAt(Timestamp now);
  size_t Size() const { return queue_.Size(); }

  // The loop looked last at `from` and again only at `now`. If that is long enough to have been
  // blind, returns one result "monitor was blind" per missed time (at most so many per monitor) and
  // moves those monitors to their next time after `now`.
  std::vector<model::CheckResult> AccountForPause(Timestamp from, Timestamp now);
  // The wall clock went back: all due times are made anew.
  void Rebuild(Timestamp now);

 private:
  // The first time after `after` that `monitor` is due, as an entry of the queue; nullopt: never.
  std::optional<DueQueue::Due> EntryAfter(const model::Monitor& monitor, Timestamp after) const;
  // How many may be begun per second, and at once after a lull.
  double StartsPerSecond() const;
  void RefillStarts(Timestamp now);
  static void MissedTimes(const model::Monitor& monitor, Timestamp first, Timestamp now, int limit,
                          std::vector<model::CheckResult>& out);

  const store::MonitorDirectory& monitors_;
  const Settings settings_;
  DueQueue queue_;
  double starts_left_ = 0;
  Timestamp starts_counted_{};  // when starts_left_ was brought up to date; epoch = never
  Timestamp next_refresh_{};    // the earliest time for another changed monitor
};

}  // namespace pharos::schedule
