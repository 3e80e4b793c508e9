#pragma once

#include <vector>

#include "api/endpoint.h"

namespace pharos::api::kener_classic {

// The route table (kener-classic.md 3.3, 6).
std::vector<Endpoint> Endpoints();

}  // namespace pharos::api::kener_classic
