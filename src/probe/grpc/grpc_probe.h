#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// The standard health protocol of gRPC, one call (product.md 2.13). See docs/probes/grpc.md.
std::unique_ptr<Probe> MakeGrpcProbe();

}  // namespace pharos::probe
