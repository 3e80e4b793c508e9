#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/time.h"
#include "store/monitor_directory.h"

namespace pharos::schedule {

// Who may run now: at most so many checks at once, and so many against one host, so that a host
// that hangs holds up its own monitors and nobody else's. Those that find no place wait, each
// monitor once: in order within a host, hosts in turn. Not thread-safe.
class Places {
 public:
  struct Limits {
    size_t running = 4'000;
    size_t per_host = 200;
  };
  struct Check {
    store::MonitorPtr monitor;
    Timestamp due{};    // when it should have begun
    Timestamp stamp{};  // the time that the result stands for
    std::string host;   // empty = bound by the common limit alone
  };
  enum class Entry : uint8_t {
    kRun,       // has a place
    kWait,      // no place left at all
    kHostFull,  // waits because of its host alone
    kSkip,      // the check before still runs or waits
  };

  explicit Places(const Limits& limits) : limits_(limits) {}

  // With kRun the caller runs the check and calls Leave; otherwise `check` was taken in or dropped.
  Entry Enter(Check& check);
  // A check has ended.
  void Leave(model::MonitorId monitor);
  // The next one that waits and has a place now; it counts as running.
  std::optional<Check> TakeNext();
  // Whether TakeNext has something.
  bool HasNext() const;
  // Drops everything that waits.
  void Clear();

  size_t running() const { return running_.size(); }
  size_t waiting() const { return waiting_ids_.size(); }
  // When the one that waits longest was due.
  std::optional<Timestamp> OldestWaiting() const;

 private:
  struct Host {
    size_t running = 0;
    std::deque<Check> waiting;
    bool in_turn = false;
  };
  bool MayRun(const std::string& name, const Host& host) const {
    return name.empty() || host.running < limits_.per_host;
  }
  void Queue(const std::string& name, Host& host);

  const Limits limits_;
  std::unordered_map<model::MonitorId, std::string> running_;  // to host
  std::unordered_set<model::MonitorId> waiting_ids_;
  std::unordered_map<std::string, Host> hosts_;
  std::deque<std::string> turns_;  // hosts that have somebody waiting and a place of their own
};

}  // namespace pharos::schedule
