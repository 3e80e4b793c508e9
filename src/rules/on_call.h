#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/time_zone.h"

namespace pharos::rules {

// People who take turns. Turns change at a local time of day, so a week with a change of the clock
// is still a week.
struct OnCallLayer {
  std::vector<std::string> people;
  std::string time_zone;   // IANA name; empty = UTC
  CivilDate first_day;     // on which the first person begins
  int handoff_second = 0;  // local second of the day at which turns change
  int turn_hours = 168;    // 24 = daily, 168 = weekly
  // Local hours of the day in which the layer counts, [from, to); to <= from passes midnight; equal
  // = always. For support that follows the sun.
  int from_second = 0;
  int to_second = 0;
  std::vector<unsigned> weekdays;  // 0 = Sunday; empty = every day
};

// Somebody stands in.
struct OnCallOverride {
  std::string person;
  Timestamp from{};
  Timestamp to{};
};

struct OnCallPlan {
  std::vector<OnCallLayer> layers;  // the first one that counts at the time decides
  std::vector<OnCallOverride> overrides;
};

// Who is on call at `at`: the last override that covers it, else by the layers; nullopt when nobody
// is. Pure.
std::optional<std::string> OnCallAt(const OnCallPlan& plan, Timestamp at);

}  // namespace pharos::rules
