#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"

namespace pharos::api {

// What one member of a body, a reply or a query may be on the wire of a dialect. One table of these
// rows decodes bodies, describes them in the OpenAPI document and drives the walk of bad inputs.
enum class FieldType : uint8_t {
  kBool,
  kInt,     // a number without a fraction
  kNumber,  // any finite number
  kText,
  kTime,      // ISO 8601 text
  kUnixTime,  // seconds since 1970
  kObject,    // by `shape`, or free when that is null
  kList,      // of `element`, or of `shape` objects
  kAny,
};

struct Shape;

struct Field {
  std::string_view name;
  FieldType type = FieldType::kText;
  bool required = false;  // of a body: must be sent; of a reply: always there
  bool nullable = false;
  // Of numbers the value, of texts the bytes, of lists the elements. Absent `max` = 64 KiB for
  // texts, 1,000 for lists, the exact integers of a double for numbers.
  std::optional<double> min = {};
  std::optional<double> max = {};
  std::vector<std::string_view> choices = {};  // of texts, or of the texts in a list
  const Shape* shape = nullptr;                // of an object, or of the objects in a list
  FieldType element = FieldType::kText;        // of a list without a shape
  bool any_control = false;  // texts may hold control characters beside tab and line ends
  std::string_view help = {};
};

// The members of an object in their order. Shapes are constants that live as long as the program.
struct Shape {
  std::string_view name;  // of the component in the OpenAPI document: "Incident"
  std::vector<Field> fields;
  bool open = true;  // members beyond the rows are let pass (bodies) or may come (replies)
};

enum class Fault : uint8_t {
  kMissing,  // required and absent
  kNull,     // null where that is not allowed
  kWrongType,
  kNotWhole,  // a number with a fraction where an integer belongs
  kTooShort,  // texts and lists below `min`; also a text of nothing but blanks when min >= 1
  kTooLong,   // texts and lists above `max`
  kTooSmall,
  kTooBig,
  kNotAChoice,
  kControl,  // control characters
  kNotATime,
  kUnknown,  // a member that a closed shape does not have
};

// One thing that is wrong with a body; points into the shape and the body, which must outlive it.
struct Finding {
  std::string path;  // "monitors[2].impact"
  Fault fault = Fault::kMissing;
  const Field* field = nullptr;  // nullptr for kUnknown and for the body itself
  const Value* got = nullptr;    // nullptr for kMissing
};

struct CheckOptions {
  // A change of something that exists: absent members are fine even where required.
  bool partial = false;
  // What we say ourselves: members, types, nulls and choices are looked at, limits are not.
  bool reply = false;
  size_t max_findings = 50;
};

// What is wrong with `body` (which must be an object), in the order of the rows, depth first.
std::vector<Finding> CheckShape(const Shape& shape, const Value& body,
                                const CheckOptions& options = {});

// A JSON Schema (2020-12, as OpenAPI 3.1 uses it) of one shape; nested shapes are references into
// "#/components/schemas/". `Collect` adds the shape and all that it needs to `components`.
Value SchemaReference(const Shape& shape);
void CollectSchemas(const Shape& shape, Value& components);
Value SchemaOfField(const Field& field);

}  // namespace pharos::api
