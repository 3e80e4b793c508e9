#pragma once

#include <unordered_map>
#include <vector>

#include "base/guarded.h"
#include "model/incident.h"
#include "model/overlay.h"

namespace pharos::intake {

// The incidents (and later the maintenance occurrences) that may mask a monitor, as an image of the
// committed store. Thread-safe.
class OverlayBoard {
 public:
  // All unresolved incidents of all organisations.
  void ResetIncidents(std::vector<model::Incident> open_incidents);
  model::ActiveOverlay At(model::MonitorId monitor, Timestamp at) const;

 private:
  using ByMonitor = std::unordered_map<model::MonitorId, std::vector<model::Incident>>;
  Guarded<ByMonitor> incidents_;
};

}  // namespace pharos::intake
