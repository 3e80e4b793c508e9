#include "api/kener_v4/texts.h"

#include "api/kener/js.h"
#include "api/kener_v4/envelope.h"
#include "base/json.h"
#include "base/text.h"

namespace pharos::api::kener_v4 {

std::optional<std::string> NonBlank(const Value& body, std::string_view name) {
  const Value* value = body.Find(name);
  if (value == nullptr || !value->IsString()) return std::nullopt;
  const std::string_view trimmed = Trim(value->AsString());
  if (trimmed.empty()) return std::nullopt;
  return std::string(trimmed);
}

Result<std::string> FreeText(std::string_view field, const Value& value, size_t max_bytes) {
  if (value.IsNull() || value.IsList()) return BadField(field, "must be a string");
  std::string text = value.IsObject() ? WriteJson(value) : kener::ToText(value);
  if (text.size() > max_bytes) {
    return BadField(field, "must be at most " + std::to_string(max_bytes) + " bytes long");
  }
  return text;
}

Result<std::optional<std::string>> FreeTextOrNull(std::string_view field, const Value& value) {
  if (value.IsNull()) return std::optional<std::string>();
  PHAROS_ASSIGN_OR_RETURN(std::string text, FreeText(field, value));
  return std::optional<std::string>(std::move(text));
}

std::vector<std::string> CommaWords(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string_view word : Split(text, ',')) {
    if (const std::string_view trimmed = Trim(word); !trimmed.empty()) words.emplace_back(trimmed);
  }
  return words;
}

std::string MessageReply(std::string_view message) {
  std::string out;
  JsonWriter(out).BeginObject().Key("message").String(message).EndObject();
  return out;
}

}  // namespace pharos::api::kener_v4
