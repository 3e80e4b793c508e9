#include "load_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string_view>

namespace pharos::e2e {
namespace {

using Steady = std::chrono::steady_clock;

int Connect(uint16_t port, bool nonblocking) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd);
    return -1;
  }
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  if (nonblocking) {
    const timeval none{};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none));
  }
  return fd;
}

struct Waiting {
  size_t item;
  Steady::time_point sent_at;
};

struct Peer {
  int fd = -1;
  std::deque<Waiting> waiting;
  std::string out;
  std::string in;
};

// Length of the first whole answer in `in`, 0 while it is not complete.
size_t AnswerLength(std::string_view in) {
  const size_t end = in.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  size_t body = 0;
  for (const char* name : {"content-length:", "Content-Length:"}) {
    const size_t at = in.substr(0, end).find(name);
    if (at != std::string_view::npos) {
      body = std::strtoull(in.data() + at + std::strlen(name), nullptr, 10);
      break;
    }
  }
  const size_t total = end + 4 + body;
  return in.size() >= total ? total : 0;
}

class Load {
 public:
  Load(const LoadSettings& settings, const std::vector<LoadItem>& items,
       const std::atomic<bool>& stop, bool keep_latency)
      : settings_(settings), items_(items), stop_(stop), keep_latency_(keep_latency) {
    outcome_.acknowledged_by_item.resize(items.size());
    outcome_.sent_by_item.resize(items.size());
    peers_.resize(static_cast<size_t>(settings.connections));
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < peers_.size(); ++i) {
      peers_[i].fd = Connect(settings.port, true);
      if (peers_[i].fd < 0) continue;
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      epoll_ctl(epoll_, EPOLL_CTL_ADD, peers_[i].fd, &event);
      ++open_;
    }
  }
  ~Load() {
    for (Peer& peer : peers_) Close(peer);
    close(epoll_);
  }

  LoadOutcome Run() {
    const Steady::time_point start = Steady::now();
    epoll_event events[64];
    while (open_ > 0 && !stop_) {
      const double elapsed = std::chrono::duration<double>(Steady::now() - start).count();
      const bool ended = elapsed >= settings_.seconds || outcome_.sent >= settings_.max_requests;
      if (ended && InFlight() == 0) break;
      if (elapsed >= settings_.seconds + 5) break;
      if (!ended) Fill(elapsed);
      const int n = epoll_wait(epoll_, events, 64, 1);
      for (int i = 0; i < n; ++i) Read(peers_[events[i].data.u64]);
    }
    outcome_.broken = open_ < settings_.connections;
    outcome_.seconds = std::chrono::duration<double>(Steady::now() - start).count();
    return std::move(outcome_);
  }

 private:
  size_t InFlight() const {
    size_t n = 0;
    for (const Peer& peer : peers_) n += peer.waiting.size();
    return n;
  }

  void Fill(double elapsed) {
    uint64_t allowed = settings_.max_requests;
    if (settings_.per_second > 0) {
      allowed = std::min(allowed, static_cast<uint64_t>(elapsed * settings_.per_second) + 1);
    }
    for (Peer& peer : peers_) {
      if (peer.fd < 0) continue;
      while (static_cast<int>(peer.waiting.size()) < settings_.pipeline &&
             outcome_.sent < allowed) {
        const size_t item = next_++ % items_.size();
        peer.out += items_[item].bytes;
        peer.waiting.push_back({item, Steady::now()});
        ++outcome_.sent;
        ++outcome_.sent_by_item[item];
      }
      Write(peer);
    }
  }

  void Write(Peer& peer) {
    while (!peer.out.empty()) {
      const ssize_t n =
          send(peer.fd, peer.out.data(), peer.out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) {
        peer.out.erase(0, static_cast<size_t>(n));
      } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
      } else {
        return Close(peer);
      }
    }
  }

  void Read(Peer& peer) {
    char buffer[65536];
    while (peer.fd >= 0) {
      const ssize_t n = recv(peer.fd, buffer, sizeof(buffer), MSG_DONTWAIT);
      if (n > 0) {
        peer.in.append(buffer, static_cast<size_t>(n));
      } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        break;
      } else {
        Take(peer);
        return Close(peer);
      }
    }
    Take(peer);
  }

  void Take(Peer& peer) {
    size_t begin = 0;
    while (!peer.waiting.empty()) {
      const std::string_view rest = std::string_view(peer.in).substr(begin);
      const size_t length = AnswerLength(rest);
      if (length == 0) break;
      const Waiting& sent = peer.waiting.front();
      if (rest.starts_with("HTTP/1.1 200 ")) {
        ++outcome_.acknowledged;
        ++outcome_.acknowledged_by_item[sent.item];
        if (keep_latency_) {
          outcome_.latency_ms.push_back(
              std::chrono::duration<double, std::milli>(Steady::now() - sent.sent_at).count());
        }
      } else {
        ++outcome_.refused;
      }
      peer.waiting.pop_front();
      begin += length;
    }
    peer.in.erase(0, begin);
  }

  void Close(Peer& peer) {
    if (peer.fd < 0) return;
    close(peer.fd);
    peer.fd = -1;
    peer.waiting.clear();
    --open_;
  }

  const LoadSettings settings_;
  const std::vector<LoadItem>& items_;
  const std::atomic<bool>& stop_;
  const bool keep_latency_;
  std::vector<Peer> peers_;
  int epoll_ = -1;
  int open_ = 0;
  size_t next_ = 0;
  LoadOutcome outcome_;
};

}  // namespace

LoadOutcome RunLoad(const LoadSettings& settings, const std::vector<LoadItem>& items,
                    const std::atomic<bool>& stop, bool keep_latency) {
  return Load(settings, items, stop, keep_latency).Run();
}

std::string Exchange(uint16_t port, const std::string& request) {
  const int fd = Connect(port, false);
  if (fd < 0) return {};
  const timeval limit{30, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  std::string answer;
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
      static_cast<ssize_t>(request.size())) {
    char buffer[65536];
    while (AnswerLength(answer) == 0) {
      const ssize_t n = recv(fd, buffer, sizeof(buffer), 0);
      if (n <= 0) break;
      answer.append(buffer, static_cast<size_t>(n));
    }
  }
  close(fd);
  return answer;
}

}  // namespace pharos::e2e
