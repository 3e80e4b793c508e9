#pragma once

#include <atomic>

#include "base/clock.h"

namespace pharos {

// A clock that moves only when told to; wall and monotonic time advance together unless the test
// jumps the wall clock alone. Thread-safe.
class FakeClock : public Clock {
 public:
  explicit FakeClock(Timestamp start = FromUnixSeconds(1'750'000'020))
      : wall_(ToUnixMicros(start)) {}
  Timestamp Now() const override { return FromUnixMicros(wall_.load()); }
  MonotonicTime Monotonic() const override { return MonotonicTime(Duration(mono_.load())); }
  void Advance(Duration d) {
    wall_ += d.count();
    mono_ += d.count();
  }
  void JumpWallTo(Timestamp t) { wall_ = ToUnixMicros(t); }

 private:
  std::atomic<int64_t> wall_;
  std::atomic<int64_t> mono_{1'000'000'000};
};

}  // namespace pharos
