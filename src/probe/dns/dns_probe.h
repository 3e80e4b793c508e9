#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "dns": what a name server answers (docs/probes/dns.md).
std::unique_ptr<Probe> MakeDnsProbe();

}  // namespace pharos::probe
