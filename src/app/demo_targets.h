#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "http/server.h"

namespace pharos::app {

// The servers that a demo watches, on loopback and a port of their own, and the workers that send
// heartbeats. Paths: /site, /api, /checkout, /search, /login, /cdn, /docs, /images answer well;
// /partner fails for two minutes of every ten; /hook takes webhooks.
class DemoTargets {
 public:
  static Result<std::unique_ptr<DemoTargets>> Start(const Clock& clock, Metrics& metrics);
  ~DemoTargets();
  uint16_t port() const { return server_->port(); }
  std::string Url(const std::string& path) const;
  // Sends "GET /ext/heartbeat/<tag>/<secret>" for the demo's workers every 20 s to this port.
  void SendHeartbeatsTo(uint16_t port);

 private:
  explicit DemoTargets(const Clock& clock) : clock_(clock) {}
  struct Late {
    http::Response response;
    http::Responder responder;
  };
  http::Response Answer(const http::Request& request) const;
  // Answers after the time that such a service would take.
  void AnswerLater(const http::Request& request, http::Responder responder);
  void AnswerLoop();
  void SendLoop(uint16_t port);

  const Clock& clock_;
  std::unique_ptr<http::Server> server_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::multimap<MonotonicTime, Late> late_;  // by when they are due
  std::thread sender_;
  std::thread answerer_;
};

// The demo's heartbeat monitors; the secret is public, since the demo listens on loopback only.
inline constexpr const char* kDemoHeartbeatTag = "mail-worker";
inline constexpr const char* kDemoHeartbeatSecret = "demo-lighthouse";

}  // namespace pharos::app
