#pragma once

#include <string>
#include <vector>

#include "api/dialect.h"

namespace pharos::api::kener_classic {

// The permissions of kener-classic.md 3.3 and the scopes that they stand for.
std::vector<PermissionWord> PermissionWords();

// The scopes of a key in these words; what has no word stays as it is.
std::vector<std::string> PermissionsOf(const std::vector<std::string>& scopes);

}  // namespace pharos::api::kener_classic
