#include "app/demo_targets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "base/log.h"

namespace pharos::app {
namespace {

constexpr Duration kSendEvery = Seconds(20);
constexpr int64_t kPartnerPeriodS = 600;
constexpr int64_t kPartnerDownS = 120;
constexpr size_t kMaxLate = 1'000;

// About what the history of the demo says of each service.
Duration DelayOf(std::string_view path) {
  struct Row {
    std::string_view path;
    int milliseconds;
  };
  constexpr Row kRows[] = {{"/site", 84},     {"/api", 37}, {"/checkout", 142}, {"/search", 61},
                           {"/login", 49},    {"/cdn", 18}, {"/docs", 55},      {"/images", 210},
                           {"/partner", 320}, {"/help", 72}};
  for (const Row& row : kRows) {
    if (row.path == path) return Milliseconds(row.milliseconds);
  }
  return Duration(0);
}

// One plain request to our own server on loopback, answer read and dropped. The demo's worker
// stands for a cron job of somebody else, which is why it does not use the monitor's own client.
void SendHeartbeat(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const timeval limit{2, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::string request = std::string("POST /ext/heartbeat/") + kDemoHeartbeatTag + "/" +
                              kDemoHeartbeatSecret +
                              " HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n"
                              "connection: close\r\n\r\n";
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size())) {
    char buffer[1024];
    while (recv(fd, buffer, sizeof(buffer), 0) > 0) {
    }
  }
  close(fd);
}

}  // namespace

Result<std::unique_ptr<DemoTargets>> DemoTargets::Start(const Clock& clock, Metrics& metrics) {
  std::unique_ptr<DemoTargets> targets(new DemoTargets(clock));
  http::ServerSettings settings;
  settings.port = 0;
  settings.threads = 1;
  PHAROS_ASSIGN_OR_RETURN(targets->server_, http::Server::Start(
                                                settings,
                                                [raw = targets.get()](http::Request&& request,
                                                                      http::Responder responder) {
                                                  raw->AnswerLater(request, std::move(responder));
                                                },
                                                clock, metrics));
  targets->answerer_ = std::thread([raw = targets.get()] { raw->AnswerLoop(); });
  return targets;
}

DemoTargets::~DemoTargets() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (sender_.joinable()) sender_.join();
  if (answerer_.joinable()) answerer_.join();
  late_.clear();
  if (server_ != nullptr) server_->Drain(Seconds(1));
}

std::string DemoTargets::Url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port()) + path;
}

http::Response DemoTargets::Answer(const http::Request& request) const {
  if (request.path == "/hook") {
    Log(LogLevel::kInfo, "demo: a webhook arrived", {{"bytes", request.body.size()}});
    return http::Response::Json(200, "{\"ok\":true}");
  }
  if (request.path == "/partner" && ToUnixSeconds(clock_.Now()) % kPartnerPeriodS < kPartnerDownS) {
    return http::Response::Text(503, "the partner is having a break\n");
  }
  if (request.path == "/api") {
    return http::Response::Json(200, "{\"status\":\"ok\",\"queue\":{\"depth\":3}}");
  }
  return http::Response::Text(200, "Everything is fine here.\n");
}

void DemoTargets::AnswerLater(const http::Request& request, http::Responder responder) {
  Late late{Answer(request), std::move(responder)};
  const int64_t spread = ToUnixMicros(clock_.Now()) / 1000 % 7;
  const Duration delay = DelayOf(request.path) * (97 + spread) / 100;
  {
    std::lock_guard lock(mutex_);
    if (late_.size() < kMaxLate) {
      late_.emplace(clock_.Monotonic() + delay, std::move(late));
    }
  }
  wake_.notify_all();
}

void DemoTargets::AnswerLoop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const MonotonicTime now = clock_.Monotonic();
    if (late_.empty()) {
      wake_.wait(lock);
    } else if (late_.begin()->first > now) {
      wake_.wait_for(lock, late_.begin()->first - now);
    } else {
      Late due = std::move(late_.begin()->second);
      late_.erase(late_.begin());
      lock.unlock();
      due.responder.Send(std::move(due.response));
      lock.lock();
    }
  }
}

void DemoTargets::SendHeartbeatsTo(uint16_t port) {
  sender_ = std::thread([this, port] { SendLoop(port); });
}

void DemoTargets::SendLoop(uint16_t port) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    SendHeartbeat(port);
    lock.lock();
    wake_.wait_for(lock, kSendEvery, [&] { return stopping_; });
  }
}

}  // namespace pharos::app
