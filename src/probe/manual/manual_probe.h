#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "manual": a status set by hand, by pushed data or by incidents (docs/probes/manual.md).
std::unique_ptr<Probe> MakeManualProbe();

}  // namespace pharos::probe
