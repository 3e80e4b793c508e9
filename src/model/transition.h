#pragma once

#include <string>

#include "base/time.h"
#include "model/ids.h"
#include "model/status.h"

namespace pharos::model {

// A change of a monitor's shown status.
struct Transition {
  TransitionId id;
  OrgId org;
  MonitorId monitor;
  Timestamp at{};
  Status from = Status::kNoData;
  Status to = Status::kNoData;
  std::string cause;    // the sample's message
  int64_t ordinal = 0;  // 1, 2, 3 ... per monitor
};

}  // namespace pharos::model
