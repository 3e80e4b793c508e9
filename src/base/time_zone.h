#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace pharos {

// True for an IANA name that the system's database has ("Europe/Berlin", "UTC").
bool IsTimeZone(std::string_view name);
// Seconds east of UTC in `zone` at `t`; 0 for an unknown zone.
int UtcOffsetSeconds(std::string_view zone, Timestamp t);

// A calendar date without zone.
struct CivilDate {
  int year = 1970;
  unsigned month = 1;
  unsigned day = 1;
  auto operator<=>(const CivilDate&) const = default;
};
CivilDate LocalDate(std::string_view zone, Timestamp t);
// The instant at which that local day begins (the first existing local time of it).
Timestamp StartOfLocalDay(std::string_view zone, CivilDate date);
CivilDate AddDays(CivilDate date, int days);
// "2026-03-04"
std::string FormatDate(CivilDate date);

// The instant of a local wall-clock time; when it occurs twice the first, when it is skipped
// nullopt. Used by cron.
struct LocalTime {
  CivilDate date;
  int second_of_day = 0;
};
std::optional<Timestamp> ToInstant(std::string_view zone, const LocalTime& local);

}  // namespace pharos
