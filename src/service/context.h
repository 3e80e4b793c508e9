#pragma once

#include "base/clock.h"
#include "intake/intake.h"
#include "intake/overlay_board.h"
#include "notices/notices.h"
#include "probe/catalog.h"
#include "store/monitor_directory.h"
#include "store/store.h"

namespace pharos::service {

// What every use case works with. References outlive the services.
struct Context {
  store::Store& store;
  store::MonitorDirectory& directory;
  intake::Intake& intake;
  intake::OverlayBoard& overlays;
  notices::Board& notices;
  const probe::Catalog& probes;
  const Clock& clock;
};

}  // namespace pharos::service
