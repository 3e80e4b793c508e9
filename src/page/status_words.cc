#include "page/status_words.h"

namespace pharos::page {

using model::IncidentState;
using model::Status;

std::string_view StatusWord(Status status) {
  switch (status) {
    case Status::kUp:
      return "Operational";
    case Status::kDegraded:
      return "Degraded";
    case Status::kPartialOutage:
      return "Partial outage";
    case Status::kDown:
      return "Down";
    case Status::kMaintenance:
      return "Under maintenance";
    case Status::kNoData:
      return "No data";
  }
  return "No data";
}

std::string_view StatusClass(Status status) {
  switch (status) {
    case Status::kUp:
      return "up";
    case Status::kDegraded:
      return "deg";
    case Status::kPartialOutage:
      return "par";
    case Status::kDown:
      return "dn";
    case Status::kMaintenance:
      return "mnt";
    case Status::kNoData:
      return "non";
  }
  return "non";
}

char StatusCode(Status status) {
  switch (status) {
    case Status::kUp:
      return 'u';
    case Status::kDegraded:
      return 'd';
    case Status::kPartialOutage:
      return 'p';
    case Status::kDown:
      return 'x';
    case Status::kMaintenance:
      return 'm';
    case Status::kNoData:
      return 'n';
  }
  return 'n';
}

std::string_view IncidentWord(IncidentState state) {
  switch (state) {
    case IncidentState::kInvestigating:
      return "Investigating";
    case IncidentState::kIdentified:
      return "Identified";
    case IncidentState::kMonitoring:
      return "Monitoring";
    case IncidentState::kResolved:
      return "Resolved";
  }
  return "Investigating";
}

}  // namespace pharos::page
