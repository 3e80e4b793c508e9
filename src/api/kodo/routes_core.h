#pragma once

#include <vector>

#include "api/endpoint.h"

namespace pharos::api::kodo {

// Rows for services, incidents, monitors, heartbeats, maintenance, configuration, the audit log and
// API keys (kodo.md 2.4, 6 to 11, 17).
std::vector<Endpoint> CoreEndpoints();

}  // namespace pharos::api::kodo
