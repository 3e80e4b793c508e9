#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "model/incident.h"
#include "model/maintenance.h"
#include "model/status.h"

namespace pharos::api::kodo {

// Kodo's words. Layers are never mixed in replies (kodo.md 1.2).

// Of services: operational, degraded, partial_outage, major_outage, maintenance.
inline const std::vector<std::string_view> kServiceWords = {
    "operational", "degraded", "partial_outage", "major_outage", "maintenance"};
std::string_view ServiceWord(model::Status status);
std::optional<model::Status> ParseServiceWord(std::string_view word);

// Of monitors: up, degraded, down; "pending" while nothing is known.
inline const std::vector<std::string_view> kMonitorWords = {"up", "down", "degraded"};
std::string_view MonitorWord(model::Status status);
std::optional<model::Status> ParseMonitorWord(std::string_view word);

// Of incidents.
inline const std::vector<std::string_view> kIncidentStates = {"investigating", "identified",
                                                              "monitoring", "resolved"};
std::string_view IncidentStateWord(model::IncidentState state);
std::optional<model::IncidentState> ParseIncidentState(std::string_view word);
inline const std::vector<std::string_view> kSeverities = {"minor", "major", "critical"};
std::string_view SeverityWord(model::IncidentSeverity severity);
std::optional<model::IncidentSeverity> ParseSeverity(std::string_view word);
// manual, api, uptime, heartbeat, integration, beacon, metrics, workflow.
std::string_view SourceWord(model::IncidentSource source);

// Of maintenance: scheduled, in_progress, completed, cancelled.
inline const std::vector<std::string_view> kMaintenanceStates = {"scheduled", "in_progress",
                                                                 "completed", "cancelled"};
std::string_view MaintenanceWord(model::OccurrenceState state);
// "scheduled" is kScheduled.
std::optional<model::OccurrenceState> ParseMaintenanceWord(std::string_view word);

}  // namespace pharos::api::kodo
