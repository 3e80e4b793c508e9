#pragma once

#include <string>

#include "talk_runner.h"

namespace pharos::talk {

// The real wiring in this process, with SQLite in memory and a clock that stands still.
PeerFactory InProcessPeers();

// The real program on a fresh data directory and a free port of loopback.
PeerFactory BinaryPeers(std::string binary);

}  // namespace pharos::talk
