#pragma once

#include <string>
#include <string_view>

namespace pharos {

// Argon2id by libsodium in its text form, which carries salt and costs. Slow by design (about a
// tenth of a second, 64 MiB): never on a request loop.
std::string HashPassword(std::string_view password);
// False also for a text that is no hash.
bool VerifyPassword(std::string_view hash, std::string_view password);

}  // namespace pharos
