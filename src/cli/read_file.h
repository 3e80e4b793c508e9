#pragma once

#include <string>

#include "base/result.h"

namespace pharos::cli {

// The whole of a small text file. Errors: kInvalid for `field` when it cannot be read, is a
// directory or is longer than 1 MiB.
Result<std::string> ReadSmallFile(const std::string& path, const std::string& field);

}  // namespace pharos::cli
