#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace pharos {

// Encryption of small values at rest: XChaCha20-Poly1305 with a random nonce of 24 bytes in front.
// `bound` is not encrypted but authenticated: a sealed text opens only with what it was sealed
// with, so it cannot be moved to another place.
inline constexpr size_t kSealKeyBytes = 32;

// Precondition: the key has kSealKeyBytes bytes.
std::string Seal(const Secret& key, std::string_view text, std::string_view bound);
// nullopt for a wrong key, another `bound` or a damaged text.
std::optional<Secret> Unseal(const Secret& key, std::string_view sealed, std::string_view bound);

}  // namespace pharos
