#include "base/json.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "base/text.h"

namespace pharos {
namespace {

namespace dom = simdjson::dom;

// Texts up to this are read in memory that a thread keeps.
constexpr size_t kKeptBytes = 16 * 1024;
// Trees are built and destroyed by recursion, so no caller may ask for more than the stack holds.
constexpr int kHardMaxDepth = 512;
// Members up to which a linear search for duplicates is cheaper than a table.
constexpr size_t kLinearMembers = 40;
// From this many digits on an integer may leave 64 bits, which the parser refuses.
constexpr size_t kMinBigDigits = 19;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// The code unit of "\uXXXX" at `at`, or -1.
int CodeUnitAt(std::string_view text, size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int unit = 0;
  for (size_t i = at + 2; i < at + 6; ++i) {
    const int digit = HexDigit(text[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

// Where the escape sequence at `at` ends; a surrogate without its partner becomes \ufffd, as the
// parser would refuse a high one and turn a low one into malformed UTF-8.
size_t PassEscape(std::string_view text, size_t at, std::string& out) {
  const int unit = CodeUnitAt(text, at);
  if (unit < 0) {
    out.append(text, at, 2);
    return std::min(at + 2, text.size());
  }
  if (unit < 0xD800 || unit > 0xDFFF) {
    out.append(text, at, 6);
    return at + 6;
  }
  const int next = CodeUnitAt(text, at + 6);
  if (unit < 0xDC00 && next >= 0xDC00 && next <= 0xDFFF) {
    out.append(text, at, 12);
    return at + 12;
  }
  out += "\\ufffd";
  return at + 6;
}

// Whether a plain run of digits is beyond what a signed 64-bit integer holds.
bool IsBeyondInt64(std::string_view digits, bool negative) {
  if (digits.size() != kMinBigDigits) return digits.size() > kMinBigDigits;
  return digits > (negative ? "9223372036854775808" : "9223372036854775807");
}

// Copies a number; an integer beyond 64 bits gets ".0", which makes the parser read it as a real.
size_t PassNumber(std::string_view text, size_t at, std::string& out) {
  size_t end = at;
  while (end < text.size() && IsDigit(text[end])) ++end;
  const bool plain =
      end == text.size() || (text[end] != '.' && text[end] != 'e' && text[end] != 'E');
  const bool negative = at > 0 && text[at - 1] == '-';
  out.append(text, at, end - at);
  if (plain && IsBeyondInt64(text.substr(at, end - at), negative)) {
    out += ".0";
    return end;
  }
  // The fraction and the exponent are no integers of their own.
  const size_t begin = end;
  while (end < text.size() && (IsDigit(text[end]) || std::strchr(".eE+-", text[end]) != nullptr)) {
    ++end;
  }
  out.append(text, begin, end - begin);
  return end;
}

// Rewrites what is legal JSON but refused by the parser: unpaired surrogates, and with
// `big_integers` integers beyond 64 bits.
std::string Normalize(std::string_view text, bool big_integers) {
  std::string out;
  out.reserve(text.size() + simdjson::SIMDJSON_PADDING + 16);
  bool in_string = false;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (in_string && c == '\\') {
      i = PassEscape(text, i, out);
    } else if (!in_string && big_integers && IsDigit(c)) {
      i = PassNumber(text, i, out);
    } else {
      if (c == '"') in_string = !in_string;
      out += c;
      ++i;
    }
  }
  return out;
}

bool HasSurrogateEscape(std::string_view text) {
  return text.find("\\ud") != std::string_view::npos || text.find("\\uD") != std::string_view::npos;
}

Value Convert(dom::element element);

Value ConvertList(dom::array array) {
  Value::List list;
  list.reserve(array.size());
  for (const dom::element element : array) list.push_back(Convert(element));
  return list;
}

// The last of two equal names wins, in the place of the first. A table keeps this linear: objects
// come from strangers, and a quadratic search would let a small body block a thread.
Value ConvertObject(dom::object object) {
  Value::Object members;
  const size_t count = object.size();
  members.reserve(count);
  std::unordered_map<std::string_view, size_t> places;
  if (count > kLinearMembers) places.reserve(count);
  for (const dom::key_value_pair field : object) {
    size_t place = members.size();
    if (count > kLinearMembers) {
      place = places.try_emplace(field.key, place).first->second;
    } else {
      const auto same = [&](const Value::Member& m) { return m.first == field.key; };
      place =
          static_cast<size_t>(std::find_if(members.begin(), members.end(), same) - members.begin());
    }
    if (place < members.size()) {
      members[place].second = Convert(field.value);
    } else {
      members.emplace_back(std::string(field.key), Convert(field.value));
    }
  }
  return members;
}

Value Convert(dom::element element) {
  switch (element.type()) {
    case dom::element_type::ARRAY:
      return ConvertList(element.get_array().value_unsafe());
    case dom::element_type::OBJECT:
      return ConvertObject(element.get_object().value_unsafe());
    case dom::element_type::INT64:
      return element.get_int64().value_unsafe();
    case dom::element_type::UINT64:
      return static_cast<double>(element.get_uint64().value_unsafe());
    case dom::element_type::DOUBLE:
      return element.get_double().value_unsafe();
    case dom::element_type::STRING:
      return element.get_string().value_unsafe();
    case dom::element_type::BOOL:
      return element.get_bool().value_unsafe();
    case dom::element_type::NULL_VALUE:
      return nullptr;
  }
  return nullptr;
}

Error ToError(simdjson::error_code code) {
  if (code == simdjson::DEPTH_ERROR) {
    return Error(ErrorKind::kTooLarge, "the JSON text is nested too deeply");
  }
  if (code == simdjson::CAPACITY) return Error(ErrorKind::kTooLarge, "the JSON text is too large");
  if (code == simdjson::MEMALLOC) {
    return Error(ErrorKind::kUnavailable, "not enough memory for the JSON text");
  }
  return Error(ErrorKind::kInvalid, std::string("invalid JSON: ") + simdjson::error_message(code));
}

// The digits of a finite number above zero and the position of the decimal point after the first
// `point` of them, as ECMAScript's Number::toString calls k digits and n.
struct Decimal {
  char digits[20];
  int count = 0;
  int point = 0;
};

Decimal ToDecimal(double number) {
  char text[40];
  const auto [end, error] =
      std::to_chars(text, text + sizeof(text), number, std::chars_format::scientific);
  Decimal decimal;
  const char* at = text;
  for (; at != end && *at != 'e'; ++at) {
    if (*at != '.') decimal.digits[decimal.count++] = *at;
  }
  int exponent = 0;
  const char* begin = at + 1;
  if (*begin == '+') ++begin;  // from_chars reads no plus sign
  std::from_chars(begin, end, exponent);
  decimal.point = exponent + 1;
  return decimal;
}

void AppendInt(std::string& out, int64_t number) {
  char text[24];
  const auto [end, error] = std::to_chars(text, text + sizeof(text), number);
  out.append(text, end);
}

void AppendEscape(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += kDigits[static_cast<unsigned char>(c) >> 4];
  out += kDigits[static_cast<unsigned char>(c) & 15];
}

void AppendQuoted(std::string& out, std::string_view text) {
  out += '"';
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, begin, i - begin);
    AppendEscape(out, c);
    begin = i + 1;
  }
  out.append(text, begin);
  out += '"';
}

}  // namespace

Result<Value> ParseJson(std::string_view text, const JsonLimits& limits) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.size() > limits.max_bytes) {
    return Error(ErrorKind::kTooLarge, "the JSON text is too large");
  }
  // The parser copies its input, and there is nothing to copy from where there is no text.
  if (text.empty()) return ToError(simdjson::EMPTY);
  std::string owned;
  if (!simdjson::validate_utf8(text)) text = owned = SanitizeUtf8(text);
  if (HasSurrogateEscape(text)) text = owned = Normalize(text, false);

