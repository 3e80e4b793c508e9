#include "schedule/plan.h"

#include <algorithm>

#include "rules/schedule_policy.h"

namespace pharos::schedule {
namespace {

// Of all monitors together per pause, so that the account of a pause does not fill intake's queue
// and keep out what is seen now.
constexpr size_t kMaxBlindResults = 100'000;

}  // namespace

void Plan::Fill(Timestamp now) {
  for (const store::MonitorPtr& monitor : monitors_.ListAll()) {
    if (const auto at = rules::NextDueAt(*monitor, now)) queue_.Set(monitor->id, *at);
  }
}

void Plan::Refresh(model::MonitorId id, Timestamp now) {
  const store::MonitorPtr monitor = monitors_.Find(id);
  if (monitor == nullptr || !rules::NextDueAt(*monitor, now)) {
    queue_.Remove(id);
    return;
  }
  queue_.Set(id, now);
}

std::optional<Plan::DueMonitor> Plan::TakeDue(Timestamp now) {
  while (const auto due = queue_.PopDue(now)) {
    store::MonitorPtr monitor = monitors_.Find(due->monitor);
    if (monitor == nullptr) continue;
    // The next time follows from the schedule, not from when this run happened, so lateness does
    // not add up; but what lies in the past already is not caught up one by one.
    const Timestamp base = due->at > now ? due->at : now;
    if (const auto next = rules::NextDueAt(*monitor, base)) queue_.Set(monitor->id, *next);
    return DueMonitor{std::move(monitor), due->at};
  }
  return std::nullopt;
}

void Plan::MissedTimes(const model::Monitor& monitor, Timestamp first, Timestamp now, int limit,
                       std::vector<model::CheckResult>& out) {
  std::optional<Timestamp> at = first;
  for (int n = 0; at && *at <= now && n < limit; ++n) {
    model::CheckResult result;
    result.monitor = monitor.id;
    result.at = *at;
    result.finished_at = now;
    result.source = model::ResultSource::kProbe;
    result.outcome = model::CheckOutcome::kBlind;
    result.message = "Monitor was blind: it was paused or overloaded";
    out.push_back(std::move(result));
    at = rules::NextDueAt(monitor, *at);
  }
}

std::vector<model::CheckResult> Plan::AccountForPause(Timestamp from, Timestamp now) {
  std::vector<model::CheckResult> blind;
  if (now - from < settings_.blind_after) return blind;
  const size_t share = kMaxBlindResults / std::max<size_t>(1, queue_.Size());
  const int limit = static_cast<int>(
      std::clamp<size_t>(share, 1, static_cast<size_t>(settings_.max_blind_samples)));
  for (const model::MonitorId id : queue_.Monitors()) {
    const auto due = queue_.DueAt(id);
    if (!due || *due > now) continue;
    const store::MonitorPtr monitor = monitors_.Find(id);
    if (monitor == nullptr) continue;
    // A manual monitor is not watched: what was written by hand stands through the pause.
    if (monitor->kind != "manual") MissedTimes(*monitor, *due, now, limit, blind);
    queue_.Remove(id);
    if (const auto next = rules::NextDueAt(*monitor, now)) queue_.Set(id, *next);
  }
  return blind;
}

void Plan::Rebuild(Timestamp now) {
  queue_ = DueQueue();
  Fill(now);
}

}  // namespace pharos::schedule
