#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace pharos {

// Waits for one value that another thread hands over once. May live on the waiter's stack: Set has
// let go of it before Take returns, which std::promise does not promise. Thread-safe.
template <class T>
class OneShot {
 public:
  // Called once.
  void Set(T value) {
    std::lock_guard lock(mutex_);
    value_.emplace(std::move(value));
    ready_.notify_one();
  }
  // Blocks until the value is there. Called once.
  T Take() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return value_.has_value(); });
    return std::move(*value_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::optional<T> value_;
};

}  // namespace pharos
