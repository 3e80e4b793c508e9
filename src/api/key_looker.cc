#include "api/key_looker.h"

#include <chrono>
#include <utility>

namespace pharos::api {
namespace {

constexpr std::chrono::milliseconds kPause(20);

}  // namespace

KeyLooker::KeyLooker(std::function<void()> look, size_t max_waiting)
    : look_(std::move(look)), max_waiting_(max_waiting), thread_([this] { Run(); }) {}

bool KeyLooker::TryAsk(std::function<void()> then) {
  std::lock_guard lock(mutex_);
  if (stopping_ || waiting_.size() >= max_waiting_) return false;
  waiting_.push_back(std::move(then));
  changed_.notify_one();
  return true;
}

void KeyLooker::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void KeyLooker::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    // Those who come from here on wait for the look after this one.
    const std::vector<std::function<void()>> served = std::exchange(waiting_, {});
    lock.unlock();
    look_();
    for (const auto& then : served) then();
    lock.lock();
    changed_.wait_for(lock, kPause, [this] { return stopping_; });
  }
}

}  // namespace pharos::api
