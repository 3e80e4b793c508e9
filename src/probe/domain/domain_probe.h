#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "domain": when a registration ends, by RDAP or WHOIS (docs/probes/domain.md).
std::unique_ptr<Probe> MakeDomainProbe();

}  // namespace pharos::probe
