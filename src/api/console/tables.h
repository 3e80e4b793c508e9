#pragma once

#include <vector>

#include "api/endpoint.h"

namespace pharos::api::console {

// The route table, one function per noun, each in the source of that noun. dialect.cc joins them.
std::vector<Endpoint> KindEndpoints();      // kinds.cc
std::vector<Endpoint> MonitorEndpoints();   // monitors.cc
std::vector<Endpoint> ActionEndpoints();    // actions.cc
std::vector<Endpoint> SecretEndpoints();    // secrets.cc
std::vector<Endpoint> HistoryEndpoints();   // history.cc
std::vector<Endpoint> EvidenceEndpoints();  // evidence.cc

}  // namespace pharos::api::console
