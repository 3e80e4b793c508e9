#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pharos {

// Turns row numbers into twelve lower-case letters and digits that look random, and back, for
// interfaces whose ids are a prefix and such a text ("mon_q7t2kav0x3rb"). `noun` separates the
// kinds, so that number 1 of two nouns reads differently. A disguise, not a secret: whoever may see
// a thing is decided elsewhere.
inline constexpr size_t kOpaqueIdLength = 12;
std::string EncodeOpaqueId(std::string_view noun, int64_t number);
// nullopt for a text that no number above 0 encodes to.
std::optional<int64_t> DecodeOpaqueId(std::string_view noun, std::string_view text);

}  // namespace pharos
