#include "api/kener_classic/envelope.h"

#include <array>
#include <utility>

#include "api/preflight.h"
#include "base/json.h"
#include "base/text.h"

namespace pharos::api::kener_classic {
namespace {

constexpr int64_t kMaxPage = 1'000'000;
constexpr int64_t kMaxLimit = 100;

std::string Joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

std::string NumberText(double number) {
  std::string text;
  AppendJsonNumber(text, number);
  return text;
}

std::string TypeText(FieldType type) {
  switch (type) {
    case FieldType::kBool:
      return "must be true or false";
    case FieldType::kInt:
    case FieldType::kUnixTime:
      return "must be an integer";
    case FieldType::kNumber:
      return "must be a number";
    case FieldType::kText:
      return "must be a string";
    case FieldType::kTime:
      return "must be an ISO 8601 time";
    case FieldType::kObject:
      return "must be an object";
    case FieldType::kList:
      return "must be an array";
    case FieldType::kAny:
      return "is not valid";
  }
  return "is not valid";
}

std::string TextOf(const Finding& finding) {
  const Field* field = finding.field;
  if (field == nullptr) return "is not known";
  const bool is_text = finding.got != nullptr && finding.got->IsString();
  switch (finding.fault) {
    case Fault::kMissing:
      return "is required";
    case Fault::kNull:
      return "must not be null";
    case Fault::kWrongType: {
      const bool is_element = field->type == FieldType::kList && finding.path.ends_with(']');
      return TypeText(is_element ? field->element : field->type);
    }
    case Fault::kNotWhole:
      return "must be an integer";
    case Fault::kTooShort:
      return is_text ? "must not be empty" : "has too few elements";
    case Fault::kTooLong:
      return is_text && field->max
                 ? "must be at most " + NumberText(*field->max) + " characters long"
                 : "is too long";
    case Fault::kTooSmall:
      return field->min ? "must be at least " + NumberText(*field->min) : "is too small";
    case Fault::kTooBig:
      return field->max ? "must be at most " + NumberText(*field->max) : "is too big";
    case Fault::kNotAChoice:
      return "must be one of: " + Joined(field->choices);
    case Fault::kControl:
      return "must not hold control characters";
    case Fault::kNotATime:
      return "must be an ISO 8601 time";
    case Fault::kUnknown:
      return "is not known";
  }
  return "is not valid";
}

// Field names of use cases and of specs, and this dialect's (kener-classic.md 6.4, 6.10).
struct FieldName {
  std::string_view inner;
  std::string_view ours;
};
constexpr std::array kFieldNames = {
    FieldName{"expected_status", "expectedStatusCode"},
    FieldName{"timeout_ms", "timeout"},
    FieldName{"record", "recordType"},
    FieldName{"record_type", "recordType"},
    FieldName{"schedule.interval", "interval"},
    FieldName{"starts_at", "scheduledStart"},
    FieldName{"ends_at", "scheduledEnd"},
    FieldName{"duration", "scheduledEnd"},
    FieldName{"started_at", "scheduledStart"},
};

std::string OurName(std::string_view field) {
  for (const std::string_view prefix : {"spec.", "monitor."}) {
    if (field.starts_with(prefix)) field.remove_prefix(prefix.size());
  }
  for (const FieldName& row : kFieldNames) {
    if (row.inner == field) return std::string(row.ours);
  }
  return std::string(field);
}

Result<int64_t> ReadNumber(const Parameters& parameters, std::string_view name, int64_t fallback,
                           int64_t max) {
  const std::string* text = http::FindParameter(parameters, name);
  if (text == nullptr) return fallback;
  const std::optional<int64_t> number = ParseInt(*text);
  if (number && *number >= 1 && *number <= max) return *number;
  return BadField(name, "must be an integer between 1 and " + std::to_string(max));
}

}  // namespace

std::string Success(std::string_view data, std::string_view message) {
  std::string out = "{\"success\":true,\"data\":";
  out += data;
  if (!message.empty()) {
    out += ",\"message\":";
    AppendJsonString(out, message);
  }
  out += '}';
  return out;
}

http::Response PrintFailure(const http::Request&, const Failure& failure) {
  const bool wrong_method = failure.problem == Problem::kWrongMethod;
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("success").Bool(false).Key("error").BeginObject();
  json.Key("code").String(wrong_method ? "METHOD_NOT_ALLOWED" : failure.code);
  json.Key("message").String(failure.message);
  if (!failure.fields.empty()) {
    Value details;
    for (const FieldError& field : failure.fields) details.Set(field.field, field.message);
    json.Key("details").Tree(details);
  }
  json.EndObject().EndObject();
  http::Response response(failure.status);
  response.Add("content-type", "application/json; charset=utf-8");
  if (failure.status == 401) response.Add("www-authenticate", "Bearer");
  if (wrong_method) response.Add("allow", failure.allow);
  response.body = std::move(body);
  return response;
}

void Decorate(const http::Request&, http::Response& response) { AllowAnyOrigin(response); }

Status CheckBody(const Shape& shape, const Value& body, bool partial) {
  CheckOptions options;
  options.partial = partial;
  const std::vector<Finding> findings = CheckShape(shape, body, options);
  if (findings.empty()) return Ok();
  if (!body.IsObject()) return Error(ErrorKind::kInvalid, "The body must be a JSON object");
  Error error(ErrorKind::kInvalid, "");
  for (const Finding& finding : findings) {
    error.fields.push_back({finding.path, finding.path + " " + TextOf(finding)});
  }
  error.message = error.fields.front().message;
  return error;
}

Error InOurWords(Error error) {
  for (FieldError& field : error.fields) {
    const std::string inner = std::exchange(field.field, OurName(field.field));
    if (!field.message.starts_with(field.field)) {
      const std::string_view rest = field.message;
      const size_t known = rest.starts_with(inner + " ") ? inner.size() + 1 : 0;
      field.message = field.field + " " + std::string(rest.substr(known));
    }
  }
  if (!error.fields.empty()) error.message = error.fields.front().message;
  return error;
}

Result<PageWish> ReadPageWish(const Parameters& parameters) {
  PageWish wish;
  PHAROS_ASSIGN_OR_RETURN(wish.page, ReadNumber(parameters, "page", 1, kMaxPage));
  PHAROS_ASSIGN_OR_RETURN(wish.limit, ReadNumber(parameters, "limit", wish.limit, kMaxLimit));
  return wish;
}

}  // namespace pharos::api::kener_classic
