#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/metrics.h"
#include "http/server.h"

namespace pharos::http::internal {

// What all loops of one server have in common. The references are not used any more once the loops
// have ended; a responder may outlive the server.
class SharedState {
 public:
  SharedState(const ServerSettings& server_settings, Handler request_handler,
              const Clock& server_clock, Metrics& metrics);

  // Counts a connection in; false when the limits forbid it. Thread-safe.
  bool Admit(const std::string& peer);
  void Release(const std::string& peer);
  size_t connections() const { return connections_.load(std::memory_order_relaxed); }

  const ServerSettings settings;
  const Handler handler;
  const Clock& clock;
  std::array<Counter*, 5> requests_by_class{};  // 1xx .. 5xx
  Gauge* const connections_gauge;
  Histogram* const request_seconds;

 private:
  std::atomic<size_t> connections_{0};
  std::mutex mutex_;
  std::unordered_map<std::string, size_t> per_peer_;
};

}  // namespace pharos::http::internal
