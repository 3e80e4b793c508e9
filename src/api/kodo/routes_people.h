#pragma once

#include <vector>

#include "api/endpoint.h"

namespace pharos::api::kodo {

// Rows for alerts, on-call, subscribers and the public data (kodo.md 19, 20).
void AddPeopleEndpoints(std::vector<Endpoint>& rows);

}  // namespace pharos::api::kodo
