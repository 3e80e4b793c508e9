#include "rules/recurrence.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/civil.h"
#include "base/text.h"

namespace pharos::rules {
namespace {

constexpr size_t kMaxRuleBytes = 500;
constexpr int64_t kMaxNumber = 1'000'000'000;
constexpr std::array<std::string_view, 7> kFrequencies = {"SECONDLY", "MINUTELY", "HOURLY", "DAILY",
                                                          "WEEKLY",   "MONTHLY",  "YEARLY"};
constexpr std::array<std::string_view, 7> kWeekdays = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

Error Refused(std::string_view why) {
  return Error::Field("rrule", "rrule is not a valid recurrence rule: " + std::string(why));
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

// A whole number with an optional sign.
std::optional<int64_t> ParseNumber(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  const auto number = ParseInt(text);
  if (!number) return std::nullopt;
  return std::clamp(*number, -kMaxNumber, kMaxNumber);
}

std::optional<unsigned> ParseWeekdayName(std::string_view name) {
  const auto found = std::find(kWeekdays.begin(), kWeekdays.end(), name);
  if (found == kWeekdays.end()) return std::nullopt;
  return static_cast<unsigned>(found - kWeekdays.begin());
}

struct Range {
  int least;
  int most;
  bool counts_back = false;  // negative values count from the end; zero is none
};

bool IsIn(const Range& range, int64_t number) {
  if (range.counts_back && number < 0) number = -number;
  return number >= range.least && number <= range.most;
}

// Numbers outside the range, and what is no number, name nothing and fall away.
void ReadList(std::string_view text, const Range& range, std::vector<int>& list, bool& never) {
  list.clear();
  for (const std::string_view item : Split(text, ',')) {
    const auto number = ParseNumber(item);
    if (number && IsIn(range, *number)) list.push_back(static_cast<int>(*number));
  }
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  if (list.empty()) never = true;
}

Status ReadDays(std::string_view text, Recurrence& rule) {
  rule.by_day.clear();
  for (const std::string_view item : Split(text, ',')) {
    if (item.size() < 2) return Refused("BYDAY");
    const auto weekday = ParseWeekdayName(item.substr(item.size() - 2));
    if (!weekday) return Refused("BYDAY");
    std::string_view nth = item.substr(0, item.size() - 2);
    if (nth.empty()) {
      rule.by_day.push_back({0, *weekday});
      continue;
    }
    const bool has_sign = nth.front() == '+' || nth.front() == '-';
    const size_t digits = nth.size() - (has_sign ? 1 : 0);
    const auto number = ParseNumber(nth);
    if (digits < 1 || digits > 2 || !number || *number == 0) return Refused("BYDAY");
    if (std::abs(*number) <= 53) rule.by_day.push_back({static_cast<int>(*number), *weekday});
  }
  if (rule.by_day.empty()) rule.never = true;
  return Ok();
}

// "20261123", "20261123T030000" or "20261123T030000Z".
Status ReadUntil(std::string_view text, Recurrence& rule) {
  const bool utc = text.size() == 16 && text.back() == 'Z';
  if (utc) text.remove_suffix(1);
  if (text.size() != 8 && (text.size() != 15 || text[8] != 'T')) return Refused("UNTIL");
  for (size_t i = 0; i < text.size(); ++i) {
    if (i != 8 && !IsDigit(text[i])) return Refused("UNTIL");
  }
  const auto part = [&](size_t at, size_t length) {
    return static_cast<int>(ParseInt(text.substr(at, length)).value_or(0));
  };
  Recurrence::Until until;
  until.date = {part(0, 4), static_cast<unsigned>(part(4, 2)), static_cast<unsigned>(part(6, 2))};
  if (until.date.month < 1 || until.date.month > 12 || until.date.day < 1 ||
      until.date.day > DaysInMonth(until.date.year, until.date.month)) {
    return Refused("UNTIL");
  }
  // A date alone means its first moment (kener-v4.md 10.2).
  if (text.size() == 15) until.second_of_day = part(9, 2) * 3600 + part(11, 2) * 60 + part(13, 2);
  until.utc = utc;
  rule.until = until;
  return Ok();
}

// False when `name` is none of the lists.
bool ReadNamedList(std::string_view name, std::string_view text, Recurrence& rule) {
  struct Named {
    std::string_view name;
    Range range;
    std::vector<int>& list;
  };
  const std::array<Named, 8> lists = {{{"BYMONTH", {1, 12}, rule.by_month},
                                       {"BYMONTHDAY", {1, 31, true}, rule.by_month_day},
                                       {"BYYEARDAY", {1, 366, true}, rule.by_year_day},
                                       {"BYWEEKNO", {1, 53, true}, rule.by_week_number},
                                       {"BYEASTER", {-366, 366}, rule.by_easter},
                                       {"BYHOUR", {0, 23}, rule.by_hour},
                                       {"BYMINUTE", {0, 59}, rule.by_minute},
                                       {"BYSECOND", {0, 59}, rule.by_second}}};
  for (const Named& candidate : lists) {
    if (candidate.name != name) continue;
    ReadList(text, candidate.range, candidate.list, rule.never);
    return true;
  }
  return false;
}

Status ReadSetPositions(std::string_view text, Recurrence& rule) {
  for (const std::string_view item : Split(text, ',')) {
    if (ParseNumber(item) == 0) return Refused("BYSETPOS");
  }
  ReadList(text, {1, 366, true}, rule.by_set_position, rule.never);
  return Ok();
}

Status ReadPart(std::string_view name, std::string_view text, Recurrence& rule) {
  if (name == "FREQ") {
    const auto found = std::find(kFrequencies.begin(), kFrequencies.end(), Upper(text));
    if (found == kFrequencies.end()) return Refused("FREQ");
    rule.frequency = static_cast<Recurrence::Frequency>(found - kFrequencies.begin());
    return Ok();
  }
  if (name == "INTERVAL") {
    // Anything but a whole number of at least 0 would never end in the original.
    const auto number = ParseNumber(text);
    if (!number || *number < 0) return Refused("INTERVAL");
    rule.interval = *number;
    if (*number == 0) rule.never = true;
    return Ok();
  }
  if (name == "COUNT") {
    rule.count = ParseNumber(text).value_or(0);
    if (*rule.count <= 0) rule.never = true;
    return Ok();
  }
  if (name == "WKST") {
    const auto weekday = ParseWeekdayName(Upper(text));
    if (!weekday) return Refused("WKST");
    rule.week_start = *weekday;
    return Ok();
  }
  if (name == "UNTIL") return ReadUntil(text, rule);
  if (name == "BYDAY") return ReadDays(text, rule);
  if (name == "BYSETPOS") return ReadSetPositions(text, rule);
  if (ReadNamedList(name, text, rule)) return Ok();
  return Refused("unknown part");
}

}  // namespace

Result<Recurrence> ParseRecurrence(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  if (text.empty() || text.size() > kMaxRuleBytes) return Refused("length");
  Recurrence rule;
  for (const std::string_view part : Split(text, ';')) {
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0) return Refused("a part without '='");
    const std::string_view value = part.substr(equals + 1);
    if (value.empty()) return Refused("an empty part");
    PHAROS_RETURN_IF_ERROR(ReadPart(Upper(part.substr(0, equals)), value, rule));
  }
  return rule;
}

}  // namespace pharos::rules
