#include "base/time.h"

#include <fmt/format.h>

#include <limits>
#include <optional>

#include "base/civil.h"
#include "base/text.h"

namespace pharos {
namespace {

constexpr int64_t kSecondsPerDay = 86400;

struct Broken {
  CivilDate date;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  unsigned micro = 0;
};

Broken BreakDown(Timestamp t) {
  const int64_t seconds = ToUnixSeconds(t);
  const int64_t days = FloorDiv(seconds, kSecondsPerDay);
  const auto rest = static_cast<unsigned>(seconds - days * kSecondsPerDay);
  Broken b;
  b.date = CivilFromDays(days);
  b.hour = rest / 3600;
  b.minute = rest / 60 % 60;
  b.second = rest % 60;
  // Remainder of a floored division, computed without leaving the range of the type.
  const int64_t remainder = ToUnixMicros(t) % 1000000;
  b.micro = static_cast<unsigned>(remainder < 0 ? remainder + 1000000 : remainder);
  return b;
}

// Reads fixed-width digits and single characters from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool Digits(size_t count, unsigned& number) {
    if (text_.size() < count) return false;
    number = 0;
    for (size_t i = 0; i < count; ++i) {
      if (text_[i] < '0' || text_[i] > '9') return false;
      number = number * 10 + static_cast<unsigned>(text_[i] - '0');
    }
    text_.remove_prefix(count);
    return true;
  }
  // Takes one character of `set`; 0 when the next one is none of them.
  char Take(std::string_view set) {
    if (text_.empty() || set.find(text_.front()) == std::string_view::npos) return 0;
    const char c = text_.front();
    text_.remove_prefix(1);
    return c;
  }
  size_t Left() const { return text_.size(); }

 private:
  std::string_view text_;
};

// ".123" and the like; digits beyond microseconds are cut off.
bool ParseFraction(Scanner& in, unsigned& micro) {
  unsigned scale = 100000;
  unsigned digit = 0;
  size_t digits = 0;
  micro = 0;
  while (in.Digits(1, digit)) {
    micro += digit * scale;
    scale /= 10;
    ++digits;
  }
  return digits >= 1 && digits <= 9;
}

// "Z", "+02:00", "+0200" or "+02".
std::optional<int64_t> ParseOffset(Scanner& in) {
  if (in.Take("Zz") != 0) return 0;
  const char sign = in.Take("+-");
  unsigned hours = 0;
  unsigned minutes = 0;
  if (sign == 0 || !in.Digits(2, hours)) return std::nullopt;
  if (in.Take(":") != 0 || in.Left() > 0) {
    if (!in.Digits(2, minutes)) return std::nullopt;
  }
  if (hours > 23 || minutes > 59) return std::nullopt;
  const int64_t seconds = int64_t{hours} * 3600 + int64_t{minutes} * 60;
  return sign == '-' ? -seconds : seconds;
}

}  // namespace

std::string FormatIsoMillis(Timestamp t) {
  const Broken b = BreakDown(t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", b.date.year, b.date.month,
                     b.date.day, b.hour, b.minute, b.second, b.micro / 1000);
}

std::string FormatIsoSeconds(Timestamp t) {
  const Broken b = BreakDown(t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", b.date.year, b.date.month, b.date.day,
                     b.hour, b.minute, b.second);
}

std::string FormatSqlSeconds(Timestamp t) {
  const Broken b = BreakDown(t);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", b.date.year, b.date.month, b.date.day,
                     b.hour, b.minute, b.second);
}

std::string FormatHttpDate(Timestamp t) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Broken b = BreakDown(t);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[WeekdayOf(b.date)],
                     b.date.day, kMonths[b.date.month - 1], b.date.year, b.hour, b.minute,
                     b.second);
}

Result<Timestamp> ParseIso(std::string_view text) {
  const auto fail = [] {
    return Error(ErrorKind::kInvalid, "not an ISO 8601 time with zone (2026-03-04T05:06:07Z)");
  };
  Scanner in(text);
  unsigned year = 0;
  Broken b;
  if (!in.Digits(4, year) || in.Take("-") == 0 || !in.Digits(2, b.date.month) ||
      in.Take("-") == 0 || !in.Digits(2, b.date.day) || in.Take("Tt ") == 0 ||
      !in.Digits(2, b.hour) || in.Take(":") == 0 || !in.Digits(2, b.minute) || in.Take(":") == 0 ||
      !in.Digits(2, b.second)) {
    return fail();
  }
  if (in.Take(".") != 0 && !ParseFraction(in, b.micro)) return fail();
  const std::optional<int64_t> offset = ParseOffset(in);
  if (!offset || in.Left() > 0) return fail();
  b.date.year = static_cast<int>(year);
  if (b.date.month < 1 || b.date.month > 12 || b.date.day < 1 ||
      b.date.day > DaysInMonth(b.date.year, b.date.month) || b.hour > 23 || b.minute > 59 ||
      b.second > 59) {
    return Error(ErrorKind::kInvalid, "no such date or time of day");
  }
  const int64_t seconds = DaysFromCivil(b.date) * kSecondsPerDay + int64_t{b.hour} * 3600 +
                          int64_t{b.minute} * 60 + int64_t{b.second} - *offset;
  return FromUnixMicros(seconds * 1000000 + int64_t{b.micro});
}

Result<Duration> ParseDuration(std::string_view text) {
  if (text.empty()) return Error(ErrorKind::kInvalid, "the duration is empty");
  int64_t unit = 0;
  switch (text.back()) {
    case 'd':
      unit = kSecondsPerDay;
      break;
    case 'h':
      unit = 3600;
      break;
    case 'm':
      unit = 60;
      break;
    case 's':
      unit = 1;
      break;
    default:
      return Error(ErrorKind::kInvalid,
                   "the duration needs a unit: d, h, m or s (for example 90d)");
  }
  const std::string_view digits = text.substr(0, text.size() - 1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return Error(ErrorKind::kInvalid, "the duration needs a whole number before its unit");
  }
  const std::optional<int64_t> number = ParseInt(digits);
  if (!number || *number > std::numeric_limits<int64_t>::max() / (unit * 1000000)) {
    return Error(ErrorKind::kInvalid, "the duration is too long");
  }
  return Seconds(*number * unit);
}

}  // namespace pharos
