#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/value.h"

namespace pharos::model {

enum class FieldType : uint8_t {
  kBool,
  kInt,
  kReal,
  kText,        // one line or more, `max` = bytes
  kChoice,      // one of `choices`
  kTextList,    // list of texts, `max` = elements
  kPairList,    // list of {name, value} objects
  kObject,      // free object, checked by the kind itself
  kObjectList,  // list of objects, checked by the kind itself
};

// What one field of a probe kind's or channel kind's spec may hold. Validation, console forms and
// documentation all read these rows; a default is written nowhere else.
struct FieldSpec {
  std::string_view name;
  FieldType type = FieldType::kText;
  bool required = false;
  Value fallback{};  // null = absent
  double min = 0;
  double max = 0;  // 0 = 64 KiB for texts, 100 for lists, no limit for numbers
  std::vector<std::string_view> choices{};
  bool secret = false;  // never shown again
  std::string_view help{};
};

// Checks an object against the rows: unknown members are errors, defaults are filled in, members
// come out in row order. All problems are collected; `prefix` goes before field names.
struct ValidatedSpec {
  Value spec;
  std::vector<FieldError> problems;
};
ValidatedSpec ValidateSpec(const std::vector<FieldSpec>& rows, const Value& input,
                           std::string_view prefix);

}  // namespace pharos::model
