#include "schedule/due_queue.h"

#include <utility>

namespace pharos::schedule {
namespace {

constexpr size_t kFewEntries = 1'024;

}  // namespace

void DueQueue::Set(const Due& due) {
  const uint64_t generation = ++generation_;
  const auto [it, is_new] = current_.try_emplace(due.monitor);
  if (!is_new) Uncount(it->second.due);
  it->second = {due, generation};
  per_second_ += due.per_second;
  if (due.at != due.stamp) ++spread_;
  heap_.push({due.at, due.monitor, generation});
  if (heap_.size() > kFewEntries + 2 * current_.size()) Compact();
}

void DueQueue::Uncount(const Due& due) {
  per_second_ -= due.per_second;
  if (due.at != due.stamp) --spread_;
}

void DueQueue::Remove(model::MonitorId monitor) {
  const auto it = current_.find(monitor);
  if (it == current_.end()) return;
  Uncount(it->second.due);
  current_.erase(it);
}

void DueQueue::Compact() {
  std::vector<Entry> entries;
  entries.reserve(current_.size());
  for (const auto& [id, current] : current_) {
    entries.push_back({current.due.at, id, current.generation});
  }
  heap_ = decltype(heap_)(std::greater<>(), std::move(entries));
}

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
  const Due due = current_.at(heap_.top().monitor).due;
  heap_.pop();
  Remove(due.monitor);
  return due;
}

std::optional<DueQueue::Due> DueQueue::Find(model::MonitorId monitor) const {
  const auto it = current_.find(monitor);
  if (it == current_.end()) return std::nullopt;
  return it->second.due;
}

std::optional<Timestamp> DueQueue::DueAt(model::MonitorId monitor) const {
  const auto due = Find(monitor);
  if (!due) return std::nullopt;
  return due->at;
}

std::vector<model::MonitorId> DueQueue::Monitors() const {
  std::vector<model::MonitorId> ids;
  ids.reserve(current_.size());
  for (const auto& [id, current] : current_) ids.push_back(id);
  return ids;
}

}  // namespace pharos::schedule