  // Memory to work in: a start reads two short texts per monitor, and making it anew for each costs
  // more than the reading. What a large text needed is not kept.
  static thread_local dom::parser kept;  // tidy: process-wide: scratch memory of each thread
  dom::parser fresh;
  dom::parser& parser = text.size() <= kKeptBytes ? kept : fresh;
  // The parser counts the document itself as one level, and an empty list or object as none.
  const auto depth = static_cast<size_t>(std::clamp(limits.max_depth, 1, kHardMaxDepth)) + 1;
  const auto parse = [&](std::string_view source) -> simdjson::simdjson_result<dom::element> {
    constexpr size_t kRoomForFractions = 1024;
    const size_t wanted = source.size() + kRoomForFractions;
    if (parser.capacity() < wanted || parser.max_depth() != depth) {
      const auto error = parser.allocate(std::max(wanted, parser.capacity()), depth);
      if (error != simdjson::SUCCESS) return error;
    }
    return parser.parse(source.data(), source.size(), true);
  };
  auto root = parse(text);
  if (root.error() == simdjson::NUMBER_ERROR) {
    owned = Normalize(text, true);
    root = parse(owned);
  }
  if (root.error() != simdjson::SUCCESS) return ToError(root.error());
  return Convert(root.value_unsafe());
}

