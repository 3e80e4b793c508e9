#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pharos {

// The one inner time: microseconds since the Unix epoch, UTC (architecture D11).
using Duration = std::chrono::microseconds;
using Timestamp = std::chrono::sys_time<Duration>;

constexpr Duration Milliseconds(int64_t n) { return std::chrono::milliseconds(n); }
constexpr Duration Seconds(int64_t n) { return std::chrono::seconds(n); }
constexpr Duration Minutes(int64_t n) { return std::chrono::minutes(n); }
constexpr Duration Hours(int64_t n) { return std::chrono::hours(n); }
constexpr Duration Days(int64_t n) { return std::chrono::hours(24 * n); }

constexpr Timestamp FromUnixSeconds(int64_t s) { return Timestamp(Seconds(s)); }
constexpr Timestamp FromUnixMillis(int64_t ms) { return Timestamp(Milliseconds(ms)); }
constexpr Timestamp FromUnixMicros(int64_t us) { return Timestamp(Duration(us)); }
constexpr int64_t ToUnixMicros(Timestamp t) { return t.time_since_epoch().count(); }
constexpr int64_t FloorDiv(int64_t a, int64_t b) {
  return a / b - ((a % b != 0 && ((a < 0) != (b < 0))) ? 1 : 0);
}
constexpr int64_t ToUnixMillis(Timestamp t) { return FloorDiv(ToUnixMicros(t), 1000); }
constexpr int64_t ToUnixSeconds(Timestamp t) { return FloorDiv(ToUnixMicros(t), 1000000); }

// The largest multiple of `step` not after t; right for times before 1970 too.
constexpr Timestamp FloorTo(Timestamp t, Duration step) {
  return Timestamp(Duration(FloorDiv(ToUnixMicros(t), step.count()) * step.count()));
}
constexpr Timestamp FloorToMinute(Timestamp t) { return FloorTo(t, Minutes(1)); }
constexpr double ToMillis(Duration d) { return static_cast<double>(d.count()) / 1000.0; }

// "2026-03-04T05:06:07.000Z"
std::string FormatIsoMillis(Timestamp t);
// "2026-03-04T05:06:07Z"
std::string FormatIsoSeconds(Timestamp t);
// "2026-03-04 05:06:07" (UTC)
std::string FormatSqlSeconds(Timestamp t);
// "Wed, 04 Mar 2026 05:06:07 GMT", the HTTP date form
std::string FormatHttpDate(Timestamp t);
// Accepts the ISO forms above with or without fraction, with Z or a numeric offset.
Result<Timestamp> ParseIso(std::string_view text);
// "90d", "12h", "30m", "45s"; error names what is wrong.
Result<Duration> ParseDuration(std::string_view text);

}  // namespace pharos
