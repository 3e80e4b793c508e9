#include "net/poller.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace pharos::net {

Result<std::unique_ptr<Poller>> Poller::Create() {
  const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) return Error::Internal(std::string("epoll_create1: ") + std::strerror(errno));
  const int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd < 0) {
    const int error = errno;
    close(epoll_fd);
    return Error::Internal(std::string("eventfd: ") + std::strerror(error));
  }
  std::unique_ptr<Poller> poller(new Poller(epoll_fd, wake_fd));
  poller->Watch(wake_fd, 0, true, false, true);
  return poller;
}

Poller::~Poller() {
  close(wake_fd_);
  close(epoll_fd_);
}

void Poller::Watch(int fd, uint32_t tag, bool readable, bool writable, bool is_new) {
  epoll_event event{};
  event.events = (readable ? static_cast<uint32_t>(EPOLLIN) : 0u) |
                 (writable ? static_cast<uint32_t>(EPOLLOUT) : 0u);
  event.data.u64 = static_cast<uint64_t>(tag) << 32 | static_cast<uint32_t>(fd);
  if (epoll_ctl(epoll_fd_, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) == 0) return;
  // A descriptor closed and opened again under the same number changes sides.
  if (errno == EEXIST) epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event);
  if (errno == ENOENT) epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event);
}

void Poller::Forget(int fd) { epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr); }

std::span<const Poller::Ready> Poller::Wait(int timeout_ms) {
  const int count = epoll_wait(epoll_fd_, events_.data(), static_cast<int>(kBatch), timeout_ms);
  size_t used = 0;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events_[static_cast<size_t>(i)];
    const int fd = static_cast<int>(event.data.u64 & 0xffffffffu);
    if (fd == wake_fd_) {
      uint64_t ignored = 0;  // one read takes the whole count
      [[maybe_unused]] const ssize_t got = read(wake_fd_, &ignored, sizeof(ignored));
      continue;
    }
    ready_[used++] = {fd, static_cast<uint32_t>(event.data.u64 >> 32),
                      (event.events & EPOLLIN) != 0, (event.events & EPOLLOUT) != 0,
                      (event.events & (EPOLLERR | EPOLLHUP)) != 0};
  }
  return {ready_.data(), used};
}

void Poller::Wake() {
  const uint64_t one = 1;
  // The counter cannot overflow in practice, and a full counter is readable anyway.
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof(one));
}

}  // namespace pharos::net
