#include "api/kener_v4/times.h"

#include <algorithm>
#include <cmath>

#include "api/kener/js.h"
#include "base/json.h"

namespace pharos::api::kener_v4 {
namespace {

// JavaScript's last date, in seconds.
constexpr double kLastDateS = 8.64e12;
constexpr double kFirstStoredS = -62'167'219'200;  // year 0
constexpr double kLastStoredS = 253'402'300'799;   // end of the year 9999

}  // namespace

std::optional<int64_t> MinuteStart(double seconds) {
  if (!(std::abs(seconds) <= kLastDateS)) return std::nullopt;
  return static_cast<int64_t>(std::floor(seconds / 60.0)) * 60;
}

std::optional<Timestamp> MinuteInstant(double seconds) {
  if (!(seconds >= kFirstStoredS && seconds <= kLastStoredS)) return std::nullopt;
  return FromUnixSeconds(*MinuteStart(seconds));
}

std::optional<Timestamp> LooseInstant(const Value& value) {
  const auto number = kener::ToNumber(value);
  return number ? MinuteInstant(*number) : std::nullopt;
}

Timestamp QueryInstant(double seconds) {
  return FromUnixSeconds(static_cast<int64_t>(std::clamp(seconds, kFirstStoredS, kLastStoredS)));
}

std::string NumberText(double number) {
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  std::string text;
  AppendJsonNumber(text, number);
  return text;
}

std::string ShownTime(Timestamp at) { return FormatIsoMillis(FloorTo(at, Seconds(1))); }

}  // namespace pharos::api::kener_v4
