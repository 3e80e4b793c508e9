#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "base/value.h"

namespace pharos::notify {

// Reading of the neutral facts of a message (docs/architecture/messages.md). Whatever is absent
// reads as null, an empty text or nothing, so that a layout never fails.

// A member of an object; a null value when there is none.
const Value& Part(const Value& tree, std::string_view name);
// The time that a message is about, from its ISO form; nullopt when it is absent or broken.
std::optional<Timestamp> TimeOf(const Value& tree, std::string_view name);
// "2026-03-04T05:06:07Z", or null.
Value IsoSecondsOf(const Value& tree, std::string_view name);
// A UUID that is the same for every attempt of one message.
std::string UuidOf(std::string_view dedup_key);
// "mon_q7t2kav0x3rb" of part `name`, disguised by `noun` (base/opaque_id.h), or null when the
// message has no such part. The dialects print the same ids.
Value PrefixedIdOf(const Value& message, std::string_view name, std::string_view prefix,
                   std::string_view noun);

}  // namespace pharos::notify
