#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "heartbeat": somebody reports, silence is judged (docs/probes/heartbeat.md).
std::unique_ptr<Probe> MakeHeartbeatProbe();

}  // namespace pharos::probe
