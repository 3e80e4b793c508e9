#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::is0k {

// is0k.md 7.
Result<std::string> ListIncidents(Call& call);
Result<std::string> CreateIncident(Call& call);
Result<std::string> GetIncident(Call& call);
Result<std::string> UpdateIncident(Call& call);
Result<std::string> AddIncidentUpdate(Call& call);

}  // namespace pharos::api::is0k
