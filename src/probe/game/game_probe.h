#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// Kind "game": whether a game server answers a query (docs/probes/game.md).
std::unique_ptr<Probe> MakeGameProbe();

}  // namespace pharos::probe
