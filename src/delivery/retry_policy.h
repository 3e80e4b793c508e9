#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"

namespace pharos::delivery {

// When to try again after the `attempts`-th failed attempt: 5 s, doubling up to an hour, spread by
// up to a fifth so that a recovering receiver is not hit all at once; `retry_after_s` of the
// receiver is a lower bound. nullopt: enough, the row has failed for good (a day after its
// creation). Pure; the spread is a hash of `seed`.
std::optional<Timestamp> NextAttemptAt(int attempts, Timestamp created_at, Timestamp now,
                                       int retry_after_s, uint64_t seed);

// The same for a channel with a schedule of its own: `waits` are those after the first, second ...
// failed attempt, without any spread; nullopt once they are used up.
std::optional<Timestamp> NextAttemptAt(int attempts, const std::vector<Duration>& waits,
                                       Timestamp now, int retry_after_s);

}  // namespace pharos::delivery
