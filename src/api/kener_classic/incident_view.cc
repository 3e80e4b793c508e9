#include "api/kener_classic/incident_view.h"

#include "api/body_values.h"
#include "api/kener_classic/monitor_view.h"
#include "api/kener_classic/words.h"

namespace pharos::api::kener_classic {
namespace {

void WriteMonitors(JsonWriter& json, const std::vector<model::IncidentImpact>& impacts) {
  json.Key("monitors").BeginList();
  for (const model::IncidentImpact& impact : impacts) json.String(MonitorIdText(impact.monitor));
  json.EndList();
}

void WriteTimes(JsonWriter& json, Timestamp created, Timestamp updated,
                std::optional<Timestamp> resolved) {
  PutSecondOrNull(json, "createdAt", UnlessNever(created));
  PutSecondOrNull(json, "updatedAt", UnlessNever(updated));
  PutSecondOrNull(json, "resolvedAt", UnlessNever(resolved.value_or(Timestamp{})));
}

}  // namespace

void WriteIncident(JsonWriter& json, const service::IncidentDetail& detail, bool whole) {
  const model::Incident& incident = detail.incident;
  const bool resolved = incident.state == model::IncidentState::kResolved;
  json.BeginObject();
  json.Key("id").Int(incident.id.value());
  json.Key("title").String(incident.title);
  json.Key("status").String(IncidentWord(incident.state));
  json.Key("impact").String(ImpactWord(incident.severity));
  json.Key("message");
  detail.updates.empty() ? json.Null() : json.String(detail.updates.front().text);
  WriteMonitors(json, incident.impacts);
  WriteTimes(json, incident.created_at, incident.updated_at,
             resolved ? incident.ended_at : std::nullopt);
  if (whole) {
    json.Key("updates").BeginList();
    for (const model::IncidentUpdate& update : detail.updates) WriteUpdate(json, update);
    json.EndList();
  }
  json.EndObject();
}

void WriteUpdate(JsonWriter& json, const model::IncidentUpdate& update,
                 model::IncidentId incident) {
  json.BeginObject();
  json.Key("id").Int(update.id.value());
  if (incident.IsSet()) json.Key("incidentId").Int(incident.value());
  json.Key("status").String(IncidentWord(update.state));
  json.Key("message").String(update.text);
  PutSecondOrNull(json, "createdAt", UnlessNever(update.at));
  json.EndObject();
}

void WriteMaintenance(JsonWriter& json, const model::Maintenance& maintenance,
                      model::IncidentSeverity impact) {
  json.BeginObject();
  json.Key("id").String(MaintenanceIdText(maintenance.id));
  json.Key("title").String(maintenance.title);
  json.Key("status").String("scheduled");
  json.Key("impact").String(ImpactWord(impact));
  json.Key("message");
  maintenance.description ? json.String(*maintenance.description) : json.Null();
  WriteMonitors(json, maintenance.impacts);
  PutSecondOrNull(json, "scheduledStart", UnlessNever(maintenance.starts_at));
  PutSecondOrNull(json, "scheduledEnd", UnlessNever(maintenance.starts_at + maintenance.duration));
  WriteTimes(json, maintenance.created_at, maintenance.updated_at, std::nullopt);
  json.Key("updates").BeginList().EndList();
  json.EndObject();
}

}  // namespace pharos::api::kener_classic
