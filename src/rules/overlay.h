#pragma once

#include <span>

#include "base/time.h"
#include "model/incident.h"
#include "model/overlay.h"

namespace pharos::rules {

// Several impacts at once: the first maintenance or down met wins, degraded only if neither
// (product.md 1.7). Up and no_data have no effect.
std::optional<model::Status> ReduceImpacts(std::span<const model::Status> impacts);

// The part of incidents in an overlay: open, not made by alerting, started by `at`, naming the
// monitor (product.md 1.7).
std::optional<model::Status> IncidentOverlay(std::span<const model::Incident> incidents,
                                             model::MonitorId monitor, Timestamp at);

}  // namespace pharos::rules
