#include "api/kodo/words.h"

namespace pharos::api::kodo {

using model::IncidentSeverity;
using model::IncidentSource;
using model::IncidentState;
using model::OccurrenceState;
using model::Status;

std::string_view ServiceWord(Status status) {
  switch (status) {
    case Status::kUp:
    case Status::kNoData:
      return "operational";
    case Status::kDegraded:
      return "degraded";
    case Status::kPartialOutage:
      return "partial_outage";
    case Status::kDown:
      return "major_outage";
    case Status::kMaintenance:
      return "maintenance";
  }
  return "operational";
}

std::optional<Status> ParseServiceWord(std::string_view word) {
  for (const Status status : {Status::kUp, Status::kDegraded, Status::kPartialOutage, Status::kDown,
                              Status::kMaintenance}) {
    if (ServiceWord(status) == word) return status;
  }
  return std::nullopt;
}

std::string_view MonitorWord(Status status) {
  switch (status) {
    case Status::kUp:
    case Status::kMaintenance:
      return "up";
    case Status::kDegraded:
      return "degraded";
    case Status::kPartialOutage:
    case Status::kDown:
      return "down";
    case Status::kNoData:
      return "pending";
  }
  return "pending";
}

std::optional<Status> ParseMonitorWord(std::string_view word) {
  for (const Status status : {Status::kUp, Status::kDegraded, Status::kDown}) {
    if (MonitorWord(status) == word) return status;
  }
  return std::nullopt;
}

std::string_view IncidentStateWord(IncidentState state) {
  switch (state) {
    case IncidentState::kInvestigating:
      return "investigating";
    case IncidentState::kIdentified:
      return "identified";
    case IncidentState::kMonitoring:
      return "monitoring";
    case IncidentState::kResolved:
      return "resolved";
  }
  return "investigating";
}

std::optional<IncidentState> ParseIncidentState(std::string_view word) {
  for (const IncidentState state : {IncidentState::kInvestigating, IncidentState::kIdentified,
                                    IncidentState::kMonitoring, IncidentState::kResolved}) {
    if (IncidentStateWord(state) == word) return state;
  }
  return std::nullopt;
}

std::string_view SeverityWord(IncidentSeverity severity) {
  switch (severity) {
    case IncidentSeverity::kNone:  // other dialects know incidents without one
    case IncidentSeverity::kMinor:
      return "minor";
    case IncidentSeverity::kMajor:
      return "major";
    case IncidentSeverity::kCritical:
      return "critical";
  }
  return "minor";
}

std::optional<IncidentSeverity> ParseSeverity(std::string_view word) {
  for (const IncidentSeverity severity :
       {IncidentSeverity::kMinor, IncidentSeverity::kMajor, IncidentSeverity::kCritical}) {
    if (SeverityWord(severity) == word) return severity;
  }
  return std::nullopt;
}

std::string_view SourceWord(IncidentSource source) {
  switch (source) {
    case IncidentSource::kApi:
      return "api";
    case IncidentSource::kConsole:
      return "manual";
    case IncidentSource::kAlert:
    case IncidentSource::kMonitor:
      return "uptime";
    case IncidentSource::kHeartbeat:
      return "heartbeat";
    case IncidentSource::kIntegration:
      return "integration";
    case IncidentSource::kBeacon:
      return "beacon";
    case IncidentSource::kMetrics:
      return "metrics";
    case IncidentSource::kWorkflow:
      return "workflow";
  }
  return "api";
}

std::string_view MaintenanceWord(OccurrenceState state) {
  switch (state) {
    case OccurrenceState::kScheduled:
    case OccurrenceState::kReady:
      return "scheduled";
    case OccurrenceState::kOngoing:
      return "in_progress";
    case OccurrenceState::kCompleted:
      return "completed";
    case OccurrenceState::kCancelled:
      return "cancelled";
  }
  return "scheduled";
}

std::optional<OccurrenceState> ParseMaintenanceWord(std::string_view word) {
  for (const OccurrenceState state : {OccurrenceState::kScheduled, OccurrenceState::kOngoing,
                                      OccurrenceState::kCompleted, OccurrenceState::kCancelled}) {
    if (MaintenanceWord(state) == word) return state;
  }
  return std::nullopt;
}

}  // namespace pharos::api::kodo
