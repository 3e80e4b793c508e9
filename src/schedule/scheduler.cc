#include "schedule/scheduler.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/log.h"
#include "probe/runner.h"
#include "rules/heartbeat_policy.h"
#include "schedule/plan.h"
#include "schedule/timer_heap.h"

namespace pharos::schedule {
namespace {

// The loop never waits longer than this, so a pause of the process is noticed by its length.
constexpr Duration kLongestWait = Seconds(1);

class SchedulerImpl : public Scheduler, public probe::Timer {
 public:
  SchedulerImpl(const SchedulerSettings& settings, store::MonitorDirectory& monitors,
                intake::Intake& intake, const probe::Catalog& catalog, const probe::Tools& tools,
                Metrics& metrics)
      : settings_(settings),
        monitors_(monitors),
        intake_(intake),
        catalog_(catalog),
        tools_(tools),
        clock_(*tools.clock),
        plan_(monitors, {settings.blind_after, settings.max_blind_samples}),
        watching_since_(intake.watching_since()),
        lateness_(metrics.GetHistogram("pharos_schedule_lateness_seconds",
                                       "How late checks are begun",
                                       {0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10})),
        started_(metrics.GetCounter("pharos_checks_started_total", "Checks begun")),
        skipped_(metrics.GetCounter("pharos_checks_skipped_total",
                                    "Due checks not begun because the one before still ran")),
        lost_(metrics.GetCounter("pharos_checks_lost_total",
                                 "Results that intake refused because it was full")),
        blind_(metrics.GetCounter("pharos_blind_results_total",
                                  "Missed checks because the loop was paused")),
        scheduled_(metrics.GetGauge("pharos_monitors_scheduled", "Monitors in the due-queue")),
        running_gauge_(metrics.GetGauge("pharos_checks_running", "Checks begun, not finished")) {
    tools_.timer = this;
  }

  ~SchedulerImpl() override { Stop(Duration(0)); }

  void StartThread() {
    monitors_.AddListener([this](model::MonitorId id) { NoteChange(id); });
    plan_.Fill(clock_.Now());
    thread_ = std::thread([this] { Run(); });
  }

  probe::Timer& timer() override { return *this; }
  bool IsRunning() const override { return running_loop_.load(); }

  void After(Duration delay, std::function<void()> call) override {
    {
      std::lock_guard lock(mutex_);
      timers_.Add(clock_.Monotonic() + delay, std::move(call));
      woken_ = true;
    }
    wake_.notify_one();
  }

  void Stop(Duration deadline) override {
    {
      std::unique_lock lock(mutex_);
      stopping_ = true;
      woken_ = true;
      wake_.notify_one();
      idle_.wait_for(lock, deadline, [&] { return running_.empty(); });
      ended_ = true;
      wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
  }

 private:
  void NoteChange(model::MonitorId id) {
    {
      std::lock_guard lock(mutex_);
      changed_.push_back(id);
      woken_ = true;
    }
    wake_.notify_one();
  }

  void Run() {
    running_loop_ = true;
    Timestamp last_wall = clock_.Now();
    while (true) {
      std::vector<model::MonitorId> changed;
      std::vector<std::function<void()>> calls;
      {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, WaitFor(), [&] { return woken_ || ended_; });
        if (ended_) break;
        woken_ = false;
        changed.swap(changed_);
        calls = timers_.TakeDue(clock_.Monotonic());
      }
      const Timestamp now = clock_.Now();
      HandleClock(last_wall, now);
      last_wall = now;
      for (const model::MonitorId id : changed) plan_.Refresh(id, now);
      for (const std::function<void()>& call : calls) call();
      StartDue(now);
      scheduled_.Set(static_cast<double>(plan_.Size()));
    }
    running_loop_ = false;
  }

  // With the lock held.
  Duration WaitFor() {
    if (woken_) return Duration(0);
    Duration wait = kLongestWait;
    if (!timers_.IsEmpty()) wait = std::min(wait, timers_.NextAt() - clock_.Monotonic());
    const bool full = running_.size() >= settings_.max_running;
    if (const auto next = plan_.NextAt(); next && !stopping_ && !full) {
      wait = std::min(wait, std::chrono::duration_cast<Duration>(*next - clock_.Now()));
    }
    return std::max(wait, Duration(0));
  }

  void HandleClock(Timestamp last, Timestamp now) {
    if (now + Seconds(5) < last) {
      Log(LogLevel::kWarning, "the wall clock went back; all checks are planned anew",
          {{"seconds", ToMillis(last - now) / 1000.0}});
      plan_.Rebuild(now);
      watching_since_ = now;
      return;
    }
    // Nobody could signal us in a pause, so it is not silence either.
    if (now - last >= settings_.blind_after) watching_since_ = now;
    std::vector<model::CheckResult> blind = plan_.AccountForPause(last, now);
    if (blind.empty()) return;
    Log(LogLevel::kWarning, "monitor was blind",
        {{"seconds", ToMillis(now - last) / 1000.0}, {"missed_checks", blind.size()}});
    blind_.Add(static_cast<double>(blind.size()));
    for (model::CheckResult& result : blind) Submit(std::move(result));
  }

