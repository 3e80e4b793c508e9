#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "mqtt": whether a broker lets a client in, and a message that it keeps
// (docs/probes/mqtt.md).
std::unique_ptr<Probe> MakeMqttProbe();

}  // namespace pharos::probe
