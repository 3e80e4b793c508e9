#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "probe/probe.h"

namespace pharos::cli {

// The timer of a single check outside a server: one thread per wait, of which there are as many as
// retries (at most five), ended at destruction.
class RetryTimer : public probe::Timer {
 public:
  ~RetryTimer() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  void After(Duration delay, std::function<void()> call) override {
    std::lock_guard lock(mutex_);
    threads_.emplace_back([this, delay, call = std::move(call)] {
      {
        std::unique_lock wait_lock(mutex_);
        wake_.wait_for(wait_lock, delay, [&] { return stopping_; });
        if (stopping_) return;
      }
      call();
    });
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace pharos::cli
