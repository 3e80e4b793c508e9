#include "api/kodo/body.h"

#include <algorithm>

#include "api/kodo/envelope.h"
#include "base/text.h"

namespace pharos::api::kodo {
namespace {

constexpr size_t kMaxBodyBytes = 1024 * 1024;

std::string_view KindOf(const Value& value) {
  if (value.IsNull()) return "null";
  if (value.IsBool()) return "boolean";
  if (value.IsNumber()) return "number";
  if (value.IsString()) return "string";
  return value.IsList() ? "array" : "object";
}

std::string_view KindOf(const Field& field) {
  switch (field.type) {
    case FieldType::kBool:
      return "boolean";
    case FieldType::kInt:
      return "integer";
    case FieldType::kNumber:
    case FieldType::kUnixTime:
      return "number";
    case FieldType::kText:
    case FieldType::kTime:
      return "string";
    case FieldType::kObject:
      return "object";
    case FieldType::kList:
      return "array";
    case FieldType::kAny:
      return "value";
  }
  return "value";
}

std::string Limit(const std::optional<double>& limit, double usual) {
  return std::to_string(static_cast<int64_t>(limit.value_or(usual)));
}

// Field message vocabulary of kodo.md 4; what it lacks is in the same manner.
std::string Message(const Finding& finding) {
  const Field* field = finding.field;
  const auto expected = [&] {
    std::string text = "Expected ";
    text += field != nullptr ? KindOf(*field) : std::string_view("object");
    text += ", received ";
    text += finding.got != nullptr ? KindOf(*finding.got) : std::string_view("nothing");
    return text;
  };
  const bool is_list = finding.got != nullptr && finding.got->IsList();
  const std::string what = is_list ? "Array" : "String";
  const std::string unit = is_list ? " element(s)" : " character(s)";
  switch (finding.fault) {
    case Fault::kMissing:
      return "Required";
    case Fault::kNull:
    case Fault::kWrongType:
      return expected();
    case Fault::kNotWhole:
      return "Expected integer, received float";
    case Fault::kTooShort:
      return what + " must contain at least " + Limit(field->min, 1) + unit;
    case Fault::kTooLong:
      return what + " must contain at most " + Limit(field->max, is_list ? 1000 : 64 * 1024) + unit;
    case Fault::kTooSmall:
      return "Number must be greater than or equal to " + Limit(field->min, 0);
    case Fault::kTooBig:
      return "Number must be less than or equal to " + Limit(field->max, 9007199254740991.0);
    case Fault::kNotATime:
      return "Invalid datetime";
    case Fault::kUnknown:
      return "Unrecognized key";
    case Fault::kNotAChoice:
    case Fault::kControl:
      return "Invalid value";
  }
  return "Invalid value";
}

Status Check(const Shape& shape, const Value& body, bool partial) {
  Error error(ErrorKind::kInvalid, "Invalid request body");
  if (!body.IsObject()) {
    error.fields.push_back({"", "Expected object, received " + std::string(KindOf(body))});
    return error;
  }
  CheckOptions options;
  options.partial = partial;
  for (const Finding& finding : CheckShape(shape, body, options)) {
    error.fields.push_back({finding.path, Message(finding)});
  }
  if (!error.fields.empty()) return error;
  return Ok();
}

}  // namespace

Status CheckCreate(const Shape& shape, const Value& body) { return Check(shape, body, false); }

Status CheckOptional(const Shape& shape, const Value& body) { return Check(shape, body, true); }

Status CheckChange(const Shape& shape, const Value& body) {
  PHAROS_RETURN_IF_ERROR(Check(shape, body, true));
  const auto sent = [&](const Field& field) { return body.Find(field.name) != nullptr; };
  if (std::none_of(shape.fields.begin(), shape.fields.end(), sent)) {
    return BadRequest("No fields to update");
  }
  return Ok();
}

Result<Value> ParseOptionalBody(const http::Request& request) {
  if (request.body_too_large || request.body.size() > kMaxBodyBytes) {
    return Error(ErrorKind::kTooLarge, "Payload too large");
  }
  if (Trim(request.body).empty()) return Value(Value::Object{});
  JsonLimits limits;
  limits.max_bytes = kMaxBodyBytes;
  Result<Value> body = ParseJson(request.body, limits);
  if (!body || body->IsNull()) return BadRequest(std::string(kBrokenJson));
  return body;
}

bool Has(const Value& body, std::string_view name) { return body.Find(name) != nullptr; }

bool HasNull(const Value& body, std::string_view name) {
  const Value* value = body.Find(name);
  return value != nullptr && value->IsNull();
}

std::optional<std::string> TextOf(const Value& body, std::string_view name) {
  const Value* value = body.Find(name);
  if (value == nullptr) return std::nullopt;
  return value->IsString() ? value->AsString() : std::string();
}

std::optional<Timestamp> TimeOf(const Value& body, std::string_view name) {
  const Value* value = body.Find(name);
  if (value == nullptr || !value->IsString()) return std::nullopt;
  const Result<Timestamp> at = ParseIso(value->AsString());
  if (!at) return std::nullopt;
  return FloorTo(*at, Milliseconds(1));
}

std::optional<std::vector<std::string>> TextsOf(const Value& body, std::string_view name) {
  const Value* value = body.Find(name);
  if (value == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  if (!value->IsList()) return texts;
  for (const Value& element : value->AsList()) {
    if (element.IsString()) texts.push_back(element.AsString());
  }
  return texts;
}

Paging ReadPaging(const http::Request& request, int usual, int max) {
  Paging paging;
  const auto limit = ParseInt(QueryText(request, "limit"));
  const auto offset = ParseInt(QueryText(request, "offset"));
  paging.limit = static_cast<int>(std::clamp<int64_t>(limit.value_or(usual), 1, max));
  paging.offset = static_cast<int>(std::clamp<int64_t>(offset.value_or(0), 0, 1'000'000'000));
  return paging;
}

std::string QueryText(const http::Request& request, std::string_view name) {
  const auto parameters = http::ParseQuery(request.query);
  const std::string* text = http::FindParameter(parameters, name);
  return text != nullptr ? *text : std::string();
}

void PutTime(JsonWriter& json, std::string_view name, Timestamp at) {
  json.Key(name).String(FormatIsoMillis(at));
}

void PutTimeOrNull(JsonWriter& json, std::string_view name, std::optional<Timestamp> at) {
  if (at) {
    PutTime(json, name, *at);
  } else {
    json.Key(name).Null();
  }
}

void PutTimeUnlessNever(JsonWriter& json, std::string_view name, Timestamp at) {
  PutTimeOrNull(json, name, at == Timestamp{} ? std::nullopt : std::optional(at));
}

}  // namespace pharos::api::kodo
