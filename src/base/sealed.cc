#include "base/sealed.h"

#include <sodium.h>

#include <cstdlib>
#include <utility>

#include "base/crypto.h"

namespace pharos {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kSealKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string Seal(const Secret& key, std::string_view text, std::string_view bound) {
  // Only fails without a random source, and then nothing is safe.
  if (sodium_init() < 0 || key.Reveal().size() != kSealKeyBytes) std::abort();
  std::string sealed = RandomBytes(kNonceBytes);
  sealed.resize(kNonceBytes + text.size() + kTagBytes);
  unsigned long long written = 0;  // NOLINT: the library's type
  crypto_aead_xchacha20poly1305_ietf_encrypt(Bytes(sealed) + kNonceBytes, &written, Bytes(text),
                                             text.size(), Bytes(bound), bound.size(), nullptr,
                                             Bytes(sealed), Bytes(key.Reveal()));
  return sealed;
}

std::optional<Secret> Unseal(const Secret& key, std::string_view sealed, std::string_view bound) {
  if (sodium_init() < 0 || key.Reveal().size() != kSealKeyBytes) return std::nullopt;
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::string_view hidden = sealed.substr(kNonceBytes);
  std::string text(hidden.size() - kTagBytes, '\0');
  unsigned long long written = 0;  // NOLINT: the library's type
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(Bytes(text), &written, nullptr, Bytes(hidden),
                                                 hidden.size(), Bytes(bound), bound.size(),
                                                 Bytes(sealed), Bytes(key.Reveal())) != 0) {
    return std::nullopt;
  }
  return Secret(std::move(text));
}

}  // namespace pharos
