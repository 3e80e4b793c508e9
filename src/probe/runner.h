#pragma once

#include <memory>
#include <string>

#include "base/value.h"
#include "probe/catalog.h"
#include "probe/probe.h"

namespace pharos::probe {

// One whole check: up to 1 + spec.retries attempts, spec.retry_delay_ms apart, until one is up or
// degraded (is0k.md 3.3). The last attempt's observation counts; its evidence says how many were
// made. Blocked and overloaded attempts are not repeated. Calls `done` exactly once.
void RunCheck(const Catalog& catalog, std::string_view kind, const Value& spec,
              net::Purpose purpose, const Tools& tools, Done done);

// The result that intake takes, of what a whole check of a monitor saw.
model::CheckResult ToCheckResult(model::MonitorId monitor, Timestamp at, Timestamp finished_at,
                                 Observation seen);

}  // namespace pharos::probe
