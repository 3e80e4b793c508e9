#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "push": somebody reports a status with figures, limits and silence are judged
// (docs/probes/push.md).
std::unique_ptr<Probe> MakePushProbe();

}  // namespace pharos::probe
