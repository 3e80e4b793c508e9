#pragma once

#include <vector>

#include "api/endpoint.h"

namespace pharos::api::kener_v4 {

// The route table (kener-v4.md 5) and the heartbeat push (15.1).
std::vector<Endpoint> Endpoints();

}  // namespace pharos::api::kener_v4
