#include "base/opaque_id.h"

namespace pharos {
namespace {

constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
// A Feistel network over 60 bits: 2^60 < 36^12, so every number has a text of twelve digits.
constexpr int kHalfBits = 30;
constexpr uint64_t kHalfMask = (uint64_t{1} << kHalfBits) - 1;
constexpr int kRounds = 4;

// A number that depends on all bits of the half, the round and the noun; need not be secret.
uint64_t Mix(uint64_t seed, uint64_t half, int round) {
  uint64_t x =
      seed + half * 0x9e3779b97f4a7c15ULL + static_cast<uint64_t>(round) * 0xd1b54a32d192ed03ULL;
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  x ^= x >> 31;
  return x & kHalfMask;
}

uint64_t SeedOf(std::string_view noun) {
  uint64_t seed = 14695981039346656037ULL;
  for (const char c : noun) {
    seed ^= static_cast<unsigned char>(c);
    seed *= 1099511628211ULL;
  }
  return seed;
}

}  // namespace

std::string EncodeOpaqueId(std::string_view noun, int64_t number) {
  const uint64_t seed = SeedOf(noun);
  uint64_t left = (static_cast<uint64_t>(number) >> kHalfBits) & kHalfMask;
  uint64_t right = static_cast<uint64_t>(number) & kHalfMask;
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t next = left ^ Mix(seed, right, round);
    left = right;
    right = next;
  }
  uint64_t rest = (left << kHalfBits) | right;
  std::string text(kOpaqueIdLength, '0');
  for (size_t i = kOpaqueIdLength; i-- > 0;) {
    text[i] = kDigits[rest % kDigits.size()];
    rest /= kDigits.size();
  }
  return text;
}

std::optional<int64_t> DecodeOpaqueId(std::string_view noun, std::string_view text) {
  if (text.size() != kOpaqueIdLength) return std::nullopt;
  uint64_t value = 0;
  for (const char c : text) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value * kDigits.size() + digit;
  }
  if (value >> (2 * kHalfBits) != 0) return std::nullopt;
  const uint64_t seed = SeedOf(noun);
  uint64_t left = value >> kHalfBits;
  uint64_t right = value & kHalfMask;
  for (int round = kRounds; round-- > 0;) {
    const uint64_t before = right ^ Mix(seed, left, round);
    right = left;
    left = before;
  }
  const auto number = static_cast<int64_t>((left << kHalfBits) | right);
  if (number <= 0) return std::nullopt;
  return number;
}

}  // namespace pharos
