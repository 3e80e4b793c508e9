#include "schedule/scheduler.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/log.h"
#include "probe/common_fields.h"
#include "probe/runner.h"
#include "probe/secrets.h"
#include "rules/heartbeat_policy.h"
#include "schedule/canaries.h"
#include "schedule/good_evidence.h"
#include "schedule/pause_meter.h"
#include "schedule/places.h"
#include "schedule/plan.h"
#include "schedule/schedule_metrics.h"
#include "schedule/timer_heap.h"

namespace pharos::schedule {
namespace {

// The loop never waits longer than this, so a pause of the process is noticed by its length.
constexpr Duration kLongestWait = Seconds(1);

// Checks that people asked for and that have not answered yet.
constexpr size_t kMaxAsked = 20'000;

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
        places_({settings.max_running, settings.max_per_host}),
        canaries_({settings.canaries}, tools.dialer, clock_, metrics),
        metrics_(metrics) {
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
      places_.Clear();
      woken_ = true;
      wake_.notify_one();
      idle_.wait_for(lock, deadline, [&] { return places_.running() == 0; });
      ended_ = true;
      wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
    RefuseAsked();
  }

  void CheckNow(model::MonitorId id, CheckDone done) override {
    bool accepted = false;
    {
      std::lock_guard lock(mutex_);
      accepted = !stopping_ && asked_.size() + answers_.size() < kMaxAsked;
      if (accepted) {
        asked_.emplace_back(id, std::move(done));
        woken_ = true;
      }
    }
    if (!accepted) return done(Error::Unavailable("too many checks were asked for at once", 5));
    wake_.notify_one();
  }

