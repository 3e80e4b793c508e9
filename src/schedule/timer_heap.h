#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "base/clock.h"

namespace pharos::schedule {

// Calls that are to be made later, ordered by monotonic time. Not thread-safe.
class TimerHeap {
 public:
  void Add(MonotonicTime at, std::function<void()> call) {
    heap_.push({at, ++order_, std::move(call)});
  }
  bool IsEmpty() const { return heap_.empty(); }
  MonotonicTime NextAt() const { return heap_.top().at; }
  // Takes every call that is due at `now`.
  std::vector<std::function<void()>> TakeDue(MonotonicTime now) {
    std::vector<std::function<void()>> due;
    while (!heap_.empty() && heap_.top().at <= now) {
      due.push_back(heap_.top().call);
      heap_.pop();
    }
    return due;
  }

 private:
  struct Entry {
    MonotonicTime at;
    uint64_t order;
    std::function<void()> call;
    bool operator>(const Entry& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
  uint64_t order_ = 0;
};

}  // namespace pharos::schedule
