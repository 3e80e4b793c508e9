#include "intake/overlay_board.h"

#include <utility>

#include "rules/overlay.h"

namespace pharos::intake {

void OverlayBoard::ResetIncidents(std::vector<model::Incident> open_incidents) {
  ByMonitor by_monitor;
  for (const model::Incident& incident : open_incidents) {
    for (const model::IncidentImpact& impact : incident.impacts) {
      by_monitor[impact.monitor].push_back(incident);
    }
  }
  incidents_.Write([&](ByMonitor& image) { image = std::move(by_monitor); });
}

model::ActiveOverlay OverlayBoard::At(model::MonitorId monitor, Timestamp at) const {
  return incidents_.Read([&](const ByMonitor& image) {
    model::ActiveOverlay overlay;
    const auto it = image.find(monitor);
    if (it != image.end()) overlay.incident = rules::IncidentOverlay(it->second, monitor, at);
    return overlay;
  });
}

}  // namespace pharos::intake
