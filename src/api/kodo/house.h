#pragma once

#include <string>

#include "api/endpoint.h"

namespace pharos::api::kodo {

// /config, /organization and /audit-log (kodo.md 17.2, 17.3).
Result<std::string> GetConfig(Call& call);
Result<std::string> UpdateConfig(Call& call);
Result<std::string> GetOrganization(Call& call);
Result<std::string> ReadAuditLog(Call& call);

}  // namespace pharos::api::kodo
