#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/time_zone.h"

namespace pharos::rules {

// A recurrence rule of RFC 5545 (with BYEASTER), read from its text. Lists are sorted and hold
// possible values only.
struct Recurrence {
  enum class Frequency : uint8_t {
    kSecondly,
    kMinutely,
    kHourly,
    kDaily,
    kWeekly,
    kMonthly,
    kYearly,
  };
  // "1SU", "-1FR", or "MO" (nth = 0).
  struct Weekday {
    int nth = 0;
    unsigned weekday = 0;  // 0 = Sunday
  };
  struct Until {
    CivilDate date;
    int second_of_day = 0;
    bool utc = false;  // otherwise wall time of the rule's zone
  };

  Frequency frequency = Frequency::kYearly;
  int64_t interval = 1;
  std::optional<int64_t> count;
  std::optional<Until> until;
  unsigned week_start = 1;  // 0 = Sunday
  std::vector<int> by_month;
  std::vector<int> by_month_day;
  std::vector<int> by_year_day;
  std::vector<int> by_week_number;
  std::vector<int> by_easter;  // days after Easter Sunday
  std::vector<int> by_hour;
  std::vector<int> by_minute;
  std::vector<int> by_second;
  std::vector<int> by_set_position;
  std::vector<Weekday> by_day;
  // Accepted, but it names nothing that exists ("BYMONTH=13", "COUNT=0"): no occurrence ever.
  bool never = false;

  bool IsOnce() const { return count == 1; }
};

// Accepts and refuses what kener-v4.md 10.2 lists; blanks may follow, not precede. Error: kInvalid.
Result<Recurrence> ParseRecurrence(std::string_view text);

// Occurrences in [from, to], ascending, at most `max`. The rule begins at `dtstart` (whole seconds;
// an occurrence only when the rule meets it) and keeps the wall time of `time_zone` (IANA, empty =
// UTC): a wall time that is skipped is read with the offset before the gap, one that comes twice is
// the first. Hourly and finer rules step in elapsed time. The work is bounded: nothing is found
// beyond 100 years after `from`, and after 200,000 steps (days, or periods below a day) it is given
// up.
std::vector<Timestamp> OccurrencesFrom(const Recurrence& rule, Timestamp dtstart,
                                       std::string_view time_zone, Timestamp from, Timestamp to,
                                       size_t max);

}  // namespace pharos::rules
