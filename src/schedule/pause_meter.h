#pragma once

#include <algorithm>
#include <atomic>
#include <string>

#include "base/clock.h"

namespace pharos::schedule {

// How long this process did not run although the scheduler's loop was to be awake: stopped, asleep
// with the machine, or without a processor. In real time, whatever clock the rest is given. The
// loop calls Expect and Woke; Lost is thread-safe, and tells of a pause also to those who wake up
// from it before the loop does.
class PauseMeter {
 public:
  // The loop waits until then at the latest.
  void Expect(Duration wait) { until_ = Count(Now() + wait); }
  void Woke() {
    const int64_t now = Count(Now());
    lost_ += Over(now);
    until_ = now + Seconds(1).count();  // it does not work for longer at a stretch
  }
  // Altogether since the start.
  Duration Lost() const { return Duration(lost_ + Over(Count(Now()))); }

  // Whether so much lost time during a check explains that it found its target down.
  static bool Explains(Duration lost, Duration timeout) {
    return lost >= std::max<Duration>(Seconds(1), timeout / 4);
  }
  static std::string Message(Duration lost) {
    return "Monitor was blind: this server was paused or overloaded for " +
           std::to_string(lost / Seconds(1)) + " s during the check";
  }

 private:
  static constexpr int64_t kGraceUs = 100'000;

  MonotonicTime Now() const { return clock_.Monotonic(); }
  static int64_t Count(MonotonicTime t) { return t.time_since_epoch().count(); }
  int64_t Over(int64_t now) const {
    const int64_t over = now - until_;
    return over > kGraceUs ? over : 0;
  }

  const SystemClock clock_;
  std::atomic<int64_t> lost_{0};
  std::atomic<int64_t> until_{INT64_MAX / 2};
};

}  // namespace pharos::schedule
