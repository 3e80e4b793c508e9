#pragma once

#include "automation/reaction.h"
#include "base/result.h"
#include "model/event.h"

namespace pharos::automation {

// Incidents that open and end by themselves (kodo.md 7.1, is0k.md 3.3). A monitor that failed often
// enough opens one, unless, in this order: it or its service is in a running maintenance; an
// incident of its own is open; its cooldown has not passed. Its recovery resolves it.
Status FollowIncidents(Batch& batch, const model::Event& event);

// The same from where monitors stand now, for what no event tells: a failure that outlasts the
// cooldown or the maintenance that held its incident back, a recovery that nobody was shown, a
// monitor that is gone. Cheap when there is nothing to do; called twice a minute, only when no
// event waits.
struct Overdue {
  std::vector<model::Event> failing;  // as "monitor.failing"
  std::vector<model::Event> well;     // as "monitor.transition" to up
  bool IsEmpty() const { return failing.empty() && well.empty(); }
};
Result<Overdue> FindOverdue(const service::Context& context, Timestamp now);

}  // namespace pharos::automation
