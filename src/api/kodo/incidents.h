#pragma once

#include <string>
#include <vector>

#include "api/endpoint.h"
#include "api/kodo/ids.h"
#include "base/json.h"
#include "model/incident.h"

namespace pharos::api::kodo {

// The services that impacts concern, each once: services themselves, and for other monitors the
// service that they are linked to.
std::vector<service::MonitorPtr> ConcernedServices(
    const Call& call, const std::vector<model::IncidentImpact>& impacts);
// "services": [{"id":...,"name":...}]
void PutServices(JsonWriter& json, const Call& call,
                 const std::vector<model::IncidentImpact>& impacts);

// /incidents (kodo.md 7).
Result<std::string> ListIncidents(Call& call);
Result<std::string> CreateIncident(Call& call);
Result<std::string> GetIncident(Call& call);
Result<std::string> UpdateIncident(Call& call);
Result<std::string> DeleteIncident(Call& call);
Result<std::string> PublishIncident(Call& call);
Result<std::string> AddIncidentUpdate(Call& call);

}  // namespace pharos::api::kodo
