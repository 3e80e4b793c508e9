#pragma once

#include <vector>

#include "api/endpoint.h"

namespace pharos::api::is0k {

// The route table (is0k.md 4 to 8).
std::vector<Endpoint> Endpoints();

}  // namespace pharos::api::is0k
