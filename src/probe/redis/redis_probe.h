#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "redis": whether a Redis answers PING, and its part in replication (docs/probes/redis.md).
std::unique_ptr<Probe> MakeRedisProbe();

}  // namespace pharos::probe
