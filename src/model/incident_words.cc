#include "model/incident_words.h"

namespace pharos::model {

std::string_view StateName(IncidentState state) {
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

std::optional<IncidentState> ParseIncidentState(std::string_view name) {
  using enum IncidentState;
  for (const IncidentState state : {kInvestigating, kIdentified, kMonitoring, kResolved}) {
    if (StateName(state) == name) return state;
  }
  return std::nullopt;
}

std::string_view SeverityName(IncidentSeverity severity) {
  switch (severity) {
    case IncidentSeverity::kNone:
      return "none";
    case IncidentSeverity::kMinor:
      return "minor";
    case IncidentSeverity::kMajor:
      return "major";
    case IncidentSeverity::kCritical:
      return "critical";
  }
  return "none";
}

std::string_view StateName(OccurrenceState state) {
  switch (state) {
    case OccurrenceState::kScheduled:
      return "scheduled";
    case OccurrenceState::kReady:
      return "ready";
    case OccurrenceState::kOngoing:
      return "ongoing";
    case OccurrenceState::kCompleted:
      return "completed";
    case OccurrenceState::kCancelled:
      return "cancelled";
  }
  return "scheduled";
}

}  // namespace pharos::model
