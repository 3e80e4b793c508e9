#pragma once

#include <vector>

#include "api/endpoint.h"

namespace pharos::api::kener_v4 {

// The route table (kener-v4.md 5), as far as this program serves it.
std::vector<Endpoint> Endpoints();

}  // namespace pharos::api::kener_v4
