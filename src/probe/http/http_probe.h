#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "http": asks one URL and judges the answer (docs/probes/http.md).
std::unique_ptr<Probe> MakeHttpProbe();

}  // namespace pharos::probe
