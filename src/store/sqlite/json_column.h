#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace pharos::store::sqlite {

// JSON in a column. What was written always parses; text that does not is damage: kInternal.
Result<Value> ParseColumn(std::string_view text);
std::string WriteColumn(const Value& value);
// A list of texts as a JSON list.
std::string WriteTexts(const std::vector<std::string>& texts);
Result<std::vector<std::string>> ParseTexts(std::string_view text);

}  // namespace pharos::store::sqlite
