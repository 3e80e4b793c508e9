#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::is0k {

// is0k.md 4.
Result<std::string> ListMonitors(Call& call);
Result<std::string> CreateMonitor(Call& call);
Result<std::string> GetMonitor(Call& call);
Result<std::string> UpdateMonitor(Call& call);
Result<std::string> DeleteMonitor(Call& call);
Result<std::string> PauseMonitor(Call& call);
Result<std::string> ResumeMonitor(Call& call);

}  // namespace pharos::api::is0k
