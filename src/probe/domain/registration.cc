#include "probe/domain/registration.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/text.h"

namespace pharos::probe {
namespace {

constexpr size_t kMaxTextBytes = 253;
constexpr size_t kMaxDateBytes = 64;
constexpr size_t kMaxNumbers = 4;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Number {
  int value = 0;
  size_t digits = 0;
};

// A date taken apart.
struct DateParts {
  std::vector<Number> numbers;  // outside the time
  int month = 0;                // written as a word
  int seconds = 0;              // of the day
};

int MonthOf(std::string_view word) {
  constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                        "jul", "aug", "sep", "oct", "nov", "dec"};
  const std::string start = AsciiLower(word.substr(0, 3));
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (start == kMonths[i]) return static_cast<int>(i) + 1;
  }
  return 0;
}

std::string_view TakeWhile(std::string_view text, size_t at, bool (*fits)(char)) {
  size_t end = at;
  while (end < text.size() && fits(text[end])) ++end;
  return text.substr(at, end - at);
}

// "05:06" or "05:06:07" at `at`; 0 = none, else how long it is.
size_t TakeTime(std::string_view text, size_t at, int& seconds) {
  int parts[3] = {0, 0, 0};
  size_t pos = at;
  int count = 0;
  while (count < 3) {
    const std::string_view digits = TakeWhile(text, pos, IsDigit);
    if (digits.empty() || digits.size() > 2) return 0;
    parts[count++] = static_cast<int>(*ParseInt(digits));
    pos += digits.size();
    if (pos >= text.size() || text[pos] != ':') break;
    ++pos;
  }
  if (count < 2 || parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return 0;
  seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
  return pos - at;
}

DateParts TakeApart(std::string_view text) {
  DateParts parts;
  bool has_time = false;
  for (size_t at = 0; at < text.size();) {
    if (IsDigit(text[at])) {
      const size_t length = has_time ? 0 : TakeTime(text, at, parts.seconds);
      if (length > 0) {
        has_time = true;
        at += length;
        continue;
      }
      const std::string_view digits = TakeWhile(text, at, IsDigit);
      at += digits.size();
      if (digits.size() > 8 || parts.numbers.size() == kMaxNumbers || has_time) {
        // Fractions and offsets after the time; a year may still follow ("GMT 2027").
        if (digits.size() != 4 || parts.numbers.size() == kMaxNumbers) continue;
      }
      parts.numbers.push_back({static_cast<int>(*ParseInt(digits)), digits.size()});
    } else if (IsLetter(text[at])) {
      const std::string_view word = TakeWhile(text, at, IsLetter);
      if (parts.month == 0 && word.size() >= 3) parts.month = MonthOf(word);
      at += word.size();
    } else {
      ++at;
    }
  }
  return parts;
}

std::optional<Timestamp> MakeDate(int year, int month, int day, int seconds) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1970 || year > 2200 || !date.ok()) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date)) + Seconds(seconds);
}

std::optional<Timestamp> Assemble(const DateParts& parts) {
  const std::vector<Number>& n = parts.numbers;
  if (n.empty()) return std::nullopt;
  if (n[0].digits == 8) {
    return MakeDate(n[0].value / 10000, n[0].value / 100 % 100, n[0].value % 100, parts.seconds);
  }
  if (parts.month != 0) {
    int year = 0;
    int day = 0;
    for (const Number& number : n) {
      if (number.digits == 4 && year == 0) year = number.value;
      if (number.digits <= 2 && day == 0) day = number.value;
    }
    return MakeDate(year, parts.month, day, parts.seconds);
  }
  if (n.size() < 3) return std::nullopt;
  if (n[0].digits == 4) return MakeDate(n[0].value, n[1].value, n[2].value, parts.seconds);
  if (n[2].digits != 4) return std::nullopt;
  const bool american = n[1].value > 12 && n[0].value <= 12;
  return american ? MakeDate(n[2].value, n[0].value, n[1].value, parts.seconds)
                  : MakeDate(n[2].value, n[1].value, n[0].value, parts.seconds);
}

void AddUnique(std::string text, std::vector<std::string>& list) {
  if (text.empty() || list.size() >= kMaxRegistrationItems) return;
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

}  // namespace

std::string RegistryText(std::string_view text) {
  return Ellipsize(SanitizeUtf8(Trim(text.substr(0, 4 * kMaxTextBytes))), kMaxTextBytes);
}

void AddNameServer(std::string_view text, Registration& registration) {
  // Addresses of glue records may follow the name.
  text = Trim(text);
  text = text.substr(0, text.find_first_of(" \t,"));
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.find('.') == std::string_view::npos) return;
  AddUnique(RegistryText(AsciiLower(text)), registration.nameservers);
}

void AddStatus(std::string_view text, Registration& registration) {
  // "clientHold https://icann.org/epp#clientHold"
  text = text.substr(0, std::min(text.find("http"), text.find(" (")));
  AddUnique(RegistryText(text), registration.status);
}

std::optional<Timestamp> ParseRegistryDate(std::string_view text) {
  text = Trim(text);
  if (text.empty() || text.size() > kMaxDateBytes) return std::nullopt;
  const auto in_range = [](Timestamp t) {
    return t >= FromUnixSeconds(0) && t < FromUnixSeconds(7'258'118'400);
  };
  if (text.size() > 10) {
    if (const auto iso = ParseIso(text); iso && in_range(*iso)) return *iso;
  }
  return Assemble(TakeApart(text));
}

}  // namespace pharos::probe
