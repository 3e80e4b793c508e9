#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "group": what its members make of it (docs/probes/group.md).
std::unique_ptr<Probe> MakeGroupProbe();

}  // namespace pharos::probe
