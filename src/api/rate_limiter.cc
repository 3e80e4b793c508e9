#include "api/rate_limiter.h"

#include <algorithm>

namespace pharos::api {
namespace {

constexpr std::string_view kOverflow = "\x01overflow";

}  // namespace

RateDecision RateLimiter::Count(std::string_view caller, int per_minute) {
  const int64_t now_s = ToUnixSeconds(clock_.Now());
  const int64_t minute = FloorDiv(now_s, 60);
  RateDecision decision;
  decision.limit = per_minute;
  decision.reset_unix = (minute + 1) * 60;
  std::lock_guard lock(mutex_);
  if (minute != minute_) {
    minute_ = minute;
    counts_.clear();
  }
  auto it = counts_.find(std::string(caller));
  if (it == counts_.end()) {
    const bool fits = counts_.size() < max_callers_;
    it = counts_.try_emplace(std::string(fits ? caller : kOverflow), 0).first;
  }
  int& used = it->second;
  decision.allowed = used < per_minute;
  if (decision.allowed) ++used;
  decision.remaining = std::max(0, per_minute - used);
  decision.retry_after_s =
      decision.allowed ? 0 : static_cast<int>(std::max<int64_t>(1, decision.reset_unix - now_s));
  return decision;
}

size_t RateLimiter::SizeForTest() const {
  std::lock_guard lock(mutex_);
  return counts_.size();
}

}  // namespace pharos::api
