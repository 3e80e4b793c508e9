#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/text.h"
#include "http/server.h"

// For tests: a client that sends bytes as given, a place for requests that are answered later, and
// a server with its surroundings.
namespace pharos::http::internal {

struct RawReply {
  int status = 0;  // 0: no reply, the connection ended
  std::string head;
  std::string body;

  std::string Header(std::string_view name) const {
    for (std::string_view line : Split(head, '\n')) {
      const size_t colon = line.find(':');
      if (colon != std::string_view::npos && EqualsIgnoreCase(line.substr(0, colon), name)) {
        return std::string(Trim(line.substr(colon + 1)));
      }
    }
    return {};
  }
};

class RawClient {
 public:
  // `receive_bytes`: size of the receive buffer, 0 for the system's own.
  explicit RawClient(uint16_t port, int receive_bytes = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{20, 0};  // a hanging test fails instead
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receive_bytes > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { Close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void CloseWriting() { ::shutdown(fd_, SHUT_WR); }

  // False when the peer has reset the connection.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }
  void Get(std::string_view target) {
    Send("GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }

  // One reply; `head_only` when it belongs to a HEAD request.
  RawReply Read(bool head_only = false) {
    RawReply reply;
    size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!Receive()) return reply;
    }
    reply.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    const auto status = ParseInt(std::string_view(reply.head).substr(9, 3));
    reply.status = status ? static_cast<int>(*status) : -1;
    const auto length = ParseInt(reply.Header("content-length"));
    if (head_only || !length) return reply;
    while (buffer_.size() < static_cast<size_t>(*length)) {
      if (Receive()) continue;
      reply.status = 0;  // cut off; the head tells
      return reply;
    }
    reply.body = buffer_.substr(0, static_cast<size_t>(*length));
    buffer_.erase(0, static_cast<size_t>(*length));
    return reply;
  }
  // Exactly that many bytes, or fewer when the connection ended.
  std::string ReadBytes(size_t count) {
    while (buffer_.size() < count && Receive()) {
    }
    std::string bytes = buffer_.substr(0, count);
    buffer_.erase(0, bytes.size());
    return bytes;
  }
  // All bytes up to the end; `was_reset` tells how it ended.
  std::string ReadToEnd() {
    while (Receive()) {
    }
    return std::exchange(buffer_, {});
  }
  bool was_reset() const { return was_reset_; }
  // Waits for the peer's reset without reading anything.
  bool WaitForReset() {
    pollfd poll{fd_, 0, 0};
    return ::poll(&poll, 1, 20'000) == 1 && (poll.revents & (POLLERR | POLLHUP)) != 0;
  }

 private:
  bool Receive() {
    char bytes[16384];
    const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
    if (n < 0) was_reset_ = true;
    if (n <= 0) return false;
    buffer_.append(bytes, static_cast<size_t>(n));
    return true;
  }

  int fd_ = -1;
  bool connected_ = false;
  bool was_reset_ = false;
  std::string buffer_;
};

// Requests that a handler has put aside, with their responders.
class Parking {
 public:
  struct Parked {
    Request request;
    Responder responder;
  };

  void Park(Request request, Responder responder) {
    {
      std::lock_guard lock(mutex_);
      parked_.push_back({std::move(request), std::move(responder)});
      ++total_;
    }
    arrived_.notify_all();
  }
  Parked Take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return !parked_.empty(); });
    Parked parked = std::move(parked_.front());
    parked_.pop_front();
    return parked;
  }
  size_t total() const {
    std::lock_guard lock(mutex_);
    return total_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Parked> parked_;
  size_t total_ = 0;
};

// A server on a free port. Paths: /echo answers method, path and body, /park goes to `parking`,
// /drop drops the responder, /throw throws, /page gives `page`, /big as many bytes as the query
// says.
class TestServer {
 public:
  // `other_clock`, if any, outlives this and is used instead of the system's.
  explicit TestServer(ServerLimits limits = {}, int threads = 2, const Clock* other_clock = nullptr)
      : used_clock_(other_clock != nullptr ? *other_clock : clock) {
    settings.port = 0;
    settings.threads = threads;
    settings.limits = limits;
    Start();
  }
  void Start() {
    auto started = Server::Start(
        settings, [this](Request&& r, Responder w) { Handle(std::move(r), std::move(w)); },
        used_clock_, metrics);
    if (started) server = std::move(*started);
  }
  uint16_t port() const { return server->port(); }

  ServerSettings settings;
  SystemClock clock;
  Metrics metrics;
  Parking parking;
  SharedBytes page = std::make_shared<const std::string>(50 * 1024, 'p');
  std::unique_ptr<Server> server;

 private:
  const Clock& used_clock_;

  void Handle(Request&& request, Responder responder) {
    if (request.path == "/park") return parking.Park(std::move(request), std::move(responder));
    if (request.path == "/drop") return;
    if (request.path == "/throw") throw std::runtime_error("on purpose");
    if (request.path == "/page") {
      Response response;
      response.shared_body = page;
      return responder.Send(std::move(response));
    }
    if (request.path == "/big") {
      const auto size = ParseInt(request.query);
      return responder.Send(Response::Text(200, std::string(static_cast<size_t>(*size), 'b')));
    }
    if (request.body_too_large) return responder.Send(Response::Text(413, "handler says 413"));
    responder.Send(Response::Text(200, request.method + " " + request.path + " " + request.body));
  }
};

}  // namespace pharos::http::internal
