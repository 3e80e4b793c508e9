#pragma once

#include <optional>
#include <string_view>

#include "model/incident.h"
#include "model/monitor.h"
#include "model/monitor_state.h"
#include "model/page.h"
#include "model/status.h"

namespace pharos::api::is0k {

// The five types of monitors; other kinds are not shown in this dialect
// (docs/dialects/is0k-differences.md). Empty for those.
std::string_view TypeWord(std::string_view kind);
// The kind of a type in any spelling ("HTTPS", "icmp", "port"); empty for an unknown one.
std::string_view KindOfType(std::string_view type);

// "pending", "up", "down", "degraded", "paused" (is0k.md 3.2).
std::string_view MonitorWord(const model::Monitor& monitor, const model::MonitorState& state);
bool IsMonitorWord(std::string_view word);
// Of one check: "up", "down", "degraded"; overlays do not count here.
std::string_view CheckWord(model::Status observed);
std::optional<model::Status> ParseCheckWord(std::string_view word);

std::string_view StateWord(model::IncidentState state);
std::optional<model::IncidentState> ParseState(std::string_view word);
std::string_view SeverityWord(model::IncidentSeverity severity);
std::optional<model::IncidentSeverity> ParseSeverity(std::string_view word);

std::string_view VisibilityWord(model::PageVisibility visibility);
std::optional<model::PageVisibility> ParseVisibility(std::string_view word);

}  // namespace pharos::api::is0k
