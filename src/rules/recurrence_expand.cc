#include <algorithm>
#include <limits>
#include <utility>

#include "base/civil.h"
#include "rules/recurrence.h"

// Expansion follows the definition in RFC 5545 3.3.10: of each period of the frequency the days
// that all by-parts allow, times the times of day, of these the positions asked for.

namespace pharos::rules {
namespace {

using Frequency = Recurrence::Frequency;

constexpr int64_t kDaySeconds = 86'400;
constexpr int64_t kMaxSteps = 200'000;
// Of all periods together: every second of a day is 86,400 of them.
constexpr int64_t kMaxCandidates = 1'000'000;
constexpr int64_t kMaxSpanSeconds = 100 * 366 * kDaySeconds;

bool Has(const std::vector<int>& list, int64_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// Seconds of wall time since 1970 of an instant, and back.
class Zone {
 public:
  explicit Zone(std::string_view name) : name_(name == "UTC" ? std::string_view() : name) {}

  int64_t ToWall(int64_t instant) const {
    if (name_.empty()) return instant;
    return instant + UtcOffsetSeconds(name_, FromUnixSeconds(instant));
  }
  int64_t ToInstant(int64_t wall) const {
    if (name_.empty()) return wall;
    const int64_t day = FloorDiv(wall, kDaySeconds);
    const auto found =
        pharos::ToInstant(name_, {CivilFromDays(day), static_cast<int>(wall - day * kDaySeconds)});
    if (found) return ToUnixSeconds(*found);
    // Skipped: the offset of the day before is the one before the gap.
    return wall - UtcOffsetSeconds(name_, FromUnixSeconds(wall - kDaySeconds));
  }

 private:
  std::string_view name_;
};

// Which days of the calendar the by-parts of a rule allow.
class DayFilter {
 public:
  explicit DayFilter(const Recurrence& rule)
      : rule_(rule), nth_counts_(rule.frequency >= Frequency::kMonthly) {}

  bool Allows(int64_t day) const {
    const CivilDate date = CivilFromDays(day);
    if (!rule_.by_month.empty() && !Has(rule_.by_month, date.month)) return false;
    if (!rule_.by_month_day.empty() && !AllowsMonthDay(date)) return false;
    if (!rule_.by_year_day.empty() && !AllowsYearDay(day, date.year)) return false;
    if (!rule_.by_day.empty() && !AllowsWeekday(day, date)) return false;
    if (!rule_.by_week_number.empty() && !AllowsWeek(day)) return false;
    return rule_.by_easter.empty() || Has(rule_.by_easter, day - Easter(date.year));
  }

 private:
  static int64_t YearStart(int year) { return DaysFromCivil({year, 1, 1}); }

  bool AllowsMonthDay(const CivilDate& date) const {
    const int length = static_cast<int>(DaysInMonth(date.year, date.month));
    const int number = static_cast<int>(date.day);
    return Has(rule_.by_month_day, number) || Has(rule_.by_month_day, number - length - 1);
  }

  bool AllowsYearDay(int64_t day, int year) const {
    const int64_t number = day - YearStart(year) + 1;
    return Has(rule_.by_year_day, number) || Has(rule_.by_year_day, day - YearStart(year + 1));
  }

  // "1SU" counts in the month for monthly rules and for yearly ones with months, else in the year.
  bool AllowsWeekday(int64_t day, const CivilDate& date) const {
    const unsigned weekday = WeekdayOf(date);
    const bool in_year = rule_.frequency == Frequency::kYearly && rule_.by_month.empty();
    const int64_t first = in_year ? YearStart(date.year) : day - date.day + 1;
    const int64_t last =
        in_year ? YearStart(date.year + 1) - 1 : first + DaysInMonth(date.year, date.month) - 1;
    return std::any_of(rule_.by_day.begin(), rule_.by_day.end(), [&](const auto& wanted) {
      if (wanted.weekday != weekday) return false;
      if (wanted.nth == 0 || !nth_counts_) return true;
      return wanted.nth > 0 ? (day - first) / 7 + 1 == wanted.nth
                            : -((last - day) / 7 + 1) == wanted.nth;
    });
  }

  // Weeks belong to the year that has most of their days.
  bool AllowsWeek(int64_t day) const {
    const unsigned weekday = WeekdayOf(CivilFromDays(day));
    const int64_t middle = day - (weekday + 7 - rule_.week_start) % 7 + 3;
    const int year = CivilFromDays(middle).year;
    const int64_t number = (middle - YearStart(year)) / 7 + 1;
    const int64_t from_end = -((YearStart(year + 1) - 1 - middle) / 7 + 1);
    return Has(rule_.by_week_number, number) || Has(rule_.by_week_number, from_end);
  }

  // Gregorian Easter Sunday, by the "anonymous" computus.
  static int64_t Easter(int year) {
    const int a = year % 19, b = year / 100, c = year % 100;
    const int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    const int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    const int m = (a + 11 * h + 22 * l) / 451;
    const int n = h + l - 7 * m + 114;
    return DaysFromCivil({year, static_cast<unsigned>(n / 31), static_cast<unsigned>(n % 31 + 1)});
  }

  const Recurrence& rule_;
  const bool nth_counts_;
};

// Takes occurrences in ascending order until enough are found.
class Collector {
 public:
  Collector(const Recurrence& rule, const Zone& zone, int64_t dtstart, int64_t from, int64_t to,
            size_t max)
      : dtstart_(dtstart),
        from_(from),
        max_(max),
        left_(rule.count.value_or(std::numeric_limits<int64_t>::max())),
        last_(to) {
    if (rule.until) {
      const int64_t wall =
          DaysFromCivil(rule.until->date) * kDaySeconds + rule.until->second_of_day;
      last_ = std::min(last_, rule.until->utc ? wall : zone.ToInstant(wall));
    }
  }

  // False when nothing more is wanted.
  bool Offer(int64_t at) {
    if (at < dtstart_) return true;
    if (at > last_ || left_ <= 0) return false;
    --left_;
    if (at >= from_) found_.push_back(FromUnixSeconds(at));
    return found_.size() < max_ && left_ > 0;
  }
  // Leaves out `n` occurrences that lie before `from`.
  void Skip(int64_t n) { left_ -= n; }
  int64_t last() const { return last_; }
  std::vector<Timestamp> Take() { return std::move(found_); }

 private:
  const int64_t dtstart_;
  const int64_t from_;
  const size_t max_;
  int64_t left_;
  int64_t last_;
  std::vector<Timestamp> found_;
};

// Of a period's candidates those at the positions asked for; all when none are.
std::vector<int64_t> AtPositions(const Recurrence& rule, std::vector<int64_t> candidates) {
  if (rule.by_set_position.empty()) return candidates;
  std::vector<int64_t> chosen;
  const auto size = static_cast<int64_t>(candidates.size());
  for (const int position : rule.by_set_position) {
    const int64_t index = position > 0 ? position - 1 : size + position;
    if (index >= 0 && index < size) chosen.push_back(candidates[static_cast<size_t>(index)]);
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

std::vector<int> OrOne(const std::vector<int>& list, int64_t fallback) {
  return list.empty() ? std::vector<int>{static_cast<int>(fallback)} : list;
}

// Days, weeks, months and years.
class CalendarExpansion {
 public:
  CalendarExpansion(const Recurrence& rule, const Zone& zone, int64_t dtstart)
      : rule_(WithDefaults(rule, zone.ToWall(dtstart))),
        zone_(zone),
        filter_(rule_),
        start_(zone.ToWall(dtstart)) {
    const int64_t second = start_ - FloorDiv(start_, kDaySeconds) * kDaySeconds;
    for (const int hour : OrOne(rule_.by_hour, second / 3600)) {
      for (const int minute : OrOne(rule_.by_minute, second / 60 % 60)) {
        for (const int s : OrOne(rule_.by_second, second % 60)) {
          times_.push_back(hour * 3600 + minute * 60 + s);
        }
      }
    }
  }

  void Run(int64_t from, Collector& out) {
    int64_t index = rule_.count ? 0 : PeriodBefore(zone_.ToWall(from));
    const auto per_day = static_cast<int64_t>(times_.size());
    int64_t weighed = 0;
    for (int64_t steps = 0; steps < kMaxSteps; ++index) {
      const auto [first, after] = Period(index);
      // A day of slack for the zone's offset.
      if (first * kDaySeconds - kDaySeconds > out.last()) return;
      std::vector<int64_t> candidates;
      for (int64_t day = first; day < after; ++day, ++steps) {
        if (!filter_.Allows(day)) continue;
        if ((weighed += per_day) > kMaxCandidates) return;
        for (const int time : times_) candidates.push_back(day * kDaySeconds + time);
      }
      ++steps;
      for (const int64_t at : ToInstants(AtPositions(rule_, std::move(candidates)))) {
        if (!out.Offer(at)) return;
      }
    }
  }

 private:
  // What a rule without any day takes from its start.
  static Recurrence WithDefaults(Recurrence rule, int64_t start) {
    const CivilDate date = CivilFromDays(FloorDiv(start, kDaySeconds));
    if (!rule.by_day.empty() || !rule.by_month_day.empty() || !rule.by_year_day.empty() ||
        !rule.by_week_number.empty() || !rule.by_easter.empty()) {
      return rule;
    }
    if (rule.frequency == Frequency::kWeekly) rule.by_day = {{0, WeekdayOf(date)}};
    if (rule.frequency < Frequency::kMonthly) return rule;
    rule.by_month_day = {static_cast<int>(date.day)};
    if (rule.frequency == Frequency::kYearly && rule.by_month.empty()) {
      rule.by_month = {static_cast<int>(date.month)};
    }
    return rule;
  }

  // A skipped wall time may fall upon, or behind, the next one.
  std::vector<int64_t> ToInstants(std::vector<int64_t> walls) const {
    std::erase_if(walls, [&](int64_t wall) { return wall < start_; });
    for (int64_t& time : walls) time = zone_.ToInstant(time);
    std::sort(walls.begin(), walls.end());
    walls.erase(std::unique(walls.begin(), walls.end()), walls.end());
    return walls;
  }

  // Days [first, after) of the period `index` intervals after the one of the start.
  std::pair<int64_t, int64_t> Period(int64_t index) const {
    const int64_t day = FloorDiv(start_, kDaySeconds);
    const CivilDate date = CivilFromDays(day);
    const int64_t ahead = index * rule_.interval;
    if (rule_.frequency == Frequency::kDaily) return {day + ahead, day + ahead + 1};
    if (rule_.frequency == Frequency::kWeekly) {
      const int64_t week = day - (WeekdayOf(date) + 7 - rule_.week_start) % 7 + ahead * 7;
      return {week, week + 7};
    }
    const bool yearly = rule_.frequency == Frequency::kYearly;
    const int64_t month =
        int64_t{date.year} * 12 + (yearly ? 0 : date.month - 1) + ahead * (yearly ? 12 : 1);
    return {MonthStart(month), MonthStart(month + (yearly ? 12 : 1))};
  }

  static int64_t MonthStart(int64_t month) {
    const int64_t year = std::clamp<int64_t>(FloorDiv(month, 12), -200'000, 1'000'000);
    return DaysFromCivil(
        {static_cast<int>(year), static_cast<unsigned>(month - FloorDiv(month, 12) * 12 + 1), 1});
  }

  // A period that ends before `wall`, so that rules without a count need not start at the start.
  int64_t PeriodBefore(int64_t wall) const {
    const int64_t days = FloorDiv(wall - start_, kDaySeconds) - 2;
    int64_t length = 1;
    if (rule_.frequency == Frequency::kWeekly) length = 7;
    if (rule_.frequency == Frequency::kMonthly) length = 31;
    if (rule_.frequency == Frequency::kYearly) length = 366;
    // Periods may be shorter than `length`, never longer: this is early rather than late.
    const int64_t estimate = days / (length * rule_.interval) - 2;
    int64_t low = std::max<int64_t>(0, estimate);
    while (Period(low + 1).second * kDaySeconds < wall - 2 * kDaySeconds) ++low;
    return low;
  }

  const Recurrence rule_;
  const Zone& zone_;
  const DayFilter filter_;
  const int64_t start_;  // wall time
  std::vector<int> times_;
};

// Hours, minutes and seconds, in elapsed time.
class ClockExpansion {
 public:
  ClockExpansion(const Recurrence& rule, const Zone& zone, int64_t dtstart)
      : rule_(rule), zone_(zone), filter_(rule), start_(dtstart) {
    unit_ = rule.frequency == Frequency::kHourly     ? 3600
            : rule.frequency == Frequency::kMinutely ? 60
                                                     : 1;
    step_ = unit_ * rule.interval;
    has_days_ = !rule.by_month.empty() || !rule.by_month_day.empty() || !rule.by_year_day.empty() ||
                !rule.by_day.empty() || !rule.by_week_number.empty() || !rule.by_easter.empty();
    plain_ = !has_days_ && rule.by_hour.empty() && rule.by_minute.empty() &&
             rule.by_second.empty() && rule.by_set_position.empty();
    const int64_t wall = zone.ToWall(dtstart);
    start_second_ = wall - FloorDiv(wall, kDaySeconds) * kDaySeconds;
  }

  void Run(int64_t from, Collector& out) {
    const int64_t wall = zone_.ToWall(start_);
    // Where the period of the start begins.
    const int64_t base = start_ - (wall - FloorDiv(wall, unit_) * unit_);
    int64_t index = 0;
    if (!rule_.count || plain_) {
      index = std::max<int64_t>(0, FloorDiv(from - base, step_) - 1);
      if (rule_.count) out.Skip(index);
    }
    int64_t weighed = 0;
    for (int64_t steps = 0; steps < kMaxSteps && weighed < kMaxCandidates; ++steps) {
      const int64_t period = base + index * step_;
      if (period > out.last()) return;
      const int64_t local = zone_.ToWall(period);
      const int64_t day = FloorDiv(local, kDaySeconds);
      if (has_days_ && !filter_.Allows(day)) {
        const int64_t next_day = zone_.ToInstant((day + 1) * kDaySeconds);
        index = std::max(index + 1, FloorDiv(next_day - base, step_));
        continue;
      }
      std::vector<int64_t> candidates = Candidates(period, local);
      weighed += static_cast<int64_t>(candidates.size());
      for (const int64_t at : AtPositions(rule_, std::move(candidates))) {
        if (!out.Offer(at)) return;
      }
      ++index;
    }
  }

 private:
  std::vector<int64_t> Candidates(int64_t period, int64_t local) const {
    const int64_t second = local - FloorDiv(local, kDaySeconds) * kDaySeconds;
    if (!rule_.by_hour.empty() && !Has(rule_.by_hour, second / 3600)) return {};
    std::vector<int64_t> found;
    if (unit_ == 1) {
      const bool allowed = (rule_.by_minute.empty() || Has(rule_.by_minute, second / 60 % 60)) &&
                           (rule_.by_second.empty() || Has(rule_.by_second, second % 60));
      if (allowed) found.push_back(period);
      return found;
    }
    if (unit_ == 60) {
      if (!rule_.by_minute.empty() && !Has(rule_.by_minute, second / 60 % 60)) return {};
      for (const int s : OrOne(rule_.by_second, start_second_ % 60)) found.push_back(period + s);
      return found;
    }
    for (const int minute : OrOne(rule_.by_minute, start_second_ / 60 % 60)) {
      for (const int s : OrOne(rule_.by_second, start_second_ % 60)) {
        found.push_back(period + minute * 60 + s);
      }
    }
    return found;
  }

  const Recurrence& rule_;
  const Zone& zone_;
  const DayFilter filter_;
  const int64_t start_;
  int64_t start_second_;  // of the day, in wall time
  int64_t unit_;
  int64_t step_;
  bool has_days_;
  bool plain_;
};

}  // namespace

std::vector<Timestamp> OccurrencesFrom(const Recurrence& rule, Timestamp dtstart,
                                       std::string_view time_zone, Timestamp from, Timestamp to,
                                       size_t max) {
  if (rule.never || max == 0 || from > to) return {};
  const int64_t start = ToUnixSeconds(dtstart);
  const int64_t first = std::max(start, -FloorDiv(-ToUnixMicros(from), 1'000'000));
  const int64_t last = std::min(ToUnixSeconds(to), first + kMaxSpanSeconds);
  const Zone zone(time_zone);
  Collector out(rule, zone, start, first, last, max);
  if (rule.frequency >= Frequency::kDaily) {
    CalendarExpansion(rule, zone, start).Run(first, out);
  } else {
    ClockExpansion(rule, zone, start).Run(first, out);
  }
  return out.Take();
}

}  // namespace pharos::rules
