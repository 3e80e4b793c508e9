#pragma once

#include <optional>
#include <string>

#include "model/status.h"

namespace pharos::model {

// What masks a monitor at one instant (product.md 1.7, 1.8), reduced from all running incidents and
// maintenances that name it.
struct ActiveOverlay {
  std::optional<Status> incident;  // nullopt = none with an effect
  std::optional<Status> maintenance;

  bool IsActive() const { return incident.has_value() || maintenance.has_value(); }
};

}  // namespace pharos::model
