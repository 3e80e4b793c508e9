#include "api/body_values.h"

#include <cmath>

namespace pharos::api {
namespace {

std::optional<Timestamp> TimeOf(const Value& body, std::string_view name, Duration step) {
  const std::optional<std::string> text = TextOf(body, name);
  const Result<Timestamp> at = ParseIso(text.value_or(""));
  if (!at) return std::nullopt;
  return FloorTo(*at, step);
}

}  // namespace

std::optional<std::string> TextOf(const Value& body, std::string_view name) {
  const Value* value = body.Find(name);
  if (value == nullptr || !value->IsString()) return std::nullopt;
  return value->AsString();
}

std::optional<int64_t> IntOf(const Value& body, std::string_view name) {
  // 2^53: beyond it, not every integer is a number of its own any more.
  constexpr double kExact = 9007199254740992.0;
  const Value* value = body.Find(name);
  if (value == nullptr || !value->IsNumber()) return std::nullopt;
  const double number = value->AsDouble();
  if (!(std::abs(number) <= kExact)) return std::nullopt;
  return static_cast<int64_t>(number);
}

std::optional<double> NumberOf(const Value& body, std::string_view name) {
  const Value* value = body.Find(name);
  if (value == nullptr || !value->IsNumber()) return std::nullopt;
  return value->AsDouble();
}

std::optional<bool> BoolOf(const Value& body, std::string_view name) {
  const Value* value = body.Find(name);
  if (value == nullptr || !value->IsBool()) return std::nullopt;
  return value->AsBool();
}

std::optional<Timestamp> SecondOf(const Value& body, std::string_view name) {
  return TimeOf(body, name, Seconds(1));
}

std::optional<Timestamp> MillisecondOf(const Value& body, std::string_view name) {
  return TimeOf(body, name, Milliseconds(1));
}

std::optional<std::vector<std::string>> TextsOf(const Value& body, std::string_view name) {
  const Value* value = body.Find(name);
  if (value == nullptr || !value->IsList()) return std::nullopt;
  std::vector<std::string> texts;
  for (const Value& element : value->AsList()) {
    if (element.IsString()) texts.push_back(element.AsString());
  }
  return texts;
}

std::optional<std::string> TextOrEmptyOf(const Value& body, std::string_view name) {
  if (!IsSent(body, name)) return std::nullopt;
  return TextOf(body, name).value_or(std::string());
}

std::optional<std::vector<std::string>> TextsOrEmptyOf(const Value& body, std::string_view name) {
  if (!IsSent(body, name)) return std::nullopt;
  return TextsOf(body, name).value_or(std::vector<std::string>());
}

bool IsSent(const Value& body, std::string_view name) { return body.Find(name) != nullptr; }

bool IsSentNull(const Value& body, std::string_view name) {
  const Value* value = body.Find(name);
  return value != nullptr && value->IsNull();
}

void PutText(JsonWriter& json, std::string_view name, std::string_view text) {
  json.Key(name).String(text);
}

void PutTextOrNull(JsonWriter& json, std::string_view name, std::string_view text) {
  json.Key(name);
  if (text.empty()) {
    json.Null();
  } else {
    json.String(text);
  }
}

void PutOptionalText(JsonWriter& json, std::string_view name,
                     const std::optional<std::string>& text) {
  json.Key(name);
  if (text) {
    json.String(*text);
  } else {
    json.Null();
  }
}

void PutSecond(JsonWriter& json, std::string_view name, Timestamp at) {
  json.Key(name).String(FormatIsoSeconds(at));
}

void PutSecondOrNull(JsonWriter& json, std::string_view name, std::optional<Timestamp> at) {
  if (at) return PutSecond(json, name, *at);
  json.Key(name).Null();
}

void PutMillisecond(JsonWriter& json, std::string_view name, Timestamp at) {
  json.Key(name).String(FormatIsoMillis(at));
}

void PutMillisecondOrNull(JsonWriter& json, std::string_view name, std::optional<Timestamp> at) {
  if (at) return PutMillisecond(json, name, *at);
  json.Key(name).Null();
}

std::optional<Timestamp> UnlessNever(Timestamp at) {
  return at == Timestamp{} ? std::nullopt : std::optional(at);
}

}  // namespace pharos::api
