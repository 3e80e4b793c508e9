#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/endpoint.h"
#include "api/kodo/ids.h"
#include "base/json.h"
#include "base/value.h"
#include "model/monitor.h"
#include "model/monitor_state.h"

namespace pharos::api::kodo {

// What the four kinds of Kodo monitors have in common.

// When failures open incidents (kodo.md 7.1): consecutive_failure_threshold,
// incident_cooldown_seconds, incident_severity.
void ApplySafeguards(const Value& body, model::Monitor& monitor);
void PutSafeguards(JsonWriter& json, const model::Monitor& monitor);

// name, enabled, interval_seconds and service_id, where the body has them. Error: kInvalid on
// service_id.
Status ApplyMonitorBasics(const Call& call, const Value& body, model::Monitor& monitor);

// What a monitor itself shows, whatever masks it; kNoData before the first result.
model::Status StatusOfMonitor(const std::optional<model::MonitorState>& state);
// Time between two checks; cron schedules count as a minute.
int64_t IntervalSeconds(const model::Monitor& monitor);

// What only this dialect keeps about a monitor; null when it keeps nothing.
Value NoteOf(const model::Monitor& monitor, std::string_view name);
void SetNote(model::Monitor& monitor, std::string_view name, Value value);

// A use case's error about fields, in the names of this dialect's body ("spec.url" -> "url");
// `what` is the noun of 404.
Error InKodoWords(Error error, std::string_view what);

// DELETE of a monitor of this kind.
Result<std::string> DeleteOfKind(Call& call, std::string_view kind, std::string_view what);

}  // namespace pharos::api::kodo
