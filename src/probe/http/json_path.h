#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pharos::probe {

// One value of a JSON text, as it stands there.
struct JsonHit {
  enum class Type { kNull, kBool, kNumber, kText, kList, kObject };
  Type type = Type::kNull;
  std::string_view raw;  // quotes and brackets included; borrows the JSON text

  // The characters of a text, escapes resolved; `raw` for every other type.
  std::string Text() const;
  std::optional<double> Number() const;  // only for numbers
};

// Whether the whole text is one JSON value, nested at most 64 deep. No tree is built: an answer
// that blows up into a large tree costs nothing. Error: kInvalid, with the byte.
Status CheckJson(std::string_view json);

// A small part of JSONPath: "$" and then any of .name  ['name']  ["name"]  [3]  [*]  .*
// Of equal member names the last one counts. Value type; selecting is thread-safe.
class JsonPath {
 public:
  // At most 512 bytes and 16 steps. Error: kInvalid, naming the place.
  static Result<JsonPath> Parse(std::string_view text);
  // Visits the selected values in the order of the text until `visit` returns false. Any text is
  // safe; only one that CheckJson accepts gives meaningful values. Memory does not grow with the
  // text; time is linear in text times steps.
  void Select(std::string_view json, const std::function<bool(const JsonHit&)>& visit) const;

 private:
  struct Step {
    enum class Kind { kName, kIndex, kAny };
    Kind kind = Kind::kAny;
    std::string name;
    size_t index = 0;
  };
  class Walker;

  static Result<Step> ParseBracket(std::string_view text, size_t& at);

  std::vector<Step> steps_;
};

}  // namespace pharos::probe
