#pragma once

#include <memory>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "service/context.h"
#include "service/event_listener.h"

namespace pharos::automation {

struct AutomationSettings {
  Duration look_every = Seconds(1);  // besides being woken by notices
  Duration sweep_every = Seconds(30);
  Duration keep_events = Days(7);       // dealt with by every reader
  Duration keep_deliveries = Days(30);  // sent or failed
};

// Reacts to events of the outbox (model/event.h): one thread that turns them into delivery rows,
// automatic incidents, statuses of services and whatever the registered listeners write. What a
// reaction writes is written exactly once, also over a kill -9; statuses of services are reported
// at least once.
class Automation {
 public:
  // The collaborators outlive it.
  static std::unique_ptr<Automation> Start(const AutomationSettings& settings,
                                           const service::Context& context,
                                           std::vector<service::EventListener*> listeners,
                                           Metrics& metrics);
  virtual ~Automation() = default;
  // Finishes the batch in hand and joins. Before the intake is stopped. Called once.
  virtual void Stop() = 0;

  // Removes old events, deliveries and their like. Once a day, on any thread; waits for the store.
  virtual Status Prune(Timestamp now) = 0;
};

}  // namespace pharos::automation
