#pragma once

#include <optional>
#include <string_view>

#include "model/incident.h"
#include "model/maintenance.h"

namespace pharos::model {

// The names under which events, facts and the audit know states and severities; interfaces have
// words of their own.

// "investigating", "identified", "monitoring", "resolved".
std::string_view StateName(IncidentState state);
std::optional<IncidentState> ParseIncidentState(std::string_view name);
// "none", "minor", "major", "critical".
std::string_view SeverityName(IncidentSeverity severity);
// "scheduled", "ready", "ongoing", "completed", "cancelled".
std::string_view StateName(OccurrenceState state);

}  // namespace pharos::model
