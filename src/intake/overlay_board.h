#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/guarded.h"
#include "model/incident.h"
#include "model/overlay.h"
#include "rules/overlay.h"

namespace pharos::intake {

// The incidents and maintenances that may mask a monitor, as an image of the committed store.
// Thread-safe.
class OverlayBoard {
 public:
  // Held while the store is read and the image reset from it, so that an older reading never
  // replaces a newer one.
  [[nodiscard]] std::unique_lock<std::mutex> LockForReload() {
    return std::unique_lock(reloading_);
  }
  // All unresolved incidents of all organisations.
  void ResetIncidents(std::vector<model::Incident> open_incidents);
  // All scheduled, ready and ongoing occurrences of all organisations, with what their maintenances
  // do meanwhile.
  void ResetMaintenances(std::vector<rules::MaintenanceWindow> windows);
  model::ActiveOverlay At(model::MonitorId monitor, Timestamp at) const;

 private:
  template <class T>
  using ByMonitor = std::unordered_map<model::MonitorId, std::vector<T>>;

  std::mutex reloading_;
  Guarded<ByMonitor<model::Incident>> incidents_;
  Guarded<ByMonitor<rules::MaintenanceWindow>> maintenances_;
};

}  // namespace pharos::intake