  void StartDue(Timestamp now) {
    while (true) {
      {
        std::lock_guard lock(mutex_);
        if (stopping_ || running_.size() >= settings_.max_running) return;
      }
      auto due = plan_.TakeDue(now);
      if (!due) return;
      lateness_.Observe(std::max(0.0, ToMillis(clock_.Now() - due->at) / 1000.0));
      Check(*due);
    }
  }

  void Check(const Plan::DueMonitor& due) {
    const model::Monitor& monitor = *due.monitor;
    const probe::Probe* probe = catalog_.Find(monitor.kind);
    if (probe == nullptr) return;
    if (probe->descriptor().pushed) {
      Tick(monitor, due.at);
      return;
    }
    {
      std::lock_guard lock(mutex_);
      if (!running_.insert(monitor.id).second) {
        skipped_.Add();
        return;
      }
      running_gauge_.Set(static_cast<double>(running_.size()));
    }
    started_.Add();
    if (!monitor.spec.IsObject() || monitor.spec.AsObject().empty()) {
      // Legal to store (kener-v4.md 6.4 does not ask for a URL), but there is nothing to check.
      probe::Observation broken;
      broken.message = monitor.kind == "http" ? "Invalid URL" : "Nothing to check is configured";
      Finish(due.monitor, due.at, std::move(broken));
      return;
    }
    // The directory's image is shared and immutable, so the spec outlives the check.
    probe::RunCheck(catalog_, monitor.kind, monitor.spec, net::Purpose::kProbe, tools_,
                    [this, monitor = due.monitor, at = due.at](probe::Observation seen) {
                      Finish(monitor, at, std::move(seen));
                    });
  }

  // Kinds without a probe: silence is judged, manual ones may repeat what they said.
  void Tick(const model::Monitor& monitor, Timestamp at) {
    model::CheckResult result;
    result.monitor = monitor.id;
    result.at = at;
    result.finished_at = clock_.Now();
    result.source = model::ResultSource::kTick;
    result.outcome = model::CheckOutcome::kNone;
    if (monitor.kind == "heartbeat") {
      const auto state = intake_.states().Find(monitor.id);
      rules::SilenceVerdict verdict = rules::JudgeSilence(
          monitor, state.value_or(model::MonitorState{}), clock_.Now(), watching_since_);
      result.source = model::ResultSource::kSilence;
      result.outcome = model::CheckOutcome::kAnswered;
      result.observed = verdict.status;
      if (verdict.age_ms > 0) result.latency_ms = verdict.age_ms;
      result.message = std::move(verdict.message);
    }
    Submit(std::move(result));
  }

  void Finish(const store::MonitorPtr& monitor, Timestamp at, probe::Observation seen) {
    Submit(probe::ToCheckResult(monitor->id, at, clock_.Now(), std::move(seen)));
    const store::MonitorPtr current = monitors_.Find(monitor->id);
    std::lock_guard lock(mutex_);
    // Changed meanwhile: the check that the change asked for was passed over because of this one.
    if (current != nullptr && current->revision != monitor->revision) {
      changed_.push_back(monitor->id);
      woken_ = true;
      wake_.notify_one();
    }
    const bool was_full = running_.size() >= settings_.max_running;
    running_.erase(monitor->id);
    running_gauge_.Set(static_cast<double>(running_.size()));
    if (was_full) {
      woken_ = true;
      wake_.notify_one();
    }
    if (running_.empty()) idle_.notify_all();
  }

  void Submit(model::CheckResult result) {
    if (Status status = intake_.Submit(std::move(result)); !status) lost_.Add();
  }

  const SchedulerSettings settings_;
  store::MonitorDirectory& monitors_;
  intake::Intake& intake_;
  const probe::Catalog& catalog_;
  probe::Tools tools_;
  const Clock& clock_;
  Plan plan_;  // loop thread only, after StartThread
  // As intake's, and moved by pauses and by a clock that went back; loop thread only.
  Timestamp watching_since_;
  Histogram& lateness_;
  Counter& started_;
  Counter& skipped_;
  Counter& lost_;
  Counter& blind_;
  Gauge& scheduled_;
  Gauge& running_gauge_;
  std::atomic<bool> running_loop_{false};

  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::condition_variable idle_;
  bool woken_ = false;
  bool stopping_ = false;
  bool ended_ = false;
  std::vector<model::MonitorId> changed_;
  TimerHeap timers_;
  std::unordered_set<model::MonitorId> running_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Scheduler> Scheduler::Start(const SchedulerSettings& settings,
                                            store::MonitorDirectory& monitors,
                                            intake::Intake& intake, const probe::Catalog& catalog,
                                            const probe::Tools& tools, Metrics& metrics) {
  auto scheduler =
      std::make_unique<SchedulerImpl>(settings, monitors, intake, catalog, tools, metrics);
  scheduler->StartThread();
  return scheduler;
}

}  // namespace pharos::schedule
