#pragma once

#include <string>

#include "api/endpoint.h"
#include "model/monitor.h"

namespace pharos::api::kodo {

// The body of a creation or change onto a monitor of kind "heartbeat"; checked against
// HeartbeatBody before. Sets the limits of silence from interval and grace (kodo.md 11.3).
Status ApplyHeartbeatBody(const Call& call, const Value& body, model::Monitor& monitor);

// /heartbeat/{id}, keyless for monitors that allow it (kodo.md 11.1, 11.2).
bool TakesKeylessPing(const Call& call);
bool TakesKeylessGet(const Call& call);
void SendHeartbeat(Call& call, Answer answer);
// Reads, unless the monitor takes GET for a ping or the query has ping=1.
void ReadHeartbeat(Call& call, Answer answer);

// /heartbeat-monitors (kodo.md 11.4).
Result<std::string> ListHeartbeatMonitors(Call& call);
Result<std::string> CreateHeartbeatMonitor(Call& call);
Result<std::string> GetHeartbeatMonitor(Call& call);
Result<std::string> UpdateHeartbeatMonitor(Call& call);
Result<std::string> DeleteHeartbeatMonitor(Call& call);

}  // namespace pharos::api::kodo
