#pragma once

#include <memory>

#include "app/demo_targets.h"
#include "app/settings.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"

namespace pharos::app {

class Wiring;

// `pharos serve --demo`: a dozen monitors, some of which watch servers that the demo itself runs on
// loopback, 90 days of history with a few outages, incidents, a webhook channel that the demo
// receives itself. Everything real: the checks connect, the heartbeats are sent, the webhooks
// arrive.
class Demo {
 public:
  // Starts the loopback servers and fills the data directory if it has no monitors; a directory
  // that an earlier demo filled gets the servers' new ports. Error: kConflict when it holds other
  // data.
  static Result<std::unique_ptr<Demo>> Prepare(const Settings& settings, const Clock& clock);
  ~Demo();
  // Begins to send the heartbeats of the demo's workers to the running server at `port`.
  void Begin(uint16_t port);

 private:
  Demo() = default;

  Metrics metrics_;
  std::unique_ptr<DemoTargets> targets_;
};

}  // namespace pharos::app
