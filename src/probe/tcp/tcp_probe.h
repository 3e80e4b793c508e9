#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "tcp": whether ports accept a connection (docs/probes/tcp.md).
std::unique_ptr<Probe> MakeTcpProbe();

}  // namespace pharos::probe
