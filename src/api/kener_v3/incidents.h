#pragma once

#include <optional>
#include <string>

#include "api/endpoint.h"
#include "base/result.h"
#include "service/incidents.h"

namespace pharos::api::kener_v3 {

// kener-classic.md A.3, and where requests may be v2's the choice between the two (B.2).
Result<std::string> ListIncidents(Call& call);
Result<std::string> CreateIncident(Call& call);
Result<std::string> GetIncident(Call& call);
Result<std::string> UpdateIncident(Call& call);
Result<std::string> ListUpdates(Call& call);
Result<std::string> AddUpdate(Call& call);
Result<std::string> EditUpdate(Call& call);
Result<std::string> ListImpacts(Call& call);
Result<std::string> SetImpact(Call& call);
Result<std::string> RemoveImpact(Call& call);

// The number in the path; nullopt for anything but digits.
std::optional<model::IncidentId> IncidentIdOf(const Call& call);
// The end of a resolved incident, where its client has not said one, is now.
void CloseWithoutEnd(model::Incident& incident, Timestamp now);
// A refusal of the use case as this dialect says it; kNotFound becomes `missing`.
Error FromService(Error error, Error missing);

}  // namespace pharos::api::kener_v3
