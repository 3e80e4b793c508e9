#pragma once

#include <vector>

#include "api/endpoint.h"

namespace pharos::api::kener_v3 {

// The route table (kener-classic.md, appendix A).
std::vector<Endpoint> Endpoints();

}  // namespace pharos::api::kener_v3
