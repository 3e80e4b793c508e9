#include "base/cron.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/civil.h"
#include "base/text.h"
#include "base/time_zone.h"

namespace pharos {
namespace {

constexpr int kSearchDays = 8 * 366;
constexpr int64_t kSecondsPerDay = 86400;
constexpr size_t kMaxTextBytes = 1024;

constexpr std::array<std::string_view, 12> kMonthNames = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDayNames = {"sun", "mon", "tue", "wed",
                                                       "thu", "fri", "sat"};

// One field: its name for messages, its numbers, and the words that stand for the first ones.
struct Field {
  std::string_view name;
  int low = 0;
  int high = 0;
  std::span<const std::string_view> words = {};
  bool is_weekday = false;
};

const Field kSecond{"second", 0, 59};
const Field kMinute{"minute", 0, 59};
const Field kHour{"hour", 0, 23};
const Field kDay{"day of month", 1, 31};
const Field kMonth{"month", 1, 12, kMonthNames};
const Field kWeekday{"day of week", 0, 7, kDayNames, true};

using Bits = std::bitset<64>;

Error Bad(const Field& field, std::string_view what) {
  return Error(ErrorKind::kInvalid, fmt::format("{}: {}", field.name, what));
}

Result<int> ParseNumber(const Field& field, std::string_view text) {
  for (size_t i = 0; i < field.words.size(); ++i) {
    if (EqualsIgnoreCase(text, field.words[i])) return field.low + static_cast<int>(i);
  }
  const std::string shown = Ellipsize(SanitizeUtf8(text), 32);
  if (text.empty()) return Bad(field, "a number is missing");
  if (text.find_first_not_of("0123456789") != std::string_view::npos) {
    return Bad(field, fmt::format("'{}' is not understood", shown));
  }
  const std::optional<int64_t> number = ParseInt(text);
  if (!number || *number < field.low || *number > field.high) {
    return Bad(field, fmt::format("{} is out of {}-{}", shown, field.low, field.high));
  }
  return static_cast<int>(*number);
}

Result<int> ParseStep(const Field& field, std::string_view text) {
  const int most = field.is_weekday ? 7 : field.high - field.low + 1;
  const std::optional<int64_t> step = text.find_first_not_of("0123456789") == std::string_view::npos
                                          ? ParseInt(text)
                                          : std::nullopt;
  if (!step || *step < 1 || *step > most) {
    return Bad(field, fmt::format("step '{}' is not a number of 1-{}",
                                  Ellipsize(SanitizeUtf8(text), 32), most));
  }
  return static_cast<int>(*step);
}

// "*", "5", "1-5", each with "/step"; a single number with a step runs to the end of the field.
Status ParsePart(const Field& field, std::string_view part, Bits& bits) {
  int step = 1;
  const size_t slash = part.find('/');
  if (slash != std::string_view::npos) {
    PHAROS_ASSIGN_OR_RETURN(step, ParseStep(field, part.substr(slash + 1)));
    part = part.substr(0, slash);
  }
  const int last = field.is_weekday ? 6 : field.high;
  int from = field.low;
  int to = last;
  const size_t dash = part.find('-');
  if (part != "*" && part != "?") {
    PHAROS_ASSIGN_OR_RETURN(from, ParseNumber(field, part.substr(0, dash)));
    if (dash != std::string_view::npos) {
      PHAROS_ASSIGN_OR_RETURN(to, ParseNumber(field, part.substr(dash + 1)));
      // Sunday ends a week as well as it begins one: FRI-SUN, 6-0, 7-2.
      if (field.is_weekday && to == 0 && from > 0) to = 7;
      if (field.is_weekday && from == 7 && to < 7) from = 0;
    } else if (slash == std::string_view::npos) {
      to = from;
    } else {
      to = std::max(from, last);
    }
  }
  if (from > to) return Bad(field, fmt::format("range {}-{} runs backwards", from, to));
  for (int n = from; n <= to; n += step) bits.set(static_cast<size_t>(n));
  return Ok();
}

Result<Bits> ParseField(const Field& field, std::string_view text) {
  Bits bits;
  for (const std::string_view part : Split(text, ',')) {
    PHAROS_RETURN_IF_ERROR(ParsePart(field, part, bits));
  }
  if (field.is_weekday && bits.test(7)) {
    bits.set(0);
    bits.reset(7);
  }
  return bits;
}

bool IsWildcard(std::string_view text) { return text.front() == '*' || text.front() == '?'; }

std::string_view ExpandMacro(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kMacros[] = {
      {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
      {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
      {"@hourly", "0 * * * *"},
  };
  for (const auto& [name, expansion] : kMacros) {
    if (EqualsIgnoreCase(text, name)) return expansion;
  }
  return text;
}

std::vector<std::string_view> SplitBlanks(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = Trim(text); !text.empty(); text = Trim(text)) {
    const size_t end = std::min(text.find_first_of(" \t\r\n\f\v"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

template <size_t N>
std::bitset<N> Narrow(const Bits& bits) {
  std::bitset<N> out;
  for (size_t i = 0; i < N; ++i) out[i] = bits[i];
  return out;
}

// The first set bit at or after `from`; N when there is none.
template <size_t N>
size_t FirstSet(const std::bitset<N>& bits, size_t from) {
  while (from < N && !bits[from]) ++from;
  return from;
}

struct TimeOfDayBits {
  const std::bitset<24>& hours;
  const std::bitset<60>& minutes;
  const std::bitset<60>& seconds;

  // The first matching second of the day at or after `from`.
  std::optional<int64_t> FirstFrom(int64_t from) const {
    if (from >= kSecondsPerDay) return std::nullopt;
    const auto start = static_cast<size_t>(std::max<int64_t>(from, 0));
    const size_t hour0 = start / 3600;
    const size_t minute0 = start / 60 % 60;
    for (size_t hour = FirstSet(hours, hour0); hour < 24; hour = FirstSet(hours, hour + 1)) {
      const bool same_hour = hour == hour0;
      size_t minute = FirstSet(minutes, same_hour ? minute0 : 0);
      if (minute == 60) continue;
      const bool same_minute = same_hour && minute == minute0;
      size_t second = FirstSet(seconds, same_minute ? start % 60 : 0);
      if (second == 60) {
        minute = FirstSet(minutes, minute + 1);
        second = FirstSet(seconds, 0);
        if (minute == 60) continue;
      }
      return static_cast<int64_t>(hour * 3600 + minute * 60 + second);
    }
    return std::nullopt;
  }
};

// The first instant in (from, to] whose offset differs from that at `from`. Precondition: it
// differs at `to`.
Timestamp FindOffsetChange(std::string_view zone, Timestamp from, Timestamp to) {
  const int offset = UtcOffsetSeconds(zone, from);
  int64_t low = ToUnixSeconds(from);
  int64_t high = ToUnixSeconds(to);
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (UtcOffsetSeconds(zone, FromUnixSeconds(middle)) == offset ? low : high) = middle;
  }
  return FromUnixSeconds(high);
}

// The first match within the local day `date` at or after `from`. Walks stretches of one UTC
// offset, so a day with a clock change is read as two. With `both_passes` local times that occur
// twice count twice.
std::optional<Timestamp> FirstInDay(std::string_view zone, CivilDate date, Timestamp from,
                                    const TimeOfDayBits& bits, bool both_passes) {
  const Timestamp end = StartOfLocalDay(zone, AddDays(date, 1));
  Timestamp at = std::max(from, StartOfLocalDay(zone, date));
  const int64_t midnight = DaysFromCivil(date) * kSecondsPerDay;
  while (at < end) {
    const int offset = UtcOffsetSeconds(zone, at);
    const std::optional<int64_t> second = bits.FirstFrom(ToUnixSeconds(at) + offset - midnight);
    const Timestamp found = second ? FromUnixSeconds(midnight + *second - offset) : end;
    const Timestamp last = std::min(found, end - Seconds(1));
    if (UtcOffsetSeconds(zone, last) != offset) {
      at = FindOffsetChange(zone, at, last);
      continue;
    }
    if (found >= end) return std::nullopt;
    if (both_passes || ToInstant(zone, {date, static_cast<int>(*second)}) == found) return found;
    at = found + Seconds(1);
  }
  return std::nullopt;
}

}  // namespace

Result<CronExpression> CronExpression::Parse(std::string_view text) {
  text = Trim(text);
  if (text.size() > kMaxTextBytes) return Error(ErrorKind::kInvalid, "the expression is too long");
  if (text.starts_with('@')) {
    const std::string_view expansion = ExpandMacro(text);
    if (expansion == text) {
      return Error(ErrorKind::kInvalid, fmt::format("'{}' is not a known short form",
                                                    Ellipsize(SanitizeUtf8(text), 32)));
    }
    text = expansion;
  }
  std::vector<std::string_view> words = SplitBlanks(text);
  if (words.size() != 5 && words.size() != 6) {
    return Error(ErrorKind::kInvalid,
                 fmt::format("expected 5 fields, or 6 with seconds first, not {}", words.size()));
  }
  if (words.size() == 5) words.insert(words.begin(), "0");
  Bits seconds, minutes, hours, days, months, weekdays;
  PHAROS_ASSIGN_OR_RETURN(seconds, ParseField(kSecond, words[0]));
  PHAROS_ASSIGN_OR_RETURN(minutes, ParseField(kMinute, words[1]));
  PHAROS_ASSIGN_OR_RETURN(hours, ParseField(kHour, words[2]));
  PHAROS_ASSIGN_OR_RETURN(days, ParseField(kDay, words[3]));
  PHAROS_ASSIGN_OR_RETURN(months, ParseField(kMonth, words[4]));
  PHAROS_ASSIGN_OR_RETURN(weekdays, ParseField(kWeekday, words[5]));
  CronExpression cron;
  cron.seconds_ = Narrow<60>(seconds);
  cron.minutes_ = Narrow<60>(minutes);
  cron.hours_ = Narrow<24>(hours);
  cron.days_ = Narrow<32>(days);
  cron.months_ = Narrow<13>(months);
  cron.weekdays_ = Narrow<7>(weekdays);
  cron.has_seconds_ = seconds.count() > 1;
  cron.any_day_ = IsWildcard(words[3]);
  cron.any_weekday_ = IsWildcard(words[5]);
  return cron;
}

bool CronExpression::MatchesDay(int year, unsigned month, unsigned day) const {
  if (!months_[month]) return false;
  const bool day_matches = days_[day];
  const bool weekday_matches = weekdays_[WeekdayOf({year, month, day})];
  // Vixie cron: a field that begins with '*' does not widen the other one.
  return any_day_ || any_weekday_ ? day_matches && weekday_matches : day_matches || weekday_matches;
}

std::optional<Timestamp> CronExpression::NextAfter(Timestamp t, std::string_view zone) const {
  // Years 1 to 9990: outside of them no schedule means anything, and the sums below stay in range.
  constexpr int64_t kFirstSecond = -62135596800;
  constexpr int64_t kLastSecond = 253086422400;
  const int64_t now = ToUnixSeconds(t);
  if (now < kFirstSecond || now > kLastSecond) return std::nullopt;
  const Timestamp from = FromUnixSeconds(now + 1);
  const TimeOfDayBits bits{hours_, minutes_, seconds_};
  // With every hour allowed nothing is bound to one local hour, so the repeated hour must not be a
  // gap: a monitor that runs each minute would be blind while clocks go back.
  const bool both_passes = hours_.all();
  CivilDate date = LocalDate(zone, from);
  for (int days = 0; days <= kSearchDays;) {
    if (!months_[date.month]) {
      const int rest = static_cast<int>(DaysInMonth(date.year, date.month) - date.day) + 1;
      date = AddDays(date, rest);
      days += rest;
      continue;
    }
    if (MatchesDay(date.year, date.month, date.day)) {
      const auto found = FirstInDay(zone, date, from, bits, both_passes);
      if (found) return found;
    }
    date = AddDays(date, 1);
    ++days;
  }
  return std::nullopt;
}

}  // namespace pharos
