#pragma once

#include <mutex>
#include <shared_mutex>
#include <utility>

namespace pharos {

// Data that several threads share, and its lock, as one object: the data cannot be touched without
// the lock. Keep the function short: no network, no file, no callback to strangers under a lock.
template <class T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  template <class F>
  decltype(auto) Read(F&& f) const {
    std::shared_lock lock(mutex_);
    return std::forward<F>(f)(static_cast<const T&>(value_));
  }
  template <class F>
  decltype(auto) Write(F&& f) {
    std::unique_lock lock(mutex_);
    return std::forward<F>(f)(value_);
  }

 private:
  mutable std::shared_mutex mutex_;
  T value_;
};

}  // namespace pharos
