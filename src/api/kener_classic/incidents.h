#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::kener_classic {

// The id in the path is one of an incident (Dialect::parents).
Status IncidentExists(Call& call);

// kener-classic.md 6.9 to 6.12.
Result<std::string> ListIncidents(Call& call);
Result<std::string> GetIncident(Call& call);
Result<std::string> CreateIncident(Call& call);
Result<std::string> UpdateIncident(Call& call);
Result<std::string> DeleteIncident(Call& call);
Result<std::string> AddUpdate(Call& call);

}  // namespace pharos::api::kener_classic
