#include "http/internal/shared_state.h"

#include <utility>

namespace pharos::http::internal {
namespace {

const std::vector<double> kSecondsBounds = {0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                            0.05,   0.1,    0.25,  0.5,    1,     2.5,  10};

}  // namespace

SharedState::SharedState(const ServerSettings& server_settings, Handler request_handler,
                         const Clock& server_clock, Metrics& metrics)
    : settings(server_settings),
      handler(std::move(request_handler)),
      clock(server_clock),
      connections_gauge(&metrics.GetGauge("pharos_http_connections", "Open HTTP connections.")),
      request_seconds(&metrics.GetHistogram("pharos_http_request_seconds",
                                            "Time from the request read to its answer given.",
                                            kSecondsBounds)) {
  for (size_t i = 0; i < requests_by_class.size(); ++i) {
    requests_by_class[i] =
        &metrics.GetCounter("pharos_http_requests_total", "HTTP requests answered.",
                            {{"status", std::to_string(i + 1) + "xx"}});
  }
}

bool SharedState::Admit(const std::string& peer) {
  if (connections_.fetch_add(1, std::memory_order_relaxed) >= settings.limits.max_connections) {
    connections_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  if (settings.limits.max_connections_per_peer == 0) return true;
  std::lock_guard lock(mutex_);
  size_t& count = per_peer_[peer];
  if (count >= settings.limits.max_connections_per_peer) {
    connections_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  ++count;
  return true;
}

void SharedState::Release(const std::string& peer) {
  connections_.fetch_sub(1, std::memory_order_relaxed);
  if (settings.limits.max_connections_per_peer == 0) return;
  std::lock_guard lock(mutex_);
  const auto it = per_peer_.find(peer);
  if (it != per_peer_.end() && --it->second == 0) per_peer_.erase(it);
}

}  // namespace pharos::http::internal
