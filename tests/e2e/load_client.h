#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace pharos::e2e {

// One request of a load, and what became of it.
struct LoadItem {
  std::string bytes;  // the whole HTTP request
};

struct LoadSettings {
  uint16_t port = 0;
  int connections = 16;
  int pipeline = 16;      // requests on their way per connection
  double per_second = 0;  // 0 = as fast as it goes
  double seconds = 1;     // end after this
  uint64_t max_requests = UINT64_MAX;
};

struct LoadOutcome {
  uint64_t sent = 0;
  uint64_t acknowledged = 0;  // answers with status 200
  uint64_t refused = 0;       // other answers
  std::vector<uint64_t> acknowledged_by_item;
  std::vector<uint64_t> sent_by_item;
  double seconds = 0;
  bool broken = false;             // connections ended early (the server was killed)
  std::vector<double> latency_ms;  // of every acknowledged request, if asked for
};

// Sends the items round robin over kept connections from one thread, in order, and counts what is
// acknowledged. Ends early when all connections are gone or `stop` is set.
LoadOutcome RunLoad(const LoadSettings& settings, const std::vector<LoadItem>& items,
                    const std::atomic<bool>& stop, bool keep_latency = false);

// One request on a connection of its own; the whole answer, empty when it failed.
std::string Exchange(uint16_t port, const std::string& request);

}  // namespace pharos::e2e
