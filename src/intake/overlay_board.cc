#include "intake/overlay_board.h"

#include <utility>

namespace pharos::intake {
namespace {

// What names a monitor, by monitor; each entry holds that monitor's impacts alone, so that a large
// maintenance is not copied whole for each of its monitors.
template <class T>
std::unordered_map<model::MonitorId, std::vector<T>> Sort(std::vector<T> all) {
  std::unordered_map<model::MonitorId, std::vector<T>> by_monitor;
  for (T& one : all) {
    const std::vector<model::IncidentImpact> impacts = std::exchange(one.impacts, {});
    for (const model::IncidentImpact& impact : impacts) {
      by_monitor[impact.monitor].push_back(one);
      by_monitor[impact.monitor].back().impacts = {impact};
    }
  }
  return by_monitor;
}

}  // namespace

void OverlayBoard::ResetIncidents(std::vector<model::Incident> open_incidents) {
  auto by_monitor = Sort(std::move(open_incidents));
  incidents_.Write([&](auto& image) { image = std::move(by_monitor); });
}

void OverlayBoard::ResetMaintenances(std::vector<rules::MaintenanceWindow> windows) {
  auto by_monitor = Sort(std::move(windows));
  maintenances_.Write([&](auto& image) { image = std::move(by_monitor); });
}

model::ActiveOverlay OverlayBoard::At(model::MonitorId monitor, Timestamp at) const {
  model::ActiveOverlay overlay;
  overlay.incident = incidents_.Read([&](const auto& image) -> std::optional<model::Status> {
    const auto it = image.find(monitor);
    if (it == image.end()) return std::nullopt;
    return rules::IncidentOverlay(it->second, monitor, at);
  });
  overlay.maintenance = maintenances_.Read([&](const auto& image) -> std::optional<model::Status> {
    const auto it = image.find(monitor);
    if (it == image.end()) return std::nullopt;
    return rules::MaintenanceOverlay(it->second, monitor, at);
  });
  return overlay;
}

}  // namespace pharos::intake
