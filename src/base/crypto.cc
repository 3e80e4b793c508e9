#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <climits>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"

namespace pharos {
namespace {

constexpr size_t kSha1Bytes = 20;
constexpr size_t kSha256Bytes = 32;

[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "pharos: fatal: %s\n", what);
  std::abort();
}

// Fetched once: looking an algorithm up by name costs more than hashing a token.
const EVP_MD* Sha256Algorithm() {
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (kAlgorithm == nullptr) Die("the cryptographic library has no SHA-256");
  return kAlgorithm;
}

}  // namespace

std::string Sha256(std::string_view data) {
  std::string digest(kSha256Bytes, '\0');
  if (EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                 Sha256Algorithm(), nullptr) != 1) {
    Die("SHA-256 failed");
  }
  return digest;
}

std::string Sha1(std::string_view data) {
  std::string digest(kSha1Bytes, '\0');
  if (EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                 EVP_sha1(), nullptr) != 1) {
    Die("SHA-1 failed");
  }
  return digest;
}

std::string HmacSha256(std::string_view key, std::string_view data) {
  // HMAC() takes an int length; hashing a longer key first is what HMAC itself does.
  if (key.size() > INT_MAX) return HmacSha256(Sha256(key), data);
  std::string digest(kSha256Bytes, '\0');
  unsigned int length = 0;
  // A null key would mean "the key of the last call".
  const char* key_bytes = key.empty() ? "" : key.data();
  if (HMAC(Sha256Algorithm(), key_bytes, static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(data.data()), data.size(),
           reinterpret_cast<unsigned char*>(digest.data()), &length) == nullptr) {
    Die("HMAC-SHA-256 failed");
  }
  return digest;
}

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (count > INT_MAX ||
      RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    Die("the random generator failed");
  }
  return bytes;
}

bool ConstantTimeEquals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string RandomUuid() {
  std::string bytes = RandomBytes(16);
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0F) | 0x40);  // version 4
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3F) | 0x80);  // variant 1
  const std::string hex = HexLower(bytes);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

}  // namespace pharos
