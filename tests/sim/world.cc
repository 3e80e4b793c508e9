#include "world.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "model/delivery.h"
#include "rules/heartbeat_policy.h"
#include "rules/schedule_policy.h"
#include "service/incidents.h"
#include "store/delivery_store.h"
#include "store/history_store.h"
#include "store/incident_store.h"
#include "store/monitor_store.h"
#include "store/sqlite/sqlite_store.h"

namespace pharos::sim {
namespace {

using model::Status;

constexpr Timestamp kStart = FromUnixSeconds(1'767'225'620);
constexpr model::OrgId kOrg(1);

void RemoveDatabase(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) unlink((path + suffix).c_str());
}

}  // namespace

World::World(uint64_t seed, std::string path)
    : random_(seed), path_(std::move(path)), clock_(kStart + Seconds(random_.Between(0, 86'399))) {
  RemoveDatabase(path_);
}

World::~World() {
  life_.reset();
  store_.reset();
  RemoveDatabase(path_);
}

void World::Run() {
  OpenStore();
  MakeMonitors();
  MakeChannels();
  end_ = clock_.Now() + Minutes(random_.Between(20, 60));
  faults_.repeat_every = random_.Chance(50) ? static_cast<int>(random_.Between(2, 20)) : 0;
  life_ = std::make_unique<Life>(*store_, clock_, faults_);
  if (pharos::Status begun = life_->Begin(windows_); !begun) {
    oracle_.Fail("the first start fails: " + begun.error().message);
    return;
  }
  last_look_ = clock_.Now();
  PlanTroubles();
  while (true) {
    const auto due = life_->plan().NextAt(clock_.Now());
    Timestamp next = end_;
    if (due) next = std::min(next, *due);
    if (!events_.empty()) next = std::min(next, events_.top().at);
    if (next >= end_) break;
    MoveTo(std::max(next, clock_.Now()));
    while (!events_.empty() && events_.top().at <= clock_.Now()) {
      Action action = events_.top().action;
      events_.pop();
      action();
    }
    StartDue();
  }
  // All troubles end; what waited is dealt with; then everything is compared, twice: as it stands
  // and once more after a restart.
  faults_.refuse_writes = faults_.fail_commits = faults_.refuse_reads = false;
  if (pharos::Status reacted = life_->React(); !reacted) {
    oracle_.Fail("the outbox cannot be emptied: " + reacted.error().message);
  }
  life_->Settle();
  Crash();
  if (life_ == nullptr) return;
  std::vector<model::MonitorState> states;
  for (const store::MonitorPtr& monitor : life_->directory().ListAll()) {
    if (auto state = life_->intake().states().Find(monitor->id)) states.push_back(*state);
    tally_.transitions += states.empty() ? 0 : states.back().transitions;
  }
  oracle_.CompareStore(*store_, states);
}

void World::OpenStore() {
  auto opened = store::OpenSqliteStore({.path = path_, .full_sync = false}, clock_, metrics_);
  if (!opened) {
    oracle_.Fail("the store does not open: " + opened.error().message);
    return;
  }
  store_ = std::make_unique<FailingStore>(std::move(*opened), faults_);
}

model::Monitor World::MakeMonitor(int number) {
  static constexpr std::array<int, 5> kIntervals = {10, 30, 60, 60, 300};
  static constexpr std::array<int, 5> kThresholds = {1, 1, 2, 3, 5};
  static constexpr std::array<const char*, 3> kCrons = {"* * * * *", "*/2 * * * *", "*/5 * * * *"};
  model::Monitor monitor;
  monitor.org = kOrg;
  monitor.tag = "m" + std::to_string(number);
  // Phases follow from the uid, so it has to follow from the seed.
  monitor.uid = "00000000-0000-4000-8000-" + std::to_string(random_.Between(100'000, 999'999)) +
                std::to_string(100'000 + number);
  monitor.name = "Monitor " + std::to_string(number);
  const int64_t kind = random_.Between(0, 9);
  monitor.kind = kind < 6 ? "http" : kind < 8 ? "heartbeat" : "manual";
  if (monitor.kind == "http") monitor.spec.Set("url", "http://" + monitor.tag + ".example.org/");
  if (monitor.kind == "heartbeat") {
    monitor.spec.Set("degraded_after_s", 120);
    monitor.spec.Set("down_after_s", 300);
  }
  if (monitor.kind == "manual") monitor.spec.Set("repeat_last", random_.Chance(50));
  if (random_.Chance(70)) {
    monitor.schedule.kind = model::Schedule::Kind::kInterval;
    monitor.schedule.interval = Seconds(random_.Pick(kIntervals));
  } else {
    monitor.schedule.kind = model::Schedule::Kind::kCron;
    monitor.schedule.cron = random_.Pick(kCrons);
  }
  monitor.confirmation_threshold = random_.Pick(kThresholds);
  if (random_.Chance(20)) monitor.default_status = Status::kUp;
  if (random_.Chance(10)) monitor.default_status = Status::kDown;
  monitor.auto_incident.enabled = random_.Chance(40);
  monitor.auto_incident.failure_threshold = static_cast<int>(random_.Between(1, 3));
  return monitor;
}

std::vector<World::Mood> World::MakeMoods() {
  std::vector<Mood> moods;
  Timestamp at = clock_.Now() - Minutes(1);
  const Timestamp last = at + Hours(3);
  while (at < last) {
    const bool is_well = random_.Chance(55);
    const Status status = is_well              ? Status::kUp
                          : random_.Chance(25) ? Status::kDegraded
                                               : Status::kDown;
    moods.push_back({at, status, status == Status::kDown && random_.Chance(40)});
    // Some targets flap every few seconds.
    at += Seconds(random_.Chance(30) ? random_.Between(5, 90) : random_.Between(90, 1'200));
  }
  return moods;
}

model::Monitor World::MakeGroup(const std::vector<model::Monitor>& monitors) {
  model::Monitor group = MakeMonitor(static_cast<int>(monitors.size()));
  group.kind = "group";
  group.default_status.reset();
  Value::List members;
  for (const model::Monitor& monitor : {monitors[0], monitors[1], monitors[2]}) {
    Value member;
    member.Set("tag", monitor.tag);
    member.Set("weight", 1.0 / 3);
    members.push_back(std::move(member));
  }
  group.spec = Value();
  group.spec.Set("members", Value(std::move(members)));
  return group;
}

void World::MakeMonitors() {
  const int64_t count = random_.Between(2, 7);
  std::vector<model::Monitor> monitors;
  for (int n = 0; n < count; ++n) monitors.push_back(MakeMonitor(n));
  if (monitors.size() > 2 && random_.Chance(50)) monitors.push_back(MakeGroup(monitors));
  const bool has_parents = random_.Chance(40);
  const pharos::Status written = store_->Write([&](store::Transaction& tx) -> pharos::Status {
    for (size_t i = 0; i < monitors.size(); ++i) {
      // Each may hang on one made before it, so there are no cycles.
      if (has_parents && i % 2 == 1) monitors[i].parents = {monitors[i - 1].id};
      PHAROS_ASSIGN_OR_RETURN(monitors[i], store_->monitors().Insert(tx, monitors[i]));
    }
    return Ok();
  });
  if (!written) oracle_.Fail("monitors cannot be made: " + written.error().message);
  for (const model::Monitor& monitor : monitors) {
    moods_[monitor.id] = MakeMoods();
    if (monitor.kind == "manual") oracle_.IsService(monitor.id);
    if (monitor.kind == "group") oracle_.IsGroup(monitor.id);
  }
}

void World::MakeChannels() {
  const pharos::Status written = store_->Write([&](store::Transaction& tx) -> pharos::Status {
    for (const bool is_linked : {false, true}) {
      model::Channel channel;
      channel.org = kOrg;
      channel.uid = is_linked ? "channel-linked" : "channel-all";
      channel.kind = "webhook";
      channel.name = channel.uid;
      channel.config.Set("url", "https://hooks.example.org/");
      channel.scope = is_linked ? model::ChannelScope::kLinked : model::ChannelScope::kAllMonitors;
      if (is_linked) channel.monitors = {model::MonitorId(1), model::MonitorId(2)};
      auto stored = store_->deliveries().InsertChannel(tx, channel);
      if (!stored) return Error(std::move(stored).error());
    }
    return Ok();
  });
  if (!written) oracle_.Fail("channels cannot be made: " + written.error().message);
}

void World::PlanTroubles() {
  struct Trouble {
    int percent;  // of seeds
    int at_most;
    void (World::*happens)();
  };
  static constexpr std::array<Trouble, 11> kTroubles = {{{100, 40, &World::Beat},
                                                         {60, 8, &World::WriteByHand},
                                                         {50, 3, &World::OpenIncident},
                                                         {50, 2, &World::StartMaintenance},
                                                         {50, 4, &World::ChangeMonitor},
                                                         {20, 1, &World::DeleteMonitor},
                                                         {60, 3, &World::FailStore},
                                                         {30, 2, &World::JumpClock},
                                                         {30, 2, &World::Pause},
                                                         {80, 4, &World::Crash},
                                                         {50, 4, &World::Fold}}};
  const Duration span = end_ - clock_.Now();
  for (const Trouble& trouble : kTroubles) {
    if (!random_.Chance(trouble.percent)) continue;
    for (int64_t n = random_.Between(1, trouble.at_most); n > 0; --n) {
      After(Duration(random_.Between(0, span.count() - 1)),
            [this, happens = trouble.happens] { (this->*happens)(); });
    }
  }
  for (Duration at = Seconds(20); at < span; at += Seconds(random_.Between(20, 180))) {
    After(at, [this] { React(); });
  }
}

void World::After(Duration delay, Action action) {
  events_.push({clock_.Now() + delay, ++order_, std::move(action)});
}

void World::MoveTo(Timestamp at) {
  clock_.Advance(at - clock_.Now());
  // The loop looks at least once a second while it is not paused, so a step of the simulation is
  // no pause.
  last_look_ = clock_.Now();
}

// What the scheduler's loop does when it finds the clock elsewhere.
void World::LookAtClock() {
  const Timestamp now = clock_.Now();
  if (now + Seconds(5) < last_look_) {
    oracle_.ForgetDue();
    oracle_.ClockWentBack();
    life_->plan().Rebuild(now);
  } else {
    for (model::CheckResult& result : life_->plan().AccountForPause(last_look_, now)) {
      if (const auto monitor = life_->directory().Find(result.monitor)) Hand(*monitor, result);
    }
  }
  last_look_ = now;
}

void World::StartDue() {
  while (auto due = life_->plan().TakeDue(clock_.Now())) {
    oracle_.Due(*due->monitor, due->at);
    if (due->monitor->kind == "http") {
      const std::string host = due->monitor->id.value() % 2 == 0 ? "even.example.org" : "";
      schedule::Places::Check check{due->monitor, due->due, due->at, host};
      if (life_->places().Enter(check) == schedule::Places::Entry::kRun) {
        StartCheck(due->monitor, due->at);
      }
    } else {
      Tick(*due->monitor, due->at);
    }
  }
}

void World::StartCheck(const store::MonitorPtr& monitor, Timestamp at) {
  if (!under_way_.insert(monitor->id).second) {
    oracle_.Fail("monitor " + std::to_string(monitor->id.value()) + " is checked twice at once");
  }
  const std::vector<Mood>& moods = moods_[monitor->id];
  Mood mood{at, Status::kUp, false};
  for (const Mood& candidate : moods) {
    if (candidate.from <= clock_.Now()) mood = candidate;
  }
  const Duration takes = mood.times_out ? Seconds(10) : Milliseconds(random_.Between(1, 2'500));
  After(takes, [this, monitor, at, mood, life = life_number_] {
    Finish(monitor, at, mood, life == life_number_);
  });
}

void World::Finish(const store::MonitorPtr& monitor, Timestamp at, const Mood& mood,
                   bool is_this_life) {
  if (!is_this_life) return;  // it died with the process
  under_way_.erase(monitor->id);
  life_->places().Leave(monitor->id);
  while (auto next = life_->places().TakeNext()) StartCheck(next->monitor, next->stamp);
  model::CheckResult result;
  result.monitor = monitor->id;
  result.at = at;
  result.finished_at = clock_.Now();
  result.observed = mood.status;
  result.outcome = mood.times_out ? model::CheckOutcome::kTimeout : model::CheckOutcome::kAnswered;
  result.latency_ms = ToMillis(clock_.Now() - at);
  if (mood.status != Status::kUp) result.message = mood.times_out ? "timed out" : "HTTP 503";
  if (random_.Chance(2)) {
    result.outcome = model::CheckOutcome::kBlind;
    result.observed = Status::kNoData;
  }
  Hand(*monitor, result);
}

void World::Tick(const model::Monitor& monitor, Timestamp at) {
  model::CheckResult result;
  result.monitor = monitor.id;
  result.at = at;
  result.finished_at = clock_.Now();
  result.source = model::ResultSource::kTick;
  result.outcome = model::CheckOutcome::kNone;
  if (monitor.kind == "heartbeat") {
    const auto state = life_->intake().states().Find(monitor.id);
    rules::SilenceVerdict verdict =
        rules::JudgeSilence(monitor, state.value_or(model::MonitorState{}), clock_.Now(),
                            life_->intake().watching_since());
    result.source = model::ResultSource::kSilence;
    result.outcome = model::CheckOutcome::kAnswered;
    result.observed = verdict.status;
    result.message = std::move(verdict.message);
  }
  Hand(monitor, result);
}

void World::Hand(const model::Monitor& monitor, const model::CheckResult& result) {
  ++tally_.results;
  // As it stands when it is judged: the monitor may have been changed since the check began.
  const store::MonitorPtr current = life_->directory().Find(monitor.id);
  if (life_->Submit(result)) {
    if (current != nullptr) oracle_.Acknowledged(*current, result);
  } else {
    ++tally_.refused;
  }
}

store::MonitorPtr World::AnyMonitor() {
  const std::vector<store::MonitorPtr> all = life_->directory().ListAll();
  return all.empty() ? nullptr : random_.Pick(all);
}

void World::Beat() {
  for (const store::MonitorPtr& monitor : life_->directory().ListAll()) {
    if (monitor->kind != "heartbeat" || !random_.Chance(80)) continue;
    model::CheckResult result;
    result.monitor = monitor->id;
    result.at = result.finished_at = clock_.Now();
    result.source = model::ResultSource::kHeartbeat;
    result.observed = random_.Chance(85) ? Status::kUp : Status::kDown;
    Hand(*monitor, result);
  }
}

void World::WriteByHand() {
  static constexpr std::array<Status, 3> kStatuses = {Status::kUp, Status::kDown,
                                                      Status::kDegraded};
  const store::MonitorPtr monitor = AnyMonitor();
  if (monitor == nullptr) return;
  model::Sample sample;
  sample.at = FloorToMinute(clock_.Now() - Minutes(random_.Between(0, 10)));
  sample.status = sample.observed = random_.Pick(kStatuses);
  sample.origin = model::SampleOrigin::kManual;
  sample.latency_ms = static_cast<double>(random_.Between(0, 100));
  if (life_->SubmitManual(monitor->id, sample)) oracle_.AcknowledgedManual(monitor->id, sample);
}

void World::OpenIncident() {
  const store::MonitorPtr monitor = AnyMonitor();
  if (monitor == nullptr) return;
  model::Incident incident;
  incident.org = kOrg;
  incident.uid = "incident-" + std::to_string(++order_);
  incident.title = "Trouble";
  incident.started_at = FloorToMinute(clock_.Now());
  incident.impacts = {{monitor->id, random_.Chance(50) ? Status::kDown : Status::kDegraded}};
  const pharos::Status written = store_->Write([&](store::Transaction& tx) -> pharos::Status {
    auto stored = store_->incidents().Insert(tx, incident);
    return stored ? Ok() : pharos::Status(Error(std::move(stored).error()));
  });
  if (!written) return;
  if (!life_->ReloadOverlays(windows_)) return;
  After(Minutes(random_.Between(1, 20)), [this] { ResolveIncidents(); });
}

void World::ResolveIncidents() {
  auto session = store_->Read();
  if (!session) return;
  auto open = store_->incidents().ListOpen(**session);
  session->reset();
  if (!open) return;
  const pharos::Status written = store_->Write([&](store::Transaction& tx) -> pharos::Status {
    for (model::Incident& incident : *open) {
      if (incident.source != model::IncidentSource::kApi) continue;
      incident.state = model::IncidentState::kResolved;
      incident.ended_at = clock_.Now();
      PHAROS_RETURN_IF_ERROR(store_->incidents().Update(tx, incident));
    }
    return Ok();
  });
  if (written) (void)life_->ReloadOverlays(windows_);
}

void World::StartMaintenance() {
  const store::MonitorPtr monitor = AnyMonitor();
  if (monitor == nullptr) return;
  rules::MaintenanceWindow window;
  window.occurrence.org = kOrg;
  window.occurrence.starts_at = clock_.Now();
  window.occurrence.ends_at = clock_.Now() + Minutes(random_.Between(1, 10));
  window.occurrence.state = model::OccurrenceState::kOngoing;
  window.impacts = {{monitor->id, Status::kMaintenance}};
  windows_.push_back(window);
  (void)life_->ReloadOverlays(windows_);
}

void World::ChangeMonitor() {
  const store::MonitorPtr monitor = AnyMonitor();
  if (monitor == nullptr) return;
  model::Monitor changed = *monitor;
  const int64_t what = random_.Between(0, 2);
  if (what == 0) changed.confirmation_threshold = static_cast<int>(random_.Between(1, 4));
  if (what == 1) changed.active = !changed.active;
  if (what == 2 && changed.schedule.kind == model::Schedule::Kind::kInterval) {
    changed.schedule.interval = Seconds(random_.Between(10, 120));
  }
  const pharos::Status written = store_->Write([&](store::Transaction& tx) -> pharos::Status {
    PHAROS_ASSIGN_OR_RETURN(changed, store_->monitors().Update(tx, changed));
    return Ok();
  });
  if (!written) return;
  life_->directory().Put(changed);
  oracle_.ForgetDue(changed.id);
  life_->plan().Refresh(changed.id, clock_.Now());
}

void World::DeleteMonitor() {
  const store::MonitorPtr monitor = AnyMonitor();
  if (monitor == nullptr) return;
  const pharos::Status written = store_->Write(
      [&](store::Transaction& tx) { return store_->monitors().Delete(tx, kOrg, monitor->id); });
  if (!written) return;
  life_->directory().Remove(monitor->id);
  life_->intake().Forget(monitor->id);
  life_->plan().Refresh(monitor->id, clock_.Now());
  oracle_.Deleted(monitor->id);
}

void World::FailStore() {
  ++tally_.store_faults;
  std::atomic<bool>* fault = &faults_.refuse_writes;
  const int64_t which = random_.Between(0, 2);
  if (which == 1) fault = &faults_.fail_commits;
  if (which == 2) fault = &faults_.refuse_reads;
  *fault = true;
  After(Seconds(random_.Between(1, 180)), [fault] { *fault = false; });
}

void World::JumpClock() {
  ++tally_.clock_jumps;
  const bool back = random_.Chance(60);
  const Duration by = Seconds(random_.Between(1, back ? 900 : 300));
  clock_.JumpWallTo(back ? clock_.Now() - by : clock_.Now() + by);
  LookAtClock();
}

void World::Pause() {
  clock_.Advance(Seconds(random_.Between(1, 300)));
  LookAtClock();
}

void World::Crash() {
  ++tally_.crashes;
  // A start on a store that cannot be read fails and is tried again by whoever supervises it.
  faults_.refuse_reads = false;
  std::vector<model::MonitorState> before;
  for (const store::MonitorPtr& monitor : life_->directory().ListAll()) {
    if (auto state = life_->intake().states().Find(monitor->id)) before.push_back(*state);
  }
  life_->Crash();
  life_.reset();
  ++life_number_;
  under_way_.clear();
  if (random_.Chance(50)) {
    store_.reset();
    OpenStore();
  }
  clock_.Advance(Seconds(random_.Between(0, 240)));
  last_look_ = clock_.Now();
  life_ = std::make_unique<Life>(*store_, clock_, faults_);
  if (pharos::Status begun = life_->Begin(windows_); !begun) {
    oracle_.Fail("the restart fails: " + begun.error().message);
    life_.reset();
    return;
  }
  for (const model::MonitorState& state : before) {
    const auto after = life_->intake().states().Find(state.monitor);
    if (after) {
      oracle_.CompareStates(state, *after);
    } else if (state.last_sample_at != Timestamp{}) {
      oracle_.Fail("monitor " + std::to_string(state.monitor.value()) +
                   " has no state after the crash");
    }
  }
  for (const store::MonitorPtr& monitor : life_->directory().ListAll()) {
    const auto next = rules::NextDueAt(*monitor, clock_.Now());
    if (!next || monitor->schedule.kind != model::Schedule::Kind::kInterval) continue;
    if (*next > clock_.Now() + monitor->schedule.interval) {
      oracle_.Fail("monitor " + std::to_string(monitor->id.value()) +
                   " is not watched within one interval of the start");
    }
  }
}

void World::Fold() {
  if (!life_->intake().Checkpoint()) return;
  (void)store_->history().Fold(clock_.Now() - Minutes(random_.Between(1, 30)));
}

void World::React() {
  (void)life_->React();
  life_->Settle();
}

}  // namespace pharos::sim
