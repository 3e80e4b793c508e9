#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "intake/intake.h"
#include "model/check_result.h"
#include "probe/catalog.h"
#include "store/monitor_directory.h"

namespace pharos::schedule {

struct SchedulerSettings {
  size_t max_running = 4'000;  // checks begun and not finished; further due ones wait in turn
  size_t max_per_host = 200;   // of them against one host
  // "host:port"; when none of them accepts a connection, our own way out is cut. Empty: not asked.
  std::vector<std::string> canaries;
  Duration blind_after = Seconds(10);  // a longer pause of the loop is time in which we were blind
  int max_blind_samples = 60;          // per monitor and pause
};

// The due-queue (architecture D17, D20): one thread, one heap. Interval monitors stand at a phase
// of their own, cron monitors at their matches; a new or changed monitor is checked once at once.
// Starts probes, judges the silence of heartbeat monitors and ticks manual ones; every outcome goes
// into intake. A check that still runs or waits for a place when its monitor is due again is not
// started twice. A failure to reach a target is held against our own way out first (canaries.h).
// Measures its own lateness; when the loop itself was paused, the missed times become "monitor was
// blind".
class Scheduler {
 public:
  // Starts the thread; the collaborators outlive the scheduler. `tools.timer` is ignored: the
  // scheduler's own loop is the timer.
  static std::unique_ptr<Scheduler> Start(const SchedulerSettings& settings,
                                          store::MonitorDirectory& monitors, intake::Intake& intake,
                                          const probe::Catalog& catalog, const probe::Tools& tools,
                                          Metrics& metrics);
  virtual ~Scheduler() = default;
  virtual bool IsRunning() const = 0;
  // Checks a monitor at once beside its schedule, in the same places and with the same rules as a
  // due one; also a paused one. A check of it that runs or waits already is the one that answers.
  // `done` is called exactly once, on any thread, after the commit. Errors: kNotFound, kInvalid
  // (nothing to check), kUnavailable.
  using CheckDone = std::function<void(Result<model::CheckResult>)>;
  virtual void CheckNow(model::MonitorId id, CheckDone done) = 0;
  // Calls back on the scheduler's thread; what is pending at Stop is never called.
  virtual probe::Timer& timer() = 0;
  // Starts nothing more, waits for running checks up to `deadline`, joins. Called once.
  virtual void Stop(Duration deadline) = 0;
};

}  // namespace pharos::schedule
