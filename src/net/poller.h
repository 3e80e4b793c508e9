#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"

namespace pharos::net {

// epoll with a wake-up descriptor. Wake() is thread-safe; everything else belongs to one thread.
class Poller {
 public:
  struct Ready {
    int fd = -1;
    uint32_t tag = 0;  // as given to Watch
    bool readable = false;
    bool writable = false;
    bool failed = false;  // error or hang-up
  };

  // Error: kInternal when the process is out of descriptors.
  static Result<std::unique_ptr<Poller>> Create();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Starts watching or changes what is watched for.
  void Watch(int fd, uint32_t tag, bool readable, bool writable, bool is_new);
  void Forget(int fd);
  // Waits at most `timeout_ms` (-1 = until something happens). The answer lives until the next
  // call.
  std::span<const Ready> Wait(int timeout_ms);
  void Wake();

 private:
  Poller(int epoll_fd, int wake_fd) : epoll_fd_(epoll_fd), wake_fd_(wake_fd) {}

  static constexpr size_t kBatch = 256;
  const int epoll_fd_;
  const int wake_fd_;
  std::array<epoll_event, kBatch> events_{};
  std::array<Ready, kBatch> ready_{};
};

}  // namespace pharos::net
