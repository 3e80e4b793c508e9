#pragma once

#include "automation/facts.h"
#include "model/event.h"

namespace pharos::automation {

// What a "monitor.transition" event says (model/event.h).
struct TransitionEvent {
  model::MonitorId monitor;
  Change change;
  bool alert = false;  // the rules call it news
  // Of "monitor.notice": "late", "flapping" or "settled"; empty for a transition.
  std::string notice;
  int side_changes = 0;
};
// Reads both kinds of event. Members that are missing or wrong read as "no data", so that the event
// changes nothing.
TransitionEvent ReadTransition(const model::Event& event);

}  // namespace pharos::automation
