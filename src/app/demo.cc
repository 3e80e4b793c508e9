#include "app/demo.h"

#include <algorithm>
#include <cstdio>

#include "app/demo_data.h"
#include "app/wiring.h"
#include "store/monitor_store.h"

namespace pharos::app {

Demo::~Demo() = default;

Result<std::unique_ptr<Demo>> Demo::Prepare(const Settings& settings, const Clock& clock) {
  std::unique_ptr<Demo> demo(new Demo());
  PHAROS_ASSIGN_OR_RETURN(demo->targets_, DemoTargets::Start(clock, demo->metrics_));
  PHAROS_ASSIGN_OR_RETURN(auto store, OpenStoreFor(settings, clock, demo->metrics_));
  PHAROS_ASSIGN_OR_RETURN(auto session, store->Read());
  PHAROS_ASSIGN_OR_RETURN(const auto monitors, store->monitors().ListAll(*session));
  session.reset();
  if (monitors.empty()) {
    std::fprintf(stderr, "Preparing the demo: 14 monitors with 90 days of history ...\n");
    PHAROS_RETURN_IF_ERROR(FillDemoStore(*store, *demo->targets_, clock));
    return demo;
  }
  const bool ours = std::any_of(monitors.begin(), monitors.end(), [](const model::Monitor& m) {
    return m.tag == kDemoHeartbeatTag && m.spec.StringOr("secret", "") == kDemoHeartbeatSecret;
  });
  if (!ours) {
    return Error(ErrorKind::kConflict, "'" + settings.data_dir +
                                           "' holds monitors of its own; use --demo with an empty "
                                           "data directory (--data DIR)");
  }
  PHAROS_RETURN_IF_ERROR(RefreshDemoUrls(*store, *demo->targets_));
  return demo;
}

void Demo::Begin(uint16_t port) { targets_->SendHeartbeatsTo(port); }

}  // namespace pharos::app
