#include "api/kener/js.h"

#include <charconv>
#include <cmath>

#include "base/json.h"
#include "base/text.h"

namespace pharos::api::kener {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<double> TextToNumber(std::string_view text) {
  text = Trim(text);
  if (text.empty()) return 0.0;
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    uint64_t n = 0;
    const auto [stop, error] = std::from_chars(begin + 2, end, n, 16);
    if (error != std::errc() || stop != end) return std::nullopt;
    return static_cast<double>(n);
  }
  if (*begin == '+') ++begin;
  // from_chars would take "inf" and "nan" too.
  if (begin == end || !(IsDigit(*begin) || *begin == '-' || *begin == '.')) return std::nullopt;
  if (*begin == '-' &&
      (begin != text.data() || begin + 1 == end || begin[1] == 'i' || begin[1] == 'n')) {
    return std::nullopt;
  }
  double n = 0;
  const auto [stop, error] = std::from_chars(begin, end, n);
  if (error != std::errc() || stop != end) return std::nullopt;
  return n;
}

}  // namespace

std::optional<double> ToNumber(const Value& value) {
  if (value.IsNull()) return 0.0;
  if (value.IsBool()) return value.AsBool() ? 1.0 : 0.0;
  if (value.IsNumber()) return value.AsDouble();
  if (value.IsObject()) return std::nullopt;
  return TextToNumber(ToText(value));
}

std::optional<double> ParseIntPrefix(std::string_view text) {
  text = Trim(text);
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || !IsDigit(text[0])) return std::nullopt;
  double n = 0;
  for (const char c : text) {
    if (!IsDigit(c)) break;
    n = n * 10 + (c - '0');
  }
  return negative ? -n : n;
}

std::string ToText(const Value& value) {
  if (value.IsString()) return value.AsString();
  if (value.IsObject()) return "[object Object]";
  if (!value.IsList()) return WriteJson(value);
  std::string joined;
  bool first = true;
  for (const Value& item : value.AsList()) {
    if (!first) joined += ',';
    first = false;
    if (!item.IsNull()) joined += ToText(item);
  }
  return joined;
}

bool IsTruthy(const Value& value) {
  if (value.IsNull()) return false;
  if (value.IsBool()) return value.AsBool();
  if (value.IsNumber()) return value.AsDouble() != 0 && !std::isnan(value.AsDouble());
  if (value.IsString()) return !value.AsString().empty();
  return true;
}

bool IsTruthy(const Value* value) { return value != nullptr && IsTruthy(*value); }

std::optional<double> LooseNumber(const Value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->IsNumber()) {
    return std::isfinite(value->AsDouble()) ? std::optional(value->AsDouble()) : std::nullopt;
  }
  if (!value->IsString()) return std::nullopt;
  const std::string_view text = Trim(value->AsString());
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
      !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

}  // namespace pharos::api::kener
