#include "http/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "http/internal/loop.h"
#include "http/internal/shared_state.h"

namespace pharos::http {
namespace {

using internal::Loop;
using internal::SharedState;

constexpr int kBacklog = 4096;

// Closes what it holds unless it was released.
class OwnedSocket {
 public:
  explicit OwnedSocket(int fd) : fd_(fd) {}
  OwnedSocket(OwnedSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~OwnedSocket() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

struct ListenAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
  void SetPort(uint16_t port) {
    if (storage.ss_family == AF_INET) {
      reinterpret_cast<sockaddr_in&>(storage).sin_port = htons(port);
    } else {
      reinterpret_cast<sockaddr_in6&>(storage).sin6_port = htons(port);
    }
  }
};

Result<ListenAddress> ParseAddress(std::string text) {
  ListenAddress address;
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  auto& four = reinterpret_cast<sockaddr_in&>(address.storage);
  auto& six = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    address.length = sizeof four;
    return address;
  }
  if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    address.length = sizeof six;
    return address;
  }
  return Error(ErrorKind::kInvalid, "not an IP address to listen on: " + text);
}

Error ListenError(const ServerSettings& settings, const char* step) {
  const int code = errno;
  const ErrorKind kind = code == EADDRINUSE ? ErrorKind::kConflict : ErrorKind::kUnavailable;
  return Error(kind, "cannot listen on " + settings.address + " port " +
                         std::to_string(settings.port) + ": " + step + ": " +
                         std::generic_category().message(code));
}

void Enable(int fd, int level, int option) {
  const int on = 1;
  ::setsockopt(fd, level, option, &on, sizeof on);
}

// SO_REUSEPORT would let a second server share our port silently; a bind without it tells.
Status CheckPortIsFree(const ServerSettings& settings, const ListenAddress& address) {
  const OwnedSocket probe(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (probe.get() < 0) return ListenError(settings, "socket");
  Enable(probe.get(), SOL_SOCKET, SO_REUSEADDR);
  if (::bind(probe.get(), address.raw(), address.length) != 0) {
    return ListenError(settings, "bind");
  }
  return Ok();
}

Result<OwnedSocket> Listen(const ServerSettings& settings, const ListenAddress& address) {
  OwnedSocket socket(
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return ListenError(settings, "socket");
  Enable(socket.get(), SOL_SOCKET, SO_REUSEADDR);
  Enable(socket.get(), SOL_SOCKET, SO_REUSEPORT);
  Enable(socket.get(), IPPROTO_TCP, TCP_NODELAY);  // accepted sockets inherit it
  if (::bind(socket.get(), address.raw(), address.length) != 0) {
    return ListenError(settings, "bind");
  }
  if (::listen(socket.get(), kBacklog) != 0) return ListenError(settings, "listen");
  return socket;
}

uint16_t BoundPort(int fd) {
  ListenAddress bound;
  bound.length = sizeof bound.storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound.storage), &bound.length) != 0) return 0;
  return bound.storage.ss_family == AF_INET
             ? ntohs(reinterpret_cast<const sockaddr_in&>(bound.storage).sin_port)
             : ntohs(reinterpret_cast<const sockaddr_in6&>(bound.storage).sin6_port);
}

class LoopServer final : public Server {
 public:
  LoopServer(std::shared_ptr<SharedState> shared, std::vector<OwnedSocket> listeners)
      : port_(BoundPort(listeners.front().get())) {
    for (OwnedSocket& listener : listeners) {
      loops_.push_back(std::make_shared<Loop>(shared, listener.Release()));
    }
    // Signals are for the main thread, and a broken pipe is for no one.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before);
    for (const auto& loop : loops_) threads_.emplace_back([loop] { loop->Run(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  ~LoopServer() override { Drain(Duration(0)); }

  uint16_t port() const override { return port_; }

  void Drain(Duration deadline) override {
    if (threads_.empty()) return;
    for (const auto& loop : loops_) loop->BeginDrain(deadline);
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  const uint16_t port_;
  std::vector<std::shared_ptr<Loop>> loops_;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(const ServerSettings& settings, Handler handler,
                                              const Clock& clock, Metrics& metrics) {
  PHAROS_ASSIGN_OR_RETURN(ListenAddress address, ParseAddress(settings.address));
  address.SetPort(settings.port);
  if (settings.port != 0) PHAROS_RETURN_IF_ERROR(CheckPortIsFree(settings, address));
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const size_t count = settings.threads > 0 ? static_cast<size_t>(settings.threads) : cores;
  std::vector<OwnedSocket> listeners;
  for (size_t i = 0; i < count; ++i) {
    PHAROS_ASSIGN_OR_RETURN(OwnedSocket listener, Listen(settings, address));
    address.SetPort(BoundPort(listener.get()));
    listeners.push_back(std::move(listener));
  }
  auto shared = std::make_shared<SharedState>(settings, std::move(handler), clock, metrics);
  try {
    return std::unique_ptr<Server>(
        std::make_unique<LoopServer>(std::move(shared), std::move(listeners)));
  } catch (const std::exception& e) {  // no descriptors or no threads left
    return Error(ErrorKind::kUnavailable, std::string("cannot start the HTTP server: ") + e.what());
  }
}

}  // namespace pharos::http
