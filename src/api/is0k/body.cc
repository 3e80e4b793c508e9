#include "api/is0k/body.h"

#include "api/is0k/envelope.h"
#include "base/text.h"

namespace pharos::api::is0k {
namespace {

std::string SnakeName(std::string_view name) {
  std::string snake;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      if (!snake.empty()) snake += '_';
      snake += static_cast<char>(c - 'A' + 'a');
    } else {
      snake += c;
    }
  }
  return snake;
}

Value RenameMembers(const Value& object) {
  Value renamed(Value::Object{});
  // A name that is written right stands above one that only reads right.
  for (const bool exact : {false, true}) {
    for (const auto& [name, value] : object.AsObject()) {
      const std::string snake = SnakeName(name);
      if ((snake == name) == exact) renamed.Set(snake, value);
    }
  }
  return renamed;
}

std::string NumberText(double number) {
  std::string text;
  AppendJsonNumber(text, number);
  return text;
}

std::string TypeWord(FieldType type) {
  switch (type) {
    case FieldType::kBool:
      return "true or false";
    case FieldType::kInt:
      return "an integer";
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
    if (!text.empty()) text += ", ";
    text += choice;
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
      return name + " must be " + (field != nullptr ? TypeWord(field->type) : "another type");
    case Fault::kNotWhole:
      return name + " must be an integer";
    case Fault::kTooShort:
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

}  // namespace

Value ToSnakeCase(const Value& body) {
  if (!body.IsObject()) return body;
  Value renamed = RenameMembers(body);
  if (Value* config = renamed.Find("config"); config != nullptr && config->IsObject()) {
    *config = RenameMembers(*config);
  }
  return renamed;
}

Result<Value> ReadObject(Call& call) {
  if (!call.body.IsObject()) {
    return Coded(call, 400, "INVALID_JSON", "The body must be a JSON object");
  }
  return ToSnakeCase(call.body);
}

Status CheckBody(const Shape& shape, const Value& body, bool partial) {
  const std::vector<Finding> findings = CheckShape(shape, body, {.partial = partial});
  if (findings.empty()) return Ok();
  Error error(ErrorKind::kInvalid, Wording(findings.front()));
  for (const Finding& finding : findings) {
    error.fields.push_back({finding.path, Wording(finding)});
  }
  return error;
}

}  // namespace pharos::api::is0k
