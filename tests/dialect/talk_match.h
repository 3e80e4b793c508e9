#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"

namespace pharos::talk {

enum class MatchMode {
  kSubset,  // objects may have further members; lists must have the same length
  kExact,   // same members in the same order
};

// What differs, one line each ("monitor.name: want \"a\", got \"b\""); empty when it matches. Texts
// such as "<integer>" in `want` are matchers (README.md).
std::vector<std::string> Compare(const Value& want, const Value& got, MatchMode mode,
                                 const std::string& path = "");

// "monitor.type_data", "data.0.latency", "." for the whole; nullptr when there is none.
const Value* Locate(const Value& root, std::string_view path);

}  // namespace pharos::talk
