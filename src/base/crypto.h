#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pharos {

// Raw 32 bytes.
std::string Sha256(std::string_view data);
// Raw 20 bytes. Only for protocols that demand it, never for secrets or signatures.
std::string Sha1(std::string_view data);
std::string HmacSha256(std::string_view key, std::string_view data);
// From the system's generator; aborts the process if it fails, since nothing is safe without it.
std::string RandomBytes(size_t count);
// Takes the same time wherever the texts differ; length is not hidden.
bool ConstantTimeEquals(std::string_view a, std::string_view b);
// Lower-case version 4 UUID.
std::string RandomUuid();

}  // namespace pharos
