#include "api/schema.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/time.h"

namespace pharos::api {
namespace {

constexpr double kExactInteger = 9007199254740991.0;  // 2^53 - 1
constexpr double kLastUnixTime = 253402300799.0;      // the end of year 9999
constexpr double kMaxText = 64 * 1024;
constexpr double kMaxList = 1000;

double MaxOf(const Field& field, FieldType type, bool is_element) {
  if (field.max && !is_element) return *field.max;
  switch (type) {
    case FieldType::kText:
    case FieldType::kTime:
      return kMaxText;
    case FieldType::kList:
      return kMaxList;
    case FieldType::kUnixTime:
      return kLastUnixTime;
    case FieldType::kBool:
    case FieldType::kInt:
    case FieldType::kNumber:
    case FieldType::kObject:
    case FieldType::kAny:
      return kExactInteger;
  }
  return kExactInteger;
}

double MinOf(const Field& field, FieldType type, bool is_element) {
  if (field.min && !is_element) return *field.min;
  const bool may_be_negative = type == FieldType::kInt || type == FieldType::kNumber;
  return may_be_negative ? -kExactInteger : 0;
}

bool IsControl(char c) {
  if (c == '\t' || c == '\n' || c == '\r') return false;
  return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

// Walks a body along a shape and notes what does not fit.
class Checker {
 public:
  explicit Checker(const CheckOptions& options) : options_(options) {}

  void Object(const Shape& shape, const Value& body, const std::string& path, bool partial) {
    const std::string prefix = path.empty() ? "" : path + ".";
    for (const Field& field : shape.fields) {
      if (Full()) return;
      const Value* got = body.Find(field.name);
      const std::string name = prefix + std::string(field.name);
      if (got != nullptr) {
        Member(field, *got, name, partial);
      } else if (field.required && !partial) {
        Note(name, Fault::kMissing, &field, nullptr);
      }
    }
    if (shape.open) return;
    for (const Value::Member& member : body.AsObject()) {
      const auto same = [&](const Field& field) { return field.name == member.first; };
      if (std::any_of(shape.fields.begin(), shape.fields.end(), same)) continue;
      Note(prefix + member.first, Fault::kUnknown, nullptr, &member.second);
    }
  }

  void Note(std::string path, Fault fault, const Field* field, const Value* got) {
    if (!Full()) findings_.push_back({std::move(path), fault, field, got});
  }

  std::vector<Finding> Take() { return std::move(findings_); }

 private:
  bool Full() const { return findings_.size() >= options_.max_findings; }

  void Member(const Field& field, const Value& got, const std::string& path, bool partial) {
    if (field.type == FieldType::kAny) return;
    if (got.IsNull()) {
      if (!field.nullable) Note(path, Fault::kNull, &field, &got);
      return;
    }
    if (field.type != FieldType::kList) return One(field, field.type, got, path, partial, false);
    if (!got.IsList()) return Note(path, Fault::kWrongType, &field, &got);
    const auto size = static_cast<double>(got.AsList().size());
    if (!options_.reply) {
      if (size < MinOf(field, FieldType::kList, false)) Note(path, Fault::kTooShort, &field, &got);
      if (size > MaxOf(field, FieldType::kList, false)) {
        return Note(path, Fault::kTooLong, &field, &got);
      }
    }
    const FieldType element = field.shape != nullptr ? FieldType::kObject : field.element;
    for (size_t i = 0; i < got.AsList().size() && !Full(); ++i) {
      // What stands in a list is always new, so nothing of it may be left out.
      One(field, element, got.AsList()[i], path + "[" + std::to_string(i) + "]", false, true);
    }
  }

  void One(const Field& field, FieldType type, const Value& got, const std::string& path,
           bool partial, bool is_element) {
    const auto wrong = [&](Fault fault) { Note(path, fault, &field, &got); };
    switch (type) {
      case FieldType::kBool:
        if (!got.IsBool()) wrong(Fault::kWrongType);
        return;
      case FieldType::kInt:
      case FieldType::kUnixTime:
      case FieldType::kNumber:
        return Number(field, type, got, path, is_element);
      case FieldType::kText:
        return Text(field, got, path, is_element);
      case FieldType::kTime:
        if (!got.IsString()) return wrong(Fault::kWrongType);
        if (!ParseIso(got.AsString())) wrong(Fault::kNotATime);
        return;
      case FieldType::kObject:
        if (!got.IsObject()) return wrong(Fault::kWrongType);
        if (field.shape != nullptr) Object(*field.shape, got, path, partial);
        return;
      case FieldType::kList:  // of lists: their elements are free
        if (!got.IsList()) wrong(Fault::kWrongType);
        return;
      case FieldType::kAny:
        return;
    }
  }

  void Number(const Field& field, FieldType type, const Value& got, const std::string& path,
              bool is_element) {
    if (!got.IsNumber()) return Note(path, Fault::kWrongType, &field, &got);
    const double number = got.AsDouble();
    if (type != FieldType::kNumber && std::floor(number) != number) {
      return Note(path, Fault::kNotWhole, &field, &got);
    }
    if (options_.reply) return;
    if (number < MinOf(field, type, is_element)) Note(path, Fault::kTooSmall, &field, &got);
    if (number > MaxOf(field, type, is_element)) Note(path, Fault::kTooBig, &field, &got);
  }

  void Text(const Field& field, const Value& got, const std::string& path, bool is_element) {
    const auto wrong = [&](Fault fault) { Note(path, fault, &field, &got); };
    if (!got.IsString()) return wrong(Fault::kWrongType);
    const std::string& text = got.AsString();
    if (!field.choices.empty()) {
      const auto& choices = field.choices;
      const bool known = std::find(choices.begin(), choices.end(), text) != choices.end();
      return known ? void() : wrong(Fault::kNotAChoice);
    }
    if (options_.reply) return;
    const double min = MinOf(field, FieldType::kText, is_element);
    const auto size = static_cast<double>(text.size());
    if (size < min || (min >= 1 && Trim(text).empty())) return wrong(Fault::kTooShort);
    if (size > MaxOf(field, FieldType::kText, is_element)) return wrong(Fault::kTooLong);
    if (!field.any_control && std::any_of(text.begin(), text.end(), IsControl)) {
      wrong(Fault::kControl);
    }
  }

  const CheckOptions options_;
  std::vector<Finding> findings_;
};

// Whole numbers as such, so that the document says 1 and not 1.0.
Value NumberValue(double number) {
  if (std::floor(number) == number && std::abs(number) <= kExactInteger) {
    return Value(static_cast<int64_t>(number));
  }
  return Value(number);
}

const char* TypeName(FieldType type) {
  switch (type) {
    case FieldType::kBool:
      return "boolean";
    case FieldType::kInt:
    case FieldType::kUnixTime:
      return "integer";
    case FieldType::kNumber:
      return "number";
    case FieldType::kText:
    case FieldType::kTime:
      return "string";
    case FieldType::kObject:
      return "object";
    case FieldType::kList:
      return "array";
    case FieldType::kAny:
      return "";
  }
  return "";
}

Value::List ChoiceValues(const Field& field) {
  Value::List values;
  for (const std::string_view choice : field.choices) values.emplace_back(choice);
  return values;
}

Value SchemaOfElement(const Field& field) {
  if (field.shape != nullptr) return SchemaReference(*field.shape);
  Value schema{Value::Object{}};
  if (field.element == FieldType::kAny) return schema;
  schema.Set("type", TypeName(field.element));
  if (field.element == FieldType::kTime) schema.Set("format", "date-time");
  if (!field.choices.empty()) schema.Set("enum", ChoiceValues(field));
  return schema;
}

void SetLimits(Value& schema, const Field& field) {
  const auto set = [&](std::string_view low, std::string_view high) {
    if (field.min) schema.Set(low, NumberValue(*field.min));
    if (field.max) schema.Set(high, NumberValue(*field.max));
  };
  switch (field.type) {
    case FieldType::kInt:
    case FieldType::kNumber:
    case FieldType::kUnixTime:
      return set("minimum", "maximum");
    case FieldType::kText:
      return set("minLength", "maxLength");
    case FieldType::kList:
      return set("minItems", "maxItems");
    case FieldType::kBool:
    case FieldType::kTime:
    case FieldType::kObject:
    case FieldType::kAny:
      return;
  }
}

}  // namespace

std::vector<Finding> CheckShape(const Shape& shape, const Value& body,
                                const CheckOptions& options) {
  Checker checker(options);
  if (body.IsObject()) {
    checker.Object(shape, body, "", options.partial);
  } else {
    checker.Note("", Fault::kWrongType, nullptr, &body);
  }
  return checker.Take();
}

Value SchemaReference(const Shape& shape) {
  Value reference;
  reference.Set("$ref", "#/components/schemas/" + std::string(shape.name));
  return reference;
}

Value SchemaOfField(const Field& field) {
  Value schema{Value::Object{}};
  if (field.type == FieldType::kObject && field.shape != nullptr) {
    schema = SchemaReference(*field.shape);
    if (field.nullable) {
      Value nothing;
      nothing.Set("type", "null");
      Value either;
      either.Set("anyOf", Value::List{schema, nothing});
      schema = std::move(either);
    }
  } else if (field.type != FieldType::kAny) {
    const char* type = TypeName(field.type);
    schema.Set("type", field.nullable ? Value(Value::List{type, "null"}) : Value(type));
    if (field.type == FieldType::kTime) schema.Set("format", "date-time");
    if (field.type == FieldType::kList) schema.Set("items", SchemaOfElement(field));
    if (field.type == FieldType::kText && !field.choices.empty()) {
      Value::List choices = ChoiceValues(field);
      if (field.nullable) choices.emplace_back(nullptr);
      schema.Set("enum", std::move(choices));
    }
    SetLimits(schema, field);
  }
  if (!field.help.empty()) schema.Set("description", field.help);
  return schema;
}

void CollectSchemas(const Shape& shape, Value& components) {
  if (components.Find(shape.name) != nullptr) return;
  components.Set(shape.name, Value::Object{});  // there already, should the shape hold itself
  Value properties{Value::Object{}};
  Value::List required;
  for (const Field& field : shape.fields) {
    properties.Set(field.name, SchemaOfField(field));
    if (field.required) required.emplace_back(field.name);
    if (field.shape != nullptr) CollectSchemas(*field.shape, components);
  }
  Value schema;
  schema.Set("type", "object");
  schema.Set("properties", std::move(properties));
  if (!required.empty()) schema.Set("required", std::move(required));
  if (!shape.open) schema.Set("additionalProperties", false);
  components.Set(shape.name, std::move(schema));
}

}  // namespace pharos::api
