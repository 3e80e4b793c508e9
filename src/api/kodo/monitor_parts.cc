#include "api/kodo/monitor_parts.h"

#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/words.h"
#include "base/text.h"

namespace pharos::api::kodo {
namespace {

constexpr std::string_view kNotes = "kodo";

// Names of specs and the names that Kodo has for them.
struct Renamed {
  std::string_view ours;
  std::string_view kodo;
};
constexpr Renamed kRenamed[] = {
    {"spec.host", "domain"},
    {"spec.expected_status", "expected_status_code"},
    {"spec.degraded_over_ms", "degraded_threshold_ms"},
    {"spec.interval_s", "interval_seconds"},
    {"schedule.interval", "interval_seconds"},
    {"position", "display_order"},
    {"category", "group"},
};

}  // namespace

void ApplySafeguards(const Value& body, model::Monitor& monitor) {
  model::AutoIncident& rules = monitor.auto_incident;
  if (const auto threshold = IntOf(body, "consecutive_failure_threshold")) {
    rules.failure_threshold = static_cast<int>(*threshold);
  }
  if (const auto cooldown = IntOf(body, "incident_cooldown_seconds")) {
    rules.cooldown = Seconds(*cooldown);
  }
  if (const auto severity = TextOf(body, "incident_severity")) {
    rules.severity = ParseSeverity(*severity);
  }
}

void PutSafeguards(JsonWriter& json, const model::Monitor& monitor) {
  const model::AutoIncident& rules = monitor.auto_incident;
  json.Key("consecutive_failure_threshold").Int(rules.failure_threshold);
  json.Key("incident_cooldown_seconds").Int(rules.cooldown / Seconds(1));
  PutTextOrNull(json, "incident_severity",
                rules.severity ? SeverityWord(*rules.severity) : std::string_view());
}

Status ApplyMonitorBasics(const Call& call, const Value& body, model::Monitor& monitor) {
  if (auto name = TextOf(body, "name")) monitor.name = std::string(Trim(*name));
  Assign(monitor.active, BoolOf(body, "enabled"));
  if (Has(body, "service_id")) {
    PHAROS_ASSIGN_OR_RETURN(monitor.service, ServiceOfBody(call, body));
  }
  return Ok();
}

model::Status StatusOfMonitor(const std::optional<model::MonitorState>& state) {
  if (!state) return model::Status::kNoData;
  return state->shown == model::Status::kMaintenance ? state->observed : state->shown;
}

int64_t IntervalSeconds(const model::Monitor& monitor) {
  switch (monitor.schedule.kind) {
    case model::Schedule::Kind::kInterval:
      return monitor.schedule.interval / Seconds(1);
    case model::Schedule::Kind::kNever:
    case model::Schedule::Kind::kCron:
      return 60;
  }
  return 60;
}

Value NoteOf(const model::Monitor& monitor, std::string_view name) {
  const Value* notes = monitor.notes.Find(kNotes);
  const Value* note = notes != nullptr ? notes->Find(name) : nullptr;
  return note != nullptr ? *note : Value();
}

void SetNote(model::Monitor& monitor, std::string_view name, Value value) {
  if (!monitor.notes.IsObject()) monitor.notes = Value(Value::Object{});
  const Value* standing = monitor.notes.Find(kNotes);
  Value notes = standing != nullptr && standing->IsObject() ? *standing : Value(Value::Object{});
  notes.Set(name, std::move(value));
  monitor.notes.Set(kNotes, std::move(notes));
}

Error InKodoWords(Error error, std::string_view what) {
  if (error.kind == ErrorKind::kNotFound) return NotFound(what);
  for (FieldError& field : error.fields) {
    for (const Renamed& row : kRenamed) {
      if (field.field == row.ours) field.field = std::string(row.kodo);
    }
    if (field.field.starts_with("spec.")) field.field.erase(0, 5);
  }
  return error;
}

Result<std::string> DeleteOfKind(Call& call, std::string_view kind, std::string_view what) {
  PHAROS_ASSIGN_OR_RETURN(const auto monitor, OfPath(call, kind, what));
  if (Status gone = call.services.monitors.Delete(*call.who, monitor->tag); !gone) {
    return NotFoundAs(std::move(gone).error(), what);
  }
  return std::string(kSuccess);
}

}  // namespace pharos::api::kodo
