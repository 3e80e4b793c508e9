#pragma once

#include <string>

#include "api/endpoint.h"
#include "model/monitor.h"

namespace pharos::api::kodo {

// The body of a creation or change onto a monitor of kind "http"; checked against UptimeBody
// before. Errors: kInvalid on "url", "headers", "service_id". `https_only` refuses http:// targets.
Status ApplyUptimeBody(const Call& call, const Value& body, bool https_only,
                       model::Monitor& monitor);

// /uptime-monitors (kodo.md 8).
Result<std::string> ListUptimeMonitors(Call& call);
Result<std::string> CreateUptimeMonitor(Call& call);
Result<std::string> GetUptimeMonitor(Call& call);
Result<std::string> UpdateUptimeMonitor(Call& call);
Result<std::string> DeleteUptimeMonitor(Call& call);
void CheckUptimeMonitor(Call& call, Answer answer);

}  // namespace pharos::api::kodo
