#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace pharos::api::kodo {

// The nine types of kodo.md 15; each is a kind of channel of the same name.
inline const std::vector<std::string_view> kChannelTypes = {
    "slack", "discord", "teams", "webhook", "pagerduty", "sms", "email", "voice", "opsgenie"};

// Kodo's config of a type, in the names of the channel kind ("phone_numbers" -> "to", an object of
// headers -> a list of pairs). Members and values of headers that are equal to their own mask keep
// what `stored` has.
Value ToChannelConfig(std::string_view type, const Value& config, const Value& stored);
// And back; with `masked`, what must not be read again is cut: a URL keeps its first 29 characters,
// other secrets their first four, the values of headers read "***".
Value FromChannelConfig(std::string_view type, const Value& config, bool masked);
// The name that a member of the kind's config has in Kodo's ("config.to" ->
// "config.phone_numbers").
std::string KodoConfigField(std::string_view type, std::string_view field);

// {"name": "value"} and [{"name": ..., "value": ...}]. `stored` are the pairs so far, or nullptr.
Value HeadersToPairs(const Value& headers, const Value* stored);
Value PairsToHeaders(const Value& pairs, bool masked);

}  // namespace pharos::api::kodo
