#include "delivery/retry_policy.h"

#include <algorithm>

namespace pharos::delivery {
namespace {

constexpr Duration kFirst = Seconds(5);
constexpr Duration kLongest = Hours(1);
constexpr Duration kGiveUpAfter = Days(1);

// A fixed mixing of the seed, so that a policy is a function of its arguments alone.
uint64_t Mix(uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

}  // namespace

std::optional<Timestamp> NextAttemptAt(int attempts, Timestamp created_at, Timestamp now,
                                       int retry_after_s, uint64_t seed) {
  const int doublings = std::clamp(attempts - 1, 0, 20);
  Duration wait = std::min(kFirst * (int64_t{1} << doublings), kLongest);
  wait +=
      wait / 5 * static_cast<int64_t>(Mix(seed + static_cast<uint64_t>(attempts)) % 1000) / 1000;
  wait = std::max(wait, Seconds(retry_after_s));
  const Timestamp next = now + wait;
  if (next - created_at > kGiveUpAfter) return std::nullopt;
  return next;
}

std::optional<Timestamp> NextAttemptAt(int attempts, const std::vector<Duration>& waits,
                                       Timestamp now, int retry_after_s) {
  if (attempts < 1 || static_cast<size_t>(attempts) > waits.size()) return std::nullopt;
  return now + std::max(waits[static_cast<size_t>(attempts) - 1], Seconds(retry_after_s));
}

}  // namespace pharos::delivery
