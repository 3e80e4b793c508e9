#include "schedule/places.h"

#include <algorithm>
#include <utility>

namespace pharos::schedule {

Places::Entry Places::Enter(Check& check) {
  const model::MonitorId id = check.monitor->id;
  if (running_.contains(id) || waiting_ids_.contains(id)) return Entry::kSkip;
  Host& host = hosts_[check.host];
  const bool host_full = !MayRun(check.host, host);
  // Nobody overtakes those of the same host, or of all hosts, who wait already.
  if (!host_full && host.waiting.empty() && turns_.empty() && running_.size() < limits_.running) {
    ++host.running;
    running_.emplace(id, check.host);
    return Entry::kRun;
  }
  waiting_ids_.insert(id);
  const std::string name = check.host;
  host.waiting.push_back(std::move(check));
  if (!host_full) Queue(name, host);
  return host_full ? Entry::kHostFull : Entry::kWait;
}

void Places::Queue(const std::string& name, Host& host) {
  if (host.in_turn || host.waiting.empty() || !MayRun(name, host)) return;
  host.in_turn = true;
  turns_.push_back(name);
}

void Places::Leave(model::MonitorId monitor) {
  const auto found = running_.find(monitor);
  if (found == running_.end()) return;
  const std::string name = std::move(found->second);
  running_.erase(found);
  const auto host = hosts_.find(name);
  --host->second.running;
  Queue(name, host->second);
  if (host->second.running == 0 && host->second.waiting.empty()) hosts_.erase(host);
}

bool Places::HasNext() const { return !turns_.empty() && running_.size() < limits_.running; }

std::optional<Places::Check> Places::TakeNext() {
  if (!HasNext()) return std::nullopt;
  const std::string name = std::move(turns_.front());
  turns_.pop_front();
  Host& host = hosts_.at(name);
  host.in_turn = false;
  Check check = std::move(host.waiting.front());
  host.waiting.pop_front();
  waiting_ids_.erase(check.monitor->id);
  ++host.running;
  running_.emplace(check.monitor->id, name);
  Queue(name, host);
  return check;
}

void Places::Clear() {
  turns_.clear();
  waiting_ids_.clear();
  for (auto& [name, host] : hosts_) {
    host.waiting.clear();
    host.in_turn = false;
  }
  std::erase_if(hosts_, [](const auto& entry) { return entry.second.running == 0; });
}

std::optional<Timestamp> Places::OldestWaiting() const {
  std::optional<Timestamp> oldest;
  for (const auto& [name, host] : hosts_) {
    if (host.waiting.empty()) continue;
    const Timestamp due = host.waiting.front().due;
    if (!oldest || due < *oldest) oldest = due;
  }
  return oldest;
}

}  // namespace pharos::schedule
