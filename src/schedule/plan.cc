#include "schedule/plan.h"

#include <algorithm>

#include "rules/schedule_policy.h"

namespace pharos::schedule {
namespace {

// Of all monitors together per pause, so that the account of a pause does not fill intake's queue
// and keep out what is seen now.
constexpr size_t kMaxBlindResults = 100'000;

// Starts beyond twice the mean: a few monitors may well come together, and the cron monitors of a
// whole installation at the same minute are begun within seconds.
constexpr double kFewStarts = 100;
constexpr double kSpreadSeconds = 8;
// Checks because of changes, beyond the mean.
constexpr double kRefreshesPerSecond = 50;
constexpr int kRefreshBurst = 50;

}  // namespace

std::optional<DueQueue::Due> Plan::EntryAfter(const model::Monitor& monitor,
                                              Timestamp after) const {
  const auto at = rules::NextDueAt(monitor, after);
  if (!at) return std::nullopt;
  DueQueue::Due due;
  due.monitor = monitor.id;
  due.stamp = *at;
  due.at = *at + rules::StartSpread(monitor);
  due.per_second = rules::ChecksPerSecond(monitor);
  return due;
}

void Plan::Fill(Timestamp now) {
  for (const store::MonitorPtr& monitor : monitors_.ListAll()) {
    if (const auto due = EntryAfter(*monitor, now)) queue_.Set(*due);
  }
}

void Plan::Refresh(model::MonitorId id, Timestamp now) {
  const store::MonitorPtr monitor = monitors_.Find(id);
  auto due = monitor == nullptr ? std::nullopt : EntryAfter(*monitor, now);
  if (!due) {
    queue_.Remove(id);
    return;
  }
  const Duration gap(static_cast<int64_t>(1e6 / (queue_.PerSecond() + kRefreshesPerSecond)));
  // A lull allows no more than a few at once.
  next_refresh_ = std::max(next_refresh_, now - kRefreshBurst * gap);
  Timestamp at = std::max(now, next_refresh_);
  if (const auto before = queue_.Find(id)) due->last = before->last;
  // Samples of fast monitors stand at whole seconds: one more within the same second would replace
  // what was just seen. With whole minutes that is the price of looking at once.
  const bool fast = rules::SampleStep(*monitor) <= Seconds(1);
  if (fast && FloorTo(at, Seconds(1)) == due->last) at = due->last + Seconds(1);
  const bool taken = fast && FloorTo(due->stamp, Seconds(1)) == due->last;
  if (at < due->at || taken) {
    due->at = due->stamp = at;
    next_refresh_ += gap;
  }
  queue_.Set(*due);
}

double Plan::StartsPerSecond() const {
  return 2 * queue_.PerSecond() + static_cast<double>(queue_.SpreadCount()) / kSpreadSeconds +
         kFewStarts;
}

void Plan::RefillStarts(Timestamp now) {
  const double most = StartsPerSecond() / 2;
  const double seconds = ToMillis(now - starts_counted_) / 1000.0;
  const bool jumped = starts_counted_ == Timestamp{} || seconds < 0;
  starts_left_ = jumped ? most : std::min(most, starts_left_ + seconds * StartsPerSecond());
  starts_counted_ = now;
}

std::optional<Timestamp> Plan::NextAt(Timestamp now) {
  const auto next = queue_.NextAt();
  if (!next || starts_left_ >= 1) return next;
  const double wait_s = (1 - starts_left_) / StartsPerSecond();
  return std::max(*next, now + Duration(static_cast<int64_t>(wait_s * 1e6) + 1));
}

std::optional<Plan::DueMonitor> Plan::TakeDue(Timestamp now) {
  RefillStarts(now);
  while (starts_left_ >= 1) {
    const auto due = queue_.PopDue(now);
    if (!due) break;
    store::MonitorPtr monitor = monitors_.Find(due->monitor);
    if (monitor == nullptr) continue;
    // The next time follows from the schedule, not from when this run happened, so lateness does
    // not add up; but what lies in the past already is not caught up one by one.
    auto next = EntryAfter(*monitor, std::max(due->stamp, now));
    const Duration step = rules::SampleStep(*monitor);
    const Timestamp slot = FloorTo(due->stamp, step);
    if (next && FloorTo(next->stamp, step) == slot) {
      next = EntryAfter(*monitor, slot + step - Duration(1));
    }
    if (next) {
      next->last = slot;
      queue_.Set(*next);
    }
    starts_left_ -= 1;
    return DueMonitor{std::move(monitor), due->stamp, due->at};
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
    const auto due = queue_.Find(id);
    if (!due || due->at > now) continue;
    const store::MonitorPtr monitor = monitors_.Find(id);
    if (monitor == nullptr) continue;
    // A manual monitor is not watched: what was written by hand stands through the pause.
    if (monitor->kind != "manual") MissedTimes(*monitor, due->stamp, now, limit, blind);
    queue_.Remove(id);
    if (const auto next = EntryAfter(*monitor, now)) queue_.Set(*next);
  }
  return blind;
}

void Plan::Rebuild(Timestamp now) {
  queue_ = DueQueue();
  starts_counted_ = next_refresh_ = {};
  Fill(now);
}

}  // namespace pharos::schedule
