#include "model/incident.h"

namespace pharos::model {

bool IsAutomatic(IncidentSource source) {
  switch (source) {
    case IncidentSource::kApi:
    case IncidentSource::kConsole:
      return false;
    case IncidentSource::kAlert:
    case IncidentSource::kMonitor:
    case IncidentSource::kHeartbeat:
    case IncidentSource::kIntegration:
    case IncidentSource::kBeacon:
    case IncidentSource::kMetrics:
    case IncidentSource::kWorkflow:
      return true;
  }
  return true;
}

}  // namespace pharos::model
