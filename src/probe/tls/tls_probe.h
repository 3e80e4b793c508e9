#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "tls": a handshake, and how long the certificate is good (docs/probes/tls.md).
std::unique_ptr<Probe> MakeTlsProbe();

}  // namespace pharos::probe
