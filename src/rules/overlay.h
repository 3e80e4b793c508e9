#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "model/incident.h"
#include "model/maintenance.h"
#include "model/overlay.h"

namespace pharos::rules {

// Several impacts at once: the first maintenance or down met wins, degraded only if neither
// (product.md 1.7). Up and no_data have no effect.
std::optional<model::Status> ReduceImpacts(std::span<const model::Status> impacts);

// A maintenance at one of its times, as much of it as masks monitors.
struct MaintenanceWindow {
  model::Occurrence occurrence;
  std::vector<model::IncidentImpact> impacts;  // of its maintenance
  bool active = true;                          // its maintenance is
};

// The part of incidents in an overlay: open, published, not put away, opened by people or their
// programs, started by `at`, naming the monitor (product.md 1.7).
std::optional<model::Status> IncidentOverlay(std::span<const model::Incident> incidents,
                                             model::MonitorId monitor, Timestamp at);

// The part of maintenances: active, scheduled, ready or ongoing, from start to end with both ends,
// naming the monitor (product.md 1.8, kener-v4.md 14.1).
std::optional<model::Status> MaintenanceOverlay(std::span<const MaintenanceWindow> windows,
                                                model::MonitorId monitor, Timestamp at);

}  // namespace pharos::rules
