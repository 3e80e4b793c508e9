#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace pharos::api::kener_v4 {

// The trimmed text of a member that must be a text with something in it.
std::optional<std::string> NonBlank(const Value& body, std::string_view name);
// A text that the original stores unchecked (kener-v4.md 4.7): numbers and booleans as text,
// objects as JSON, null and lists refused with the member's name, and so is what is longer than
// `max_bytes`.
Result<std::string> FreeText(std::string_view field, const Value& value,
                             size_t max_bytes = 64 * 1024);
// The same where null stands for itself.
Result<std::optional<std::string>> FreeTextOrNull(std::string_view field, const Value& value);
// Comma-separated words, trimmed; blank ones are left out.
std::vector<std::string> CommaWords(std::string_view text);

// {"message":"..."}
std::string MessageReply(std::string_view message);

}  // namespace pharos::api::kener_v4
