#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "websocket": whether a WebSocket opens and answers (docs/probes/websocket.md).
std::unique_ptr<Probe> MakeWebSocketProbe();

}  // namespace pharos::probe
