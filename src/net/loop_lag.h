#pragma once

#include <time.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/clock.h"

namespace pharos::net {

// How much of its time an event loop lost because the process was stopped, the machine slept or the
// processor was busy with others (architecture D17): what happens to an exchange in such time is
// not its target's doing. The loop waits in short slices while something is under way, so that a
// wait that took longer than asked for tells. Belongs to the loop's thread.
class LoopLag {
 public:
  // The longest wait while something is under way.
  static constexpr Duration kSlice = Milliseconds(10);

  // The loop is about to wait for at most `wait`.
  void BeforeWait(MonotonicTime now, Duration wait) {
    lost_ += LostInTurn(now);
    turn_.reset();
    wait_began_ = now;
    wait_ = wait;
  }
  void AfterWait(MonotonicTime now) {
    const Duration over = now - wait_began_ - wait_;
    if (over > kWaitGrace) lost_ += over;
    turn_ = Turn{now, ThreadCpu()};
  }
  // Since the loop began. A turn under way counts as far as it has come.
  Duration Lost(MonotonicTime now) const { return lost_ + LostInTurn(now); }

  // Whether so much lost time explains that an exchange with this time-out failed.
  static bool Explains(Duration lost, Duration timeout) {
    return lost >= kLeastLost && lost >= timeout / 4;
  }
  static std::string Message(Duration lost) {
    const int64_t tenths = (lost.count() + 50'000) / 100'000;
    return "Monitor was blind: this server was paused or overloaded for " +
           std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s of the check";
  }

 private:
  // What a scheduler may well add to any wait.
  static constexpr Duration kWaitGrace = Milliseconds(5);
  // Work of the loop itself is no loss, unless it keeps the loop from looking for so long.
  static constexpr Duration kLongTurn = Milliseconds(100);
  static constexpr Duration kLeastLost = Milliseconds(250);

  struct Turn {
    MonotonicTime began;
    Duration cpu;
  };
  static Duration ThreadCpu() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return Seconds(t.tv_sec) + Duration(t.tv_nsec / 1000);
  }
  Duration LostInTurn(MonotonicTime now) const {
    if (!turn_ || now - turn_->began < Milliseconds(1)) return Duration::zero();
    const Duration wall = now - turn_->began;
    const Duration work = ThreadCpu() - turn_->cpu;
    return std::max(Duration::zero(), wall - std::min(work, kLongTurn));
  }

  Duration lost_{};
  std::optional<Turn> turn_;
  MonotonicTime wait_began_{};
  Duration wait_{};
};

}  // namespace pharos::net
