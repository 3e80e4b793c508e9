#include "base/password.h"

#include <sodium.h>

#include <cstdlib>

namespace pharos {

std::string HashPassword(std::string_view password) {
  // Only fails without memory or a random source, and then nothing is safe.
  if (sodium_init() < 0) std::abort();
  std::string text(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str(text.data(), password.data(), password.size(),
                        crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    std::abort();
  }
  text.resize(text.find('\0'));
  return text;
}

bool VerifyPassword(std::string_view hash, std::string_view password) {
  if (hash.empty() || sodium_init() < 0) return false;
  const std::string text(hash);
  return crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
}

}  // namespace pharos
