#pragma once

#include <algorithm>
#include <optional>

#include "base/clock.h"
#include "base/time.h"

namespace pharos::page {

// Decides when the page is built again. Pure: told what happens and when, says when the next build
// is due. Changes of a status, monitor, incident or setting show after `min_rebuild`; a mere new
// sample, which moves only figures, may wait ten times as long. Building never takes more than
// about a tenth (for changes a third) of the time, however large the site is.
class RebuildPlan {
 public:
  explicit RebuildPlan(Duration min_rebuild) : min_rebuild_(min_rebuild) {}

  void Touch(bool visible_change) {
    touched_ = true;
    changed_ = changed_ || visible_change;
  }
  // Who may see what has changed: the next build is due at once, though not more often than ten
  // times a second.
  void TouchAccess() {
    Touch(true);
    urgent_ = true;
  }

  // When the next build is due; the first one at once.
  MonotonicTime DueAt() const {
    if (!last_start_) return MonotonicTime{};
    MonotonicTime due = *last_start_ + std::max<Duration>(kAtLeastEvery, last_took_ * 10);
    if (touched_) due = std::min(due, *last_start_ + Wait(10, 10));
    if (changed_) due = std::min(due, *last_start_ + Wait(1, 3));
    if (urgent_) due = std::min(due, *last_start_ + std::max<Duration>(kAtMostEvery, last_took_));
    return due;
  }

  // Touches that arrive while a build runs count for the next one.
  void Started(MonotonicTime now) {
    last_start_ = now;
    touched_ = changed_ = urgent_ = false;
  }
  void Finished(MonotonicTime now) { last_took_ = now - *last_start_; }
  // A failed build leaves everything as touched as it was.
  void Failed(MonotonicTime now) {
    Finished(now);
    Touch(true);
  }

 private:
  static constexpr Duration kAtLeastEvery = Minutes(1);
  static constexpr Duration kAtMostEvery = Milliseconds(100);

  Duration Wait(int factor, int share) const {
    return std::max<Duration>(min_rebuild_ * factor, last_took_ * share);
  }

  Duration min_rebuild_;
  std::optional<MonotonicTime> last_start_;
  Duration last_took_{};
  bool touched_ = false;
  bool changed_ = false;
  bool urgent_ = false;
};

}  // namespace pharos::page
