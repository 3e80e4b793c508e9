#include "rules/overlay.h"

#include <vector>

namespace pharos::rules {
namespace {

bool IsLiving(model::OccurrenceState state) {
  switch (state) {
    case model::OccurrenceState::kScheduled:
    case model::OccurrenceState::kReady:
    case model::OccurrenceState::kOngoing:
      return true;
    case model::OccurrenceState::kCompleted:
    case model::OccurrenceState::kCancelled:
      return false;
  }
  return false;
}

}  // namespace

std::optional<model::Status> ReduceImpacts(std::span<const model::Status> impacts) {
  std::optional<model::Status> remembered;
  for (const model::Status impact : impacts) {
    switch (impact) {
      case model::Status::kMaintenance:
      case model::Status::kDown:
        return impact;
      case model::Status::kPartialOutage:
      case model::Status::kDegraded:
        if (!remembered || model::Severity(impact) > model::Severity(*remembered)) {
          remembered = impact;
        }
        break;
      case model::Status::kUp:
      case model::Status::kNoData:
        break;
    }
  }
  return remembered;
}

std::optional<model::Status> IncidentOverlay(std::span<const model::Incident> incidents,
                                             model::MonitorId monitor, Timestamp at) {
  std::vector<model::Status> impacts;
  for (const model::Incident& incident : incidents) {
    if (incident.state == model::IncidentState::kResolved || incident.draft || incident.closed_at ||
        model::IsAutomatic(incident.source) || incident.started_at > at) {
      continue;
    }
    for (const model::IncidentImpact& impact : incident.impacts) {
      if (impact.monitor == monitor) impacts.push_back(impact.impact);
    }
  }
  return ReduceImpacts(impacts);
}

std::optional<model::Status> MaintenanceOverlay(std::span<const MaintenanceWindow> windows,
                                                model::MonitorId monitor, Timestamp at) {
  std::vector<model::Status> impacts;
  for (const MaintenanceWindow& window : windows) {
    const model::Occurrence& occurrence = window.occurrence;
    if (!window.active || !IsLiving(occurrence.state) || occurrence.starts_at > at ||
        occurrence.ends_at < at) {
      continue;
    }
    for (const model::IncidentImpact& impact : window.impacts) {
      if (impact.monitor == monitor) impacts.push_back(impact.impact);
    }
  }
  return ReduceImpacts(impacts);
}

}  // namespace pharos::rules
