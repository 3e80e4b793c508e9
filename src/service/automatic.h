#pragma once

#include <optional>
#include <string>

#include "base/value.h"
#include "model/incident.h"
#include "service/context.h"
#include "service/incidents.h"

namespace pharos::service {

// What software that opens an incident knows of it.
struct AutomaticIncident {
  std::string title;
  std::string message;
  model::IncidentSeverity severity = model::IncidentSeverity::kMajor;
  model::IncidentSource source = model::IncidentSource::kMetrics;
  std::vector<model::IncidentImpact> impacts;
};

// The incident as the organisation's settings want it: public at once, or a draft that may publish
// itself later (kodo.md 7.1).
NewIncident DraftAutomaticIncident(const Value& settings, AutomaticIncident wanted, Timestamp now);

// Closes an incident that software opened, with an update; nothing happens when somebody did it
// before. Inside the caller's transaction.
Status ResolveAutomaticIncident(const Context& context, store::Transaction& tx,
                                const model::Principal& who, std::string_view incident_uid,
                                std::string_view message, Timestamp now);

// The incident of that uid as long as it is open.
Result<std::optional<model::Incident>> FindOpenIncident(store::Store& store,
                                                        store::Session& session, model::OrgId org,
                                                        std::string_view uid);

}  // namespace pharos::service