void AppendJsonNumber(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  if (number == 0) {
    out += '0';
    return;
  }
  if (number < 0) out += '-';
  const Decimal d = ToDecimal(std::fabs(number));
  const auto count = static_cast<size_t>(d.count);
  if (d.count <= d.point && d.point <= 21) {
    out.append(d.digits, count);
    out.append(static_cast<size_t>(d.point - d.count), '0');
  } else if (0 < d.point && d.point <= 21) {
    out.append(d.digits, static_cast<size_t>(d.point));
    out += '.';
    out.append(d.digits + d.point, static_cast<size_t>(d.count - d.point));
  } else if (-6 < d.point && d.point <= 0) {
    out += "0.";
    out.append(static_cast<size_t>(-d.point), '0');
    out.append(d.digits, count);
  } else {
    out += d.digits[0];
    if (count > 1) out += '.';
    out.append(d.digits + 1, count - 1);
    out += d.point > 0 ? "e+" : "e-";
    AppendInt(out, std::abs(d.point - 1));
  }
}

void AppendJsonString(std::string& out, std::string_view text) {
  // Stored bytes may predate validation; what leaves here must be valid JSON in any case.
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii || simdjson::validate_utf8(text)) {
    AppendQuoted(out, text);
  } else {
    AppendQuoted(out, SanitizeUtf8(text));
  }
}

void AppendJson(std::string& out, const Value& value) {
  JsonWriter writer(out);
  writer.Tree(value);
}

std::string WriteJson(const Value& value) {
  std::string out;
  AppendJson(out, value);
  return out;
}

void JsonWriter::Separate() {
  if (need_comma_) out_ += ',';
  need_comma_ = true;
}

JsonWriter& JsonWriter::BeginObject() {
  Separate();
  out_ += '{';
  need_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::EndObject() {
  out_ += '}';
  need_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::BeginList() {
  Separate();
  out_ += '[';
  need_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::EndList() {
  out_ += ']';
  need_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view name) {
  Separate();
  AppendJsonString(out_, name);
  out_ += ':';
  need_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view text) {
  Separate();
  AppendJsonString(out_, text);
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t number) {
  Separate();
  AppendInt(out_, number);
  return *this;
}

JsonWriter& JsonWriter::Real(double number) {
  Separate();
  AppendJsonNumber(out_, number);
  return *this;
}

JsonWriter& JsonWriter::Bool(bool flag) {
  Separate();
  out_ += flag ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::Null() {
  Separate();
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::Tree(const Value& value) {
  if (value.IsNull()) return Null();
  if (value.IsBool()) return Bool(value.AsBool());
  if (value.IsInt()) return Int(value.AsInt());
  if (value.IsNumber()) return Real(value.AsDouble());
  if (value.IsString()) return String(value.AsString());
  if (value.IsList()) {
    BeginList();
    for (const Value& element : value.AsList()) Tree(element);
    return EndList();
  }
  BeginObject();
  for (const Value::Member& member : value.AsObject()) Key(member.first).Tree(member.second);
  return EndObject();
}

}  // namespace pharos
