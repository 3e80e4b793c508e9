#include "notify/facts.h"

#include "base/crypto.h"
#include "base/opaque_id.h"
#include "base/text.h"

namespace pharos::notify {

const Value& Part(const Value& tree, std::string_view name) {
  static const Value kNothing;
  const Value* found = tree.Find(name);
  return found == nullptr ? kNothing : *found;
}

std::optional<Timestamp> TimeOf(const Value& tree, std::string_view name) {
  const auto time = ParseIso(tree.StringOr(name, ""));
  if (!time) return std::nullopt;
  return *time;
}

Value IsoSecondsOf(const Value& tree, std::string_view name) {
  const auto time = TimeOf(tree, name);
  return time ? Value(FormatIsoSeconds(*time)) : Value();
}

std::string UuidOf(std::string_view dedup_key) {
  std::string bytes = Sha256(dedup_key).substr(0, 16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  const std::string hex = HexLower(bytes);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

Value PrefixedIdOf(const Value& message, std::string_view name, std::string_view prefix,
                   std::string_view noun) {
  const int64_t id = Part(message, name).IntOr("id", 0);
  if (id <= 0) return {};
  return std::string(prefix) + EncodeOpaqueId(noun, id);
}

}  // namespace pharos::notify
