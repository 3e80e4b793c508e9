#pragma once

#include "base/time.h"
#include "model/monitor.h"

namespace pharos::schedule {

inline constexpr Duration kGoodEvidenceEvery = Hours(6);

// Whether a check at this time is to keep what it saw even if it goes well, for later comparison:
// the first one after the monitor was made or changed, and then one every kGoodEvidenceEvery. It
// follows from the monitor and the time alone, so that nothing has to be remembered per monitor;
// monitors have different phases.
bool WantsGoodEvidence(const model::Monitor& monitor, Timestamp at);

}  // namespace pharos::schedule
