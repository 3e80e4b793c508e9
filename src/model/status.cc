#include "model/status.h"

namespace pharos::model {

std::string_view StatusName(Status status) {
  switch (status) {
    case Status::kUp:
      return "up";
    case Status::kDegraded:
      return "degraded";
    case Status::kPartialOutage:
      return "partial_outage";
    case Status::kDown:
      return "down";
    case Status::kMaintenance:
      return "maintenance";
    case Status::kNoData:
      return "no_data";
  }
  return "no_data";
}

std::optional<Status> ParseStatus(std::string_view name) {
  for (const Status status : kAllStatuses) {
    if (StatusName(status) == name) return status;
  }
  return std::nullopt;
}

int Severity(Status status) {
  switch (status) {
    case Status::kNoData:
      return 0;
    case Status::kUp:
      return 1;
    case Status::kMaintenance:
      return 2;
    case Status::kDegraded:
      return 3;
    case Status::kPartialOutage:
      return 4;
    case Status::kDown:
      return 5;
  }
  return 0;
}

Side SideOf(Status status) {
  switch (status) {
    case Status::kUp:
      return Side::kHealthy;
    case Status::kDegraded:
    case Status::kPartialOutage:
    case Status::kDown:
      return Side::kUnhealthy;
    case Status::kMaintenance:
    case Status::kNoData:
      return Side::kNeutral;
  }
  return Side::kNeutral;
}

}  // namespace pharos::model
