#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace pharos::api {

// What a counted request may know of its budget.
struct RateDecision {
  bool allowed = true;
  int limit = 0;
  int remaining = 0;       // after this request
  int64_t reset_unix = 0;  // when the window ends
  int retry_after_s = 0;   // at least 1 when refused
};

// Fixed windows of a minute, aligned to the clock's minute (kodo.md 3). Counts per caller: a text
// made of dialect, class and key or client address. Refused requests do not count. The table holds
// only callers of the running minute and at most `max_callers` of them; when more come, the rest
// share one counter, so that inventing addresses buys nothing. Thread-safe.
class RateLimiter {
 public:
  explicit RateLimiter(const Clock& clock, size_t max_callers = 100'000)
      : clock_(clock), max_callers_(max_callers) {}

  // Counts one request against `per_minute`, which must be above 0.
  RateDecision Count(std::string_view caller, int per_minute);

  size_t SizeForTest() const;

 private:
  const Clock& clock_;
  const size_t max_callers_;
  mutable std::mutex mutex_;
  int64_t minute_ = INT64_MIN;
  std::unordered_map<std::string, int> counts_;
};

}  // namespace pharos::api
