#include "rules/on_call.h"

#include <algorithm>

#include "base/civil.h"

namespace pharos::rules {
namespace {

constexpr int64_t kDay = 86'400;

bool Covers(const OnCallLayer& layer, int64_t local) {
  const int64_t day = FloorDiv(local, kDay);
  if (!layer.weekdays.empty()) {
    const unsigned weekday = WeekdayOf(CivilFromDays(day));
    if (std::find(layer.weekdays.begin(), layer.weekdays.end(), weekday) == layer.weekdays.end()) {
      return false;
    }
  }
  if (layer.from_second == layer.to_second) return true;
  const int64_t second = local - day * kDay;
  if (layer.from_second < layer.to_second) {
    return second >= layer.from_second && second < layer.to_second;
  }
  return second >= layer.from_second || second < layer.to_second;
}

std::optional<std::string> ByTurns(const OnCallLayer& layer, Timestamp at) {
  if (layer.people.empty() || layer.turn_hours <= 0) return std::nullopt;
  const std::string zone = layer.time_zone.empty() ? std::string("UTC") : layer.time_zone;
  const int64_t local = ToUnixSeconds(at) + UtcOffsetSeconds(zone, at);
  if (!Covers(layer, local)) return std::nullopt;
  const int64_t start = DaysFromCivil(layer.first_day) * kDay + layer.handoff_second;
  if (local < start) return std::nullopt;
  const int64_t turn = (local - start) / (int64_t{layer.turn_hours} * 3600);
  return layer.people[static_cast<size_t>(turn % static_cast<int64_t>(layer.people.size()))];
}

}  // namespace

std::optional<std::string> OnCallAt(const OnCallPlan& plan, Timestamp at) {
  for (auto it = plan.overrides.rbegin(); it != plan.overrides.rend(); ++it) {
    if (it->from <= at && at < it->to) return it->person;
  }
  for (const OnCallLayer& layer : plan.layers) {
    if (auto person = ByTurns(layer, at)) return person;
  }
  return std::nullopt;
}

}  // namespace pharos::rules
