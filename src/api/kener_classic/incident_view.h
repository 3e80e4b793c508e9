#pragma once

#include <string>

#include "base/json.h"
#include "model/incident.h"
#include "model/maintenance.h"
#include "service/incidents.h"

namespace pharos::api::kener_classic {

// The object of a list, and with `whole` the single one, which has its updates
// (kener-classic.md 6.9, 6.10).
void WriteIncident(JsonWriter& json, const service::IncidentDetail& detail, bool whole);

// An update; `incident` is written where it is set.
void WriteUpdate(JsonWriter& json, const model::IncidentUpdate& update,
                 model::IncidentId incident = {});

// What a body with scheduledStart has made: the incident's members and both times.
void WriteMaintenance(JsonWriter& json, const model::Maintenance& maintenance,
                      model::IncidentSeverity impact);

}  // namespace pharos::api::kener_classic
