#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pharos {

// Finds the value of a name; nullopt = unknown.
using ReferenceLookup = std::function<std::optional<std::string>(std::string_view name)>;

// "$NAME" and "${NAME}" (letters, digits, underscore) become what the look-up says and stay as
// written where it says nothing. Values are not looked into again.
std::string ReplaceReferences(std::string_view text, const ReferenceLookup& lookup);
// Whether the text holds something that might be replaced.
bool HasReference(std::string_view text);

}  // namespace pharos
