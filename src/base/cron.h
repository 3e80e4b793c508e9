#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace pharos {

// A cron expression: 5 fields (minute hour day-of-month month day-of-week) or 6 with seconds first.
// Lists, ranges, steps, names (JAN, MON), '?' as '*', 7 as Sunday; @hourly, @daily and the like.
// When both day fields are restricted, either may match, as in Vixie cron. Immutable, thread-safe.
class CronExpression {
 public:
  // Errors: kInvalid with a message that names the bad field ("minute: 61 is out of 0-59").
  static Result<CronExpression> Parse(std::string_view text);

  // The first matching time strictly after `t`, reading the fields in the time zone `zone` (an IANA
  // name; empty = UTC). Local times that a forward clock change skips are skipped; those that occur
  // twice fire once, unless every hour matches: then both passes count, so that an expression like
  // "each minute" has no gap. nullopt when nothing matches within eight years (for example 31
  // February).
  std::optional<Timestamp> NextAfter(Timestamp t, std::string_view zone = {}) const;

  // True when it matches more than once within a minute.
  bool HasSeconds() const { return has_seconds_; }

 private:
  bool MatchesDay(int year, unsigned month, unsigned day) const;

  std::bitset<60> seconds_;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  bool has_seconds_ = false;
  bool any_day_ = false;
  bool any_weekday_ = false;
};

}  // namespace pharos
