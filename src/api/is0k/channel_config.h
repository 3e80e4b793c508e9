#pragma once

#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace pharos::api::is0k {

// A channel's config as this dialect writes it (is0k.md 5.1), and as the kinds of channels read it.

// The inner config of `config` (an object) on top of `stored` (null for a new channel): members
// that were not sent stay, and so does a secret that comes back masked. Error: kInvalid naming
// "config.<member>".
Result<Value> ReadConfig(std::string_view type, const Value& config, const Value& stored);
// With secrets masked: "***" and the last four characters.
Value PrintConfig(std::string_view type, const Value& stored);
// The member that an inner field is written as ("emails" -> "email").
std::string_view MemberOf(std::string_view type, std::string_view field);

}  // namespace pharos::api::is0k
