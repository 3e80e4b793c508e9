#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "ping": ICMP echo, with loss and round-trip times (docs/probes/ping.md).
std::unique_ptr<Probe> MakePingProbe();

}  // namespace pharos::probe
