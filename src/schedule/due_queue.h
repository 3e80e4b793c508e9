#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "model/ids.h"

namespace pharos::schedule {

// Which monitor is due next. Setting a new due time makes the old entry void. Not thread-safe.
class DueQueue {
 public:
  struct Due {
    model::MonitorId monitor;
    Timestamp at{};
  };

  void Set(model::MonitorId monitor, Timestamp at);
  void Remove(model::MonitorId monitor);
  // The earliest due time.
  std::optional<Timestamp> NextAt();
  // Takes the earliest entry that is due at `now`.
  std::optional<Due> PopDue(Timestamp now);
  std::optional<Timestamp> DueAt(model::MonitorId monitor) const;
  size_t Size() const { return current_.size(); }
  // All monitors in the queue.
  std::vector<model::MonitorId> Monitors() const;

 private:
  struct Entry {
    Timestamp at;
    model::MonitorId monitor;
    uint64_t generation;
    bool operator>(const Entry& other) const { return at > other.at; }
  };
  struct Current {
    Timestamp at;
    uint64_t generation;
  };
  void DropVoid();

  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
  std::unordered_map<model::MonitorId, Current> current_;
  uint64_t generation_ = 0;
};

}  // namespace pharos::schedule
