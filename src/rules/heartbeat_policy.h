#pragma once

#include <string>

#include "base/time.h"
#include "model/monitor.h"
#include "model/monitor_state.h"
#include "model/status.h"

namespace pharos::rules {

// What silence means at `now` for a heartbeat monitor (product.md 2.10, kodo.md 11.3). Reads the
// spec fields degraded_after_s (default 300, 0 = silence never degrades) and down_after_s (default
// 600). Never signalled: kNoData, "No heartbeat received yet". Otherwise the last reported status,
// made worse by silence. Time before `watching_since` does not count as silence, so that a restart
// gives one full grace, but what silence had made of the monitor before (state.observed) stands;
// age_ms is the true age of the last signal.
struct SilenceVerdict {
  model::Status status = model::Status::kNoData;
  double age_ms = 0;
  std::string message;
};
SilenceVerdict JudgeSilence(const model::Monitor& monitor, const model::MonitorState& state,
                            Timestamp now, Timestamp watching_since);

}  // namespace pharos::rules
