#pragma once

#include <cstdint>

#include "base/time_zone.h"

namespace pharos {

// Proleptic Gregorian calendar arithmetic over days since 1970-01-01, right for every day that a
// Timestamp can name (std::chrono::year ends at 32767).
constexpr int64_t DaysFromCivil(CivilDate date) {
  const int64_t y = int64_t{date.year} - (date.month <= 2 ? 1 : 0);
  const int64_t era = FloorDiv(y, 400);
  const int64_t year_of_era = y - era * 400;
  const int64_t shifted_month = (int64_t{date.month} + 9) % 12;  // March = 0
  const int64_t day_of_year = (153 * shifted_month + 2) / 5 + int64_t{date.day} - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

constexpr CivilDate CivilFromDays(int64_t days) {
  const int64_t z = days + 719468;
  const int64_t era = FloorDiv(z, 146097);
  const int64_t day_of_era = z - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return {static_cast<int>(year), static_cast<unsigned>(month),
          static_cast<unsigned>(day_of_year - (153 * shifted_month + 2) / 5 + 1)};
}

// 0 = Sunday.
constexpr unsigned WeekdayOf(CivilDate date) {
  const int64_t shifted = DaysFromCivil(date) + 4;  // 1970-01-01 was a Thursday
  return static_cast<unsigned>(shifted - FloorDiv(shifted, 7) * 7);
}

constexpr unsigned DaysInMonth(int year, unsigned month) {
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (month == 2) return leap ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

}  // namespace pharos
