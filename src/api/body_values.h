#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "base/value.h"

namespace pharos::api {

// Reads of members of a body that CheckShape has passed. A member that is absent, null or of
// another type is nullopt.
std::optional<std::string> TextOf(const Value& body, std::string_view name);
// Cut to a whole number; nullopt also beyond 2^53.
std::optional<int64_t> IntOf(const Value& body, std::string_view name);
std::optional<double> NumberOf(const Value& body, std::string_view name);
std::optional<bool> BoolOf(const Value& body, std::string_view name);
// An ISO 8601 time, cut to whole seconds or milliseconds; what cannot be read is nullopt too.
std::optional<Timestamp> SecondOf(const Value& body, std::string_view name);
std::optional<Timestamp> MillisecondOf(const Value& body, std::string_view name);
// The texts of a list; elements of other types are left out.
std::optional<std::vector<std::string>> TextsOf(const Value& body, std::string_view name);

// Where null empties: only an absent member is nullopt, everything else that is no text or list is
// empty.
std::optional<std::string> TextOrEmptyOf(const Value& body, std::string_view name);
std::optional<std::vector<std::string>> TextsOrEmptyOf(const Value& body, std::string_view name);

// Whether the member was sent, null or not.
bool IsSent(const Value& body, std::string_view name);
bool IsSentNull(const Value& body, std::string_view name);

// Members of a reply.
void PutText(JsonWriter& json, std::string_view name, std::string_view text);
void PutTextOrNull(JsonWriter& json, std::string_view name, std::string_view text);  // "" = null
void PutOptionalText(JsonWriter& json, std::string_view name,
                     const std::optional<std::string>& text);
// "2026-03-04T05:06:07Z"
void PutSecond(JsonWriter& json, std::string_view name, Timestamp at);
void PutSecondOrNull(JsonWriter& json, std::string_view name, std::optional<Timestamp> at);
// "2026-03-04T05:06:07.000Z"
void PutMillisecond(JsonWriter& json, std::string_view name, Timestamp at);
void PutMillisecondOrNull(JsonWriter& json, std::string_view name, std::optional<Timestamp> at);
// The time, or nullopt for the epoch, which is "never" in states.
std::optional<Timestamp> UnlessNever(Timestamp at);

}  // namespace pharos::api
