#pragma once

#include <chrono>

#include "base/time.h"

namespace pharos {

using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;

// Time as a dependency. Wall time is for due times and display, monotonic time for measuring.
// Thread-safe. The only place in Pharos that asks the system for the time is SystemClock.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp Now() const = 0;
  virtual MonotonicTime Monotonic() const = 0;
};

class SystemClock : public Clock {
 public:
  Timestamp Now() const override;
  MonotonicTime Monotonic() const override;
};

}  // namespace pharos
