#include "base/time_zone.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <exception>

#include "base/civil.h"

namespace pharos {
namespace {

constexpr int64_t kSecondsPerDay = 86400;

// UTC must work on a system without a time zone database, and without its cost.
bool IsUtc(std::string_view name) { return name.empty() || name == "UTC" || name == "Etc/UTC"; }

// nullptr for UTC and for unknown names. The database is read once by the library, and zones live
// as long as the process; a name is looked up by binary search.
const date::time_zone* FindZone(std::string_view name) {
  if (IsUtc(name)) return nullptr;
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
    return nullptr;
  }
}

date::sys_seconds ToSysSeconds(Timestamp t) {
  return date::sys_seconds(std::chrono::seconds(ToUnixSeconds(t)));
}

int64_t OffsetAt(const date::time_zone* zone, Timestamp t) {
  if (zone == nullptr) return 0;
  try {
    return zone->get_info(ToSysSeconds(t)).offset.count();
  } catch (const std::exception&) {  // an unreadable zone file
    return 0;
  }
}

struct LocalMatch {
  int64_t first = 0;   // Unix seconds of the first occurrence, or of the change that skips it
  bool exists = true;  // false inside a forward clock change
};

LocalMatch MatchLocal(std::string_view name, int64_t local_seconds) {
  const date::time_zone* zone = FindZone(name);
  if (zone == nullptr) return {local_seconds, true};
  try {
    const date::local_info info =
        zone->get_info(date::local_seconds(std::chrono::seconds(local_seconds)));
    if (info.result == date::local_info::nonexistent) {
      return {info.first.end.time_since_epoch().count(), false};
    }
    return {local_seconds - info.first.offset.count(), true};
  } catch (const std::exception&) {
    return {local_seconds, true};
  }
}

}  // namespace

bool IsTimeZone(std::string_view name) {
  return !name.empty() && (IsUtc(name) || FindZone(name) != nullptr);
}

int UtcOffsetSeconds(std::string_view zone, Timestamp t) {
  return static_cast<int>(OffsetAt(FindZone(zone), t));
}

CivilDate LocalDate(std::string_view zone, Timestamp t) {
  return CivilFromDays(FloorDiv(ToUnixSeconds(t) + OffsetAt(FindZone(zone), t), kSecondsPerDay));
}

Timestamp StartOfLocalDay(std::string_view zone, CivilDate date) {
  return FromUnixSeconds(MatchLocal(zone, DaysFromCivil(date) * kSecondsPerDay).first);
}

CivilDate AddDays(CivilDate date, int days) { return CivilFromDays(DaysFromCivil(date) + days); }

std::string FormatDate(CivilDate date) {
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

std::optional<Timestamp> ToInstant(std::string_view zone, const LocalTime& local) {
  const LocalMatch match =
      MatchLocal(zone, DaysFromCivil(local.date) * kSecondsPerDay + local.second_of_day);
  if (!match.exists) return std::nullopt;
  return FromUnixSeconds(match.first);
}

}  // namespace pharos