 private:
  using Asked = std::vector<std::pair<model::MonitorId, CheckDone>>;

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
      Asked asked;
      {
        std::unique_lock lock(mutex_);
        const Duration wait = WaitFor();
        pauses_.Expect(wait);
        wake_.wait_for(lock, wait, [&] { return woken_ || ended_; });
        pauses_.Woke();
        if (ended_) break;
        woken_ = false;
        changed.swap(changed_);
        asked.swap(asked_);
        calls = timers_.TakeDue(clock_.Monotonic());
      }
      const Timestamp now = clock_.Now();
      HandleClock(last_wall, now);
      last_wall = now;
      for (const model::MonitorId id : changed) plan_.Refresh(id, now);
      for (const std::function<void()>& call : calls) call();
      for (auto& [id, done] : asked) StartAsked(id, std::move(done), now);
      StartWaiting(now);
      StartDue(now);
      ShowWhereWeAre(now);
    }
    running_loop_ = false;
  }

  // With the lock held.
  Duration WaitFor() {
    if (woken_) return Duration(0);
    Duration wait = kLongestWait;
    if (!timers_.IsEmpty()) wait = std::min(wait, timers_.NextAt() - clock_.Monotonic());
    const Timestamp now = clock_.Now();
    if (const auto next = plan_.NextAt(now); next && !stopping_) {
      wait = std::min(wait, std::chrono::duration_cast<Duration>(*next - now));
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
    if (now - last >= settings_.blind_after) {
      watching_since_ = now;
      metrics_.blind_seconds.Add(ToMillis(now - last) / 1000.0);
    }
    std::vector<model::CheckResult> blind = plan_.AccountForPause(last, now);
    if (blind.empty()) return;
    Log(LogLevel::kWarning, "monitor was blind",
        {{"seconds", ToMillis(now - last) / 1000.0}, {"missed_checks", blind.size()}});
    metrics_.blind.Add(static_cast<double>(blind.size()));
    for (model::CheckResult& result : blind) Submit(std::move(result));
  }

  void StartDue(Timestamp now) {
    while (true) {
      {
        std::lock_guard lock(mutex_);
        if (stopping_) return;
      }
      auto due = plan_.TakeDue(now);
      if (!due) return;
      Check(*due);
    }
  }

  // Those that found no place before and have one now.
  void StartWaiting(Timestamp now) {
    while (true) {
      std::optional<Places::Check> check;
      {
        std::lock_guard lock(mutex_);
        if (!stopping_) check = places_.TakeNext();
      }
      if (!check) return;
      // Changed, paused or deleted while it waited: what was due then is not what is wanted now.
      const store::MonitorPtr current = monitors_.Find(check->monitor->id);
      if (current == nullptr || current->kind != check->monitor->kind ||
          (!current->active && !IsAsked(current->id))) {
        Leave(check->monitor->id);
        continue;
      }
      check->monitor = current;
      Begin(*check, now);
    }
  }

  void Check(const Plan::DueMonitor& due) {
    const model::Monitor& monitor = *due.monitor;
    const probe::Probe* probe = catalog_.Find(monitor.kind);
    if (probe == nullptr) return;
    if (probe->descriptor().pushed) {
      NoteLateness(due.due, clock_.Now());
      Tick(monitor, due.at);
      return;
    }
    Places::Check check{due.monitor, due.due, due.at, {}};
    if (monitor.spec.IsObject()) check.host = probe->TargetOf(monitor.spec);
    Places::Entry entry = Places::Entry::kSkip;
    {
      std::lock_guard lock(mutex_);
      entry = places_.Enter(check);
    }
    switch (entry) {
      case Places::Entry::kRun:
        return Begin(check, clock_.Now());
      case Places::Entry::kWait:
        return metrics_.capped.Add();
      case Places::Entry::kHostFull:
        return metrics_.host_capped.Add();
      case Places::Entry::kSkip:
        return metrics_.skipped.Add();
    }
  }

  void StartAsked(model::MonitorId id, CheckDone done, Timestamp now) {
    const store::MonitorPtr monitor = monitors_.Find(id);
    if (monitor == nullptr) return done(Error(ErrorKind::kNotFound, "Monitor not found"));
    const probe::Probe* probe = catalog_.Find(monitor->kind);
    if (probe == nullptr || probe->descriptor().pushed || !monitor->spec.IsObject() ||
        monitor->spec.AsObject().empty()) {
      return done(Error(ErrorKind::kInvalid, "This monitor has nothing to check"));
    }
    Places::Check check{monitor, now, now, probe->TargetOf(monitor->spec)};
    Places::Entry entry = Places::Entry::kSkip;
    {
      std::lock_guard lock(mutex_);
      answers_.emplace(id, std::move(done));
      entry = places_.Enter(check);
    }
    if (entry == Places::Entry::kRun) Begin(check, now);
  }

  bool IsAsked(model::MonitorId id) {
    std::lock_guard lock(mutex_);
    return answers_.contains(id);
  }

  // With the lock held.
  std::vector<CheckDone> TakeAnswers(model::MonitorId id) {
    std::vector<CheckDone> taken;
    const auto [first, last] = answers_.equal_range(id);
    for (auto it = first; it != last; ++it) taken.push_back(std::move(it->second));
    answers_.erase(first, last);
    return taken;
  }

  void RefuseAsked() {
    std::vector<CheckDone> all;
    {
      std::lock_guard lock(mutex_);
      for (auto& [id, done] : asked_) all.push_back(std::move(done));
      for (auto& [id, done] : answers_) all.push_back(std::move(done));
      asked_.clear();
      answers_.clear();
    }
    for (const CheckDone& done : all) done(Error::Unavailable("the server is stopping", 5));
  }

  void NoteLateness(Timestamp due, Timestamp now) {
    const double seconds = std::max(0.0, ToMillis(now - due) / 1000.0);
    metrics_.lateness.Observe(seconds);
    if (seconds > 1) metrics_.late.Add();
    worst_ = std::max(worst_, seconds);
  }

  // The check has its place.
  void Begin(const Places::Check& check, Timestamp now) {
    const model::Monitor& monitor = *check.monitor;
    NoteLateness(check.due, now);
    metrics_.started.Add();
    if (!monitor.spec.IsObject() || monitor.spec.AsObject().empty()) {
      // Legal to store (kener-v4.md 6.4 does not ask for a URL), but there is nothing to check.
      probe::Observation broken;
      broken.message = monitor.kind == "http" ? "Invalid URL" : "Nothing to check is configured";
      Finish(check.monitor, check.stamp, std::move(broken));
      return;
    }
    probe::Tools tools = probe::BindSecrets(tools_, monitor.org);
    tools.keep_good_evidence = WantsGoodEvidence(monitor, check.stamp);
    // The directory's image is shared and immutable, so the spec outlives the check.
    probe::RunCheck(catalog_, monitor.kind, monitor.spec, net::Purpose::kProbe, tools,
                    [this, monitor = check.monitor, at = check.stamp,
                     lost = pauses_.Lost()](probe::Observation seen) {
                      Review(monitor, at, pauses_.Lost() - lost, std::move(seen));
                    });
  }

  // Before a target counts as down: whether it is our own pause, or our own way out that is cut.
  void Review(const store::MonitorPtr& monitor, Timestamp at, Duration lost,
              probe::Observation seen) {
    const Duration timeout = probe::ReadCommon(monitor->spec).timeout;
    if (PauseMeter::Explains(lost, timeout) && MayBeOurs(seen)) {
      MakeBlind(seen, PauseMeter::Message(lost));
    }
    if (!canaries_.Concern(seen)) return Finish(monitor, at, std::move(seen));
    auto kept = std::make_shared<probe::Observation>(std::move(seen));
    canaries_.Ask([this, monitor, at, kept](bool way_is_open) {
      if (!way_is_open) MakeBlind(*kept, Canaries::kCutMessage);
      Finish(monitor, at, std::move(*kept));
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
    if (model::TakesSignals(monitor.kind)) {
      const auto state = intake_.states().Find(monitor.id);
      rules::SilenceVerdict verdict = rules::JudgeSilence(
          monitor, state.value_or(model::MonitorState{}), clock_.Now(), watching_since_);
      result.source = model::ResultSource::kSilence;
      result.outcome = model::CheckOutcome::kAnswered;
      result.observed = verdict.status;
      // A push reports a latency of its own.
      const bool is_age = monitor.kind == "heartbeat" && verdict.age_ms > 0;
      if (is_age) result.latency_ms = verdict.age_ms;
      result.message = std::move(verdict.message);
    } else if (monitor.kind == "group") {
      // Its members of the same minute come first.
      const probe::SpecReader reader(monitor.spec, catalog_.Find("group")->descriptor().fields);
      const Duration delay = Milliseconds(reader.Int("delay_ms"));
      return After(delay, [this, tick = std::move(result)] { Submit(tick); });
    }
    Submit(std::move(result));
  }

  void Finish(const store::MonitorPtr& monitor, Timestamp at, probe::Observation seen) {
    if (seen.outcome == model::CheckOutcome::kBlind) metrics_.blind_checks.Add();
    std::vector<CheckDone> answers;
    {
      std::lock_guard lock(mutex_);
      answers = TakeAnswers(monitor->id);
    }
    SubmitAndAnswer(probe::ToCheckResult(monitor->id, at, clock_.Now(), std::move(seen)),
                    std::move(answers));
    const store::MonitorPtr current = monitors_.Find(monitor->id);
    std::lock_guard lock(mutex_);
    // Changed meanwhile: the check that the change asked for was passed over because of this one.
    if (current != nullptr && current->revision != monitor->revision) {
      changed_.push_back(monitor->id);
      woken_ = true;
      wake_.notify_one();
    }
    LeaveLocked(monitor->id);
  }

  void Leave(model::MonitorId id) {
    std::lock_guard lock(mutex_);
    LeaveLocked(id);
  }

  void LeaveLocked(model::MonitorId id) {
    places_.Leave(id);
    // Asked for after this one had its result, or while what it waited for went away.
    for (CheckDone& done : TakeAnswers(id)) {
      asked_.emplace_back(id, std::move(done));
      woken_ = true;
      wake_.notify_one();
    }
    if (places_.HasNext() && !woken_) {
      woken_ = true;
      wake_.notify_one();
    }
    if (places_.running() == 0) idle_.notify_all();
  }

  // Once a second.
  void ShowWhereWeAre(Timestamp now) {
    const MonotonicTime mono = clock_.Monotonic();
    if (mono < next_show_) return;
    next_show_ = mono + Seconds(1);
    metrics_.scheduled.Set(static_cast<double>(plan_.Size()));
    double waits_s = 0;
    {
      std::lock_guard lock(mutex_);
      metrics_.running.Set(static_cast<double>(places_.running()));
      metrics_.waiting.Set(static_cast<double>(places_.waiting()));
      if (const auto oldest = places_.OldestWaiting()) waits_s = ToMillis(now - *oldest) / 1000.0;
    }
    metrics_.worst.Set(std::max({worst_, worst_before_, waits_s}));
    if (mono < next_worst_) return;
    next_worst_ = mono + Seconds(30);
    worst_before_ = std::exchange(worst_, 0.0);
  }

  void Submit(model::CheckResult result) {
    if (Status status = intake_.Submit(std::move(result)); !status) metrics_.lost.Add();
  }

  void SubmitAndAnswer(model::CheckResult result, std::vector<CheckDone> answers) {
    if (answers.empty()) return Submit(std::move(result));
    const auto waiting = std::make_shared<const std::vector<CheckDone>>(std::move(answers));
    const Status accepted = intake_.Submit(result, [waiting, result](Status committed) {
      for (const CheckDone& done : *waiting) {
        if (committed) {
          done(result);
        } else {
          done(committed.error());
        }
      }
    });
    if (accepted) return;
    metrics_.lost.Add();
    for (const CheckDone& done : *waiting) done(accepted.error());
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
  double worst_ = 0;         // of the current half minute
  double worst_before_ = 0;  // of the one before
  MonotonicTime next_show_{};
  MonotonicTime next_worst_{};
  PauseMeter pauses_;
  std::atomic<bool> running_loop_{false};

  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::condition_variable idle_;
  bool woken_ = false;
  bool stopping_ = false;
  bool ended_ = false;
  std::vector<model::MonitorId> changed_;
  Asked asked_;                                                   // not begun
  std::unordered_multimap<model::MonitorId, CheckDone> answers_;  // begun or waiting for a place
  TimerHeap timers_;
  Places places_;
  // Not under the lock. After what its callbacks use.
  Canaries canaries_;
  ScheduleMetrics metrics_;
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
