#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::kener_v3 {

// kener-classic.md A.5.
Result<std::string> ListMonitors(Call& call);
Result<std::string> CreateMonitor(Call& call);
Result<std::string> GetMonitor(Call& call);
Result<std::string> UpdateMonitor(Call& call);
Result<std::string> DeleteMonitor(Call& call);

}  // namespace pharos::api::kener_v3
