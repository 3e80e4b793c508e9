#pragma once

#include <vector>

#include "api/endpoint.h"

namespace pharos::api::kodo {

// Rows for status pages and their designs, channels, webhooks, beacon, metrics, workflows, alerts,
// on-call, SMS and the public data (kodo.md 12 to 16, 18 to 20).
std::vector<Endpoint> MoreEndpoints();

}  // namespace pharos::api::kodo
