#pragma once

#include <string>
#include <string_view>
#include <utility>
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
// A list of ids as a JSON list of numbers.
template <class Id>
std::string WriteIds(const std::vector<Id>& ids) {
  Value::List list;
  list.reserve(ids.size());
  for (const Id id : ids) list.emplace_back(id.value());
  return WriteColumn(Value(std::move(list)));
}
template <class Id>
Result<std::vector<Id>> ParseIds(std::string_view text) {
  PHAROS_ASSIGN_OR_RETURN(const Value list, ParseColumn(text));
  if (!list.IsList()) return Error::Internal("damaged JSON column: no list");
  std::vector<Id> ids;
  ids.reserve(list.AsList().size());
  for (const Value& item : list.AsList()) {
    if (!item.IsInt()) return Error::Internal("damaged JSON column: no number");
    ids.emplace_back(item.AsInt());
  }
  return ids;
}

}  // namespace pharos::store::sqlite
