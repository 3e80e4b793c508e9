#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/value.h"

namespace pharos::api::kener {

// The JavaScript conversions that the contracts' texts rest on (kener-v4.md 4.2, 6.4, 13.2;
// kener-classic.md appendix A).

// Number(x); nullopt for not-a-number.
std::optional<double> ToNumber(const Value& value);
// parseInt(text, 10): sign and leading digits; nullopt without digits.
std::optional<double> ParseIntPrefix(std::string_view text);
// String(x): lists become comma-joined items, objects "[object Object]".
std::string ToText(const Value& value);
// !!x; what is absent is not.
bool IsTruthy(const Value& value);
bool IsTruthy(const Value* value);
// A finite number, or a text that is one; nullopt for anything else.
std::optional<double> LooseNumber(const Value* value);

}  // namespace pharos::api::kener
