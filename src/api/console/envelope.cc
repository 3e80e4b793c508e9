#include "api/console/envelope.h"

#include <utility>

#include "base/text.h"

namespace pharos::api::console {
namespace {

using T = FieldType;

std::string NumberText(double number) {
  std::string text;
  AppendJsonNumber(text, number);
  return text;
}

std::string_view TypeWord(FieldType type) {
  switch (type) {
    case FieldType::kBool:
      return "true or false";
    case FieldType::kInt:
      return "a whole number";
    case FieldType::kNumber:
    case FieldType::kUnixTime:
      return "a number";
    case FieldType::kText:
      return "a text";
    case FieldType::kTime:
      return "an ISO 8601 time";
    case FieldType::kObject:
      return "an object";
    case FieldType::kList:
      return "a list";
    case FieldType::kAny:
      return "a value";
  }
  return "a value";
}

std::string Choices(const Field& field) {
  std::string text;
  for (const std::string_view choice : field.choices) {
    text += (text.empty() ? "" : ", ") + std::string(choice);
  }
  return text;
}

std::string Wording(const Finding& finding) {
  const std::string& name = finding.path;
  const Field* field = finding.field;
  switch (finding.fault) {
    case Fault::kMissing:
      return name + " is required";
    case Fault::kNull:
      return name + " must not be null";
    case Fault::kWrongType:
      return name + " must be " +
             std::string(field != nullptr ? TypeWord(field->type) : "of another type");
    case Fault::kNotWhole:
      return name + " must be a whole number";
    case Fault::kTooShort:
      if (field != nullptr && field->min.value_or(1) > 1) {
        return name + " is too short (at least " + NumberText(*field->min) + ")";
      }
      return name + " must not be empty";
    case Fault::kTooLong:
      return name + " is too long" +
             (field != nullptr && field->max ? " (at most " + NumberText(*field->max) + ")" : "");
    case Fault::kTooSmall:
      return name + " must be at least " + NumberText(field->min.value_or(0));
    case Fault::kTooBig:
      return name + " is too large" +
             (field->max ? " (at most " + NumberText(*field->max) + ")" : "");
    case Fault::kNotAChoice:
      return name + " must be one of: " + Choices(*field);
    case Fault::kControl:
      return name + " must not contain control characters";
    case Fault::kNotATime:
      return name + " must be an ISO 8601 time";
    case Fault::kUnknown:
      return name + " is unknown";
  }
  return name + " is invalid";
}

// "spec.port must be between 1 and 65535": a text that only goes on from the name of its field
// would leave whoever prints the message alone in the dark.
std::string MessageOf(const Failure& failure) {
  if (failure.fields.empty()) return failure.message;
  const FieldError& first = failure.fields.front();
  const std::string_view text = first.message;
  const bool goes_on = text.starts_with("must ") || text.starts_with("is ");
  if (!goes_on || failure.message != text) return failure.message;
  return first.field + " " + first.message;
}

}  // namespace

http::Response PrintFailure(const http::Request&, const Failure& failure) {
  std::string_view code = failure.code;
  if (failure.problem == Problem::kBadBody) code = "bad_json";
  if (failure.problem == Problem::kWrongMethod) code = "wrong_method";
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("error").BeginObject();
  json.Key("code").String(code).Key("message").String(MessageOf(failure));
  json.Key("fields").BeginList();
  for (const FieldError& field : failure.fields) {
    json.BeginObject().Key("field").String(field.field).Key("message").String(field.message);
    json.EndObject();
  }
  json.EndList().EndObject().EndObject();
  http::Response response = http::Response::Json(failure.status, std::move(body));
  if (failure.problem == Problem::kWrongMethod) response.Add("allow", failure.allow);
  return response;
}

const Shape& ErrorReply() {
  static const Shape field{
      "FieldError",
      {{.name = "field", .required = true}, {.name = "message", .required = true}},
      false};
  static const Shape error{
      "Error",
      {{.name = "code", .required = true},
       {.name = "message", .required = true},
       {.name = "fields", .type = T::kList, .required = true, .shape = &field}},
      false};
  static const Shape shape{
      "ErrorReply",
      {{.name = "error", .type = T::kObject, .required = true, .shape = &error}},
      false};
  return shape;
}

Status CheckBody(const Shape& shape, const Value& body, bool partial) {
  if (!body.IsObject()) return Error(ErrorKind::kInvalid, "The body must be a JSON object");
  const std::vector<Finding> findings = CheckShape(shape, body, {.partial = partial});
  if (findings.empty()) return Ok();
  Error error(ErrorKind::kInvalid, Wording(findings.front()));
  for (const Finding& finding : findings) {
    error.fields.push_back({finding.path, Wording(finding)});
  }
  return error;
}

Result<service::MonitorPtr> FindMonitor(const Call& call) {
  const std::string_view tag = call.params.Find("tag");
  service::MonitorPtr monitor = call.services.monitors.FindByTag(*call.who, tag);
  if (monitor != nullptr) return monitor;
  return Error(ErrorKind::kNotFound,
               "There is no monitor '" + Ellipsize(SanitizeUtf8(tag), 100) + "'");
}

Status MonitorExists(Call& call) {
  PHAROS_RETURN_IF_ERROR(FindMonitor(call));
  return Ok();
}

std::string QueryText(const http::Request& request, std::string_view name) {
  const auto query = http::ParseQuery(request.query);
  const std::string* text = http::FindParameter(query, name);
  return text == nullptr ? std::string() : *text;
}

Result<int64_t> QueryNumber(const http::Request& request, std::string_view name, int64_t usual,
                            int64_t min, int64_t max) {
  const std::string text = QueryText(request, name);
  if (text.empty()) return usual;
  const auto number = ParseInt(text);
  if (number && *number >= min && *number <= max) return *number;
  return Error::Field(std::string(name), std::string(name) + " must be a number between " +
                                             std::to_string(min) + " and " + std::to_string(max));
}

Result<std::optional<bool>> QueryFlag(const http::Request& request, std::string_view name) {
  const std::string text = QueryText(request, name);
  if (text.empty()) return std::optional<bool>();
  if (text == "true" || text == "false") return std::optional<bool>(text == "true");
  return Error::Field(std::string(name), std::string(name) + " must be true or false");
}

Result<Window> ReadWindow(const http::Request& request) {
  constexpr int64_t kLastPage = 1'000'000;
  Window window;
  PHAROS_ASSIGN_OR_RETURN(window.page, QueryNumber(request, "page", 1, 1, kLastPage));
  PHAROS_ASSIGN_OR_RETURN(window.limit, QueryNumber(request, "limit", kUsualLimit, 1, kMaxLimit));
  return window;
}

std::vector<Field> WithWindow(std::vector<Field> query) {
  query.push_back({.name = "page", .type = T::kInt, .min = 1, .help = "Default 1."});
  query.push_back(
      {.name = "limit", .type = T::kInt, .min = 1, .max = kMaxLimit, .help = "Default 100."});
  return query;
}

Shape ListShape(std::string_view name, const Shape& element) {
  return {
      name,
      {{.name = "items", .type = T::kList, .required = true, .max = kMaxLimit, .shape = &element},
       {.name = "page", .type = T::kInt, .required = true},
       {.name = "limit", .type = T::kInt, .required = true},
       {.name = "total", .type = T::kInt, .required = true}},
      false};
}

std::string PrintDeleted() { return R"({"deleted":true})"; }

const Shape& DeletedReply() {
  static const Shape shape{
      "Deleted", {{.name = "deleted", .type = T::kBool, .required = true}}, false};
  return shape;
}

}  // namespace pharos::api::console
