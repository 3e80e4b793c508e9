#include "store/sqlite/json_column.h"

#include <cstdint>
#include <utility>

#include "base/json.h"

namespace pharos::store::sqlite {

Result<Value> ParseColumn(std::string_view text) {
  JsonLimits limits;
  limits.max_bytes = SIZE_MAX;  // nothing larger than a request gets here
  limits.max_depth = 256;
  auto value = ParseJson(text, limits);
  if (!value) return Error::Internal("damaged JSON column: " + value.error().message);
  return value;
}

std::string WriteColumn(const Value& value) { return WriteJson(value); }

std::string WriteTexts(const std::vector<std::string>& texts) {
  std::string out;
  JsonWriter writer(out);
  writer.BeginList();
  for (const std::string& text : texts) writer.String(text);
  writer.EndList();
  return out;
}

Result<std::vector<std::string>> ParseTexts(std::string_view text) {
  PHAROS_ASSIGN_OR_RETURN(const Value list, ParseColumn(text));
  if (!list.IsList()) return Error::Internal("damaged JSON column: no list");
  std::vector<std::string> texts;
  for (const Value& item : list.AsList()) {
    if (!item.IsString()) return Error::Internal("damaged JSON column: no text");
    texts.push_back(item.AsString());
  }
  return texts;
}

}  // namespace pharos::store::sqlite
