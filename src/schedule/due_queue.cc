#include "schedule/due_queue.h"

namespace pharos::schedule {

void DueQueue::Set(model::MonitorId monitor, Timestamp at) {
  const uint64_t generation = ++generation_;
  current_[monitor] = {at, generation};
  heap_.push({at, monitor, generation});
}

void DueQueue::Remove(model::MonitorId monitor) { current_.erase(monitor); }

void DueQueue::DropVoid() {
  while (!heap_.empty()) {
    const Entry& top = heap_.top();
    const auto it = current_.find(top.monitor);
    if (it != current_.end() && it->second.generation == top.generation) return;
    heap_.pop();
  }
}

std::optional<Timestamp> DueQueue::NextAt() {
  DropVoid();
  if (heap_.empty()) return std::nullopt;
  return heap_.top().at;
}

std::optional<DueQueue::Due> DueQueue::PopDue(Timestamp now) {
  DropVoid();
  if (heap_.empty() || heap_.top().at > now) return std::nullopt;
  const Due due{heap_.top().monitor, heap_.top().at};
  heap_.pop();
  current_.erase(due.monitor);
  return due;
}

std::optional<Timestamp> DueQueue::DueAt(model::MonitorId monitor) const {
  const auto it = current_.find(monitor);
  if (it == current_.end()) return std::nullopt;
  return it->second.at;
}

std::vector<model::MonitorId> DueQueue::Monitors() const {
  std::vector<model::MonitorId> ids;
  ids.reserve(current_.size());
  for (const auto& [id, due] : current_) ids.push_back(id);
  return ids;
}

}  // namespace pharos::schedule
