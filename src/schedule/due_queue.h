#pragma once

#include <cstdint>
#include <functional>
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
    Timestamp at{};     // when it is to be begun
    Timestamp stamp{};  // the time that it stands for; `at` unless starts of one moment are spread
    // The time that the check before it stood for; epoch = none since it is in the queue.
    Timestamp last{};
    double per_second = 0;  // how often this monitor comes, for the mean
  };

  void Set(const Due& due);
  void Set(model::MonitorId monitor, Timestamp at) { Set({monitor, at, at, {}, 0}); }
  void Remove(model::MonitorId monitor);
  // The earliest due time.
  std::optional<Timestamp> NextAt();
  // Takes the earliest entry that is due at `now`.
  std::optional<Due> PopDue(Timestamp now);
  std::optional<Due> Find(model::MonitorId monitor) const;
  std::optional<Timestamp> DueAt(model::MonitorId monitor) const;
  size_t Size() const { return current_.size(); }
  // Checks per second of all together.
  double PerSecond() const { return per_second_ < 0 ? 0 : per_second_; }
  // Of how many the start is spread, as those of cron expressions are.
  size_t SpreadCount() const { return spread_; }
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
    Due due;
    uint64_t generation;
  };
  void Uncount(const Due& due);
  void DropVoid();
  // Void entries that are not at the top go when they are more than the others.
  void Compact();

  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
  std::unordered_map<model::MonitorId, Current> current_;
  uint64_t generation_ = 0;
  double per_second_ = 0;
  size_t spread_ = 0;
};

}  // namespace pharos::schedule
