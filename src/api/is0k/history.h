#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::is0k {

// Checks and figures of a monitor (is0k.md 4).
Result<std::string> ListChecks(Call& call);
Result<std::string> GetStats(Call& call);

}  // namespace pharos::api::is0k
