#include "api/kener_v3/incident_view.h"

#include <algorithm>
#include <optional>

#include "api/kener_v3/words.h"
#include "base/time.h"
#include "service/monitors.h"

namespace pharos::api::kener_v3 {
namespace {

using model::IncidentState;

void WriteSeconds(JsonWriter& json, std::string_view name, std::optional<Timestamp> at) {
  json.Key(name);
  at ? json.Int(ToUnixSeconds(*at)) : json.Null();
}

bool IsMaintenance(const model::Incident& incident) {
  const Value* type = FindNote(incident.notes, "type");
  return type != nullptr && *type == Value("MAINTENANCE");
}

std::string_view SourceWord(model::IncidentSource source) {
  if (source == model::IncidentSource::kApi) return "API";
  return source == model::IncidentSource::kConsole ? "DASHBOARD" : "ALERT";
}

// The tag of a monitor; empty when it is gone.
std::string TagOf(const Call& call, model::MonitorId id) {
  const service::MonitorPtr monitor = call.services.monitors.FindById(*call.who, id);
  return monitor == nullptr ? std::string() : monitor->tag;
}

// The one impact that v2 knows: the worst of all monitors', or what was sent as null.
std::optional<std::string_view> CommonImpact(const model::Incident& incident) {
  if (FindNote(incident.notes, "no_impact") != nullptr) return std::nullopt;
  std::optional<model::Status> worst;
  for (const model::IncidentImpact& impact : incident.impacts) {
    if (impact.impact == model::Status::kMaintenance) continue;
    if (!worst || model::Severity(impact.impact) > model::Severity(*worst)) worst = impact.impact;
  }
  if (!worst) return std::nullopt;
  return ImpactWord(*worst);
}

void WriteV3Members(JsonWriter& json, const model::Incident& incident, bool in_list) {
  json.Key("id").Int(incident.id.value());
  WriteSeconds(json, "start_date_time", incident.started_at);
  WriteSeconds(json, "end_date_time", incident.ended_at);
  json.Key("created_at").String(FormatSqlSeconds(incident.created_at));
  json.Key("updated_at").String(FormatSqlSeconds(incident.updated_at));
  json.Key("title").String(incident.title);
  json.Key("status").String(incident.closed_at ? "CLOSED" : "OPEN");
  json.Key("state").String(IncidentStateWord(incident.state));
  if (!in_list) return;
  json.Key("incident_type").String(IsMaintenance(incident) ? "MAINTENANCE" : "INCIDENT");
  json.Key("incident_source").String(SourceWord(incident.source));
}

void WriteV2Members(JsonWriter& json, const Call& call, const model::Incident& incident,
                    bool with_title) {
  WriteSeconds(json, "createdAt", incident.created_at);
  WriteSeconds(json, "closedAt", incident.closed_at);
  if (with_title) json.Key("title").String(incident.title);
  json.Key("tags").BeginList();
  for (const model::IncidentImpact& impact : incident.impacts) {
    if (const std::string tag = TagOf(call, impact.monitor); !tag.empty()) json.String(tag);
  }
  json.EndList();
  json.Key("incidentNumber").Int(incident.id.value());
  WriteSeconds(json, "startDatetime", incident.started_at);
  WriteSeconds(json, "endDatetime", incident.ended_at);
  const Value* body = FindNote(incident.notes, "body");
  json.Key("body").String(body != nullptr && body->IsString() ? body->AsString() : "");
  json.Key("impact");
  const auto impact = CommonImpact(incident);
  impact ? json.String(*impact) : json.Null();
  json.Key("isMaintenance").Bool(IsMaintenance(incident));
  json.Key("isIdentified")
      .Bool(incident.state == IncidentState::kIdentified ||
            incident.state == IncidentState::kMonitoring);
  json.Key("isResolved").Bool(incident.state == IncidentState::kResolved);
}

}  // namespace

void WriteIncident(JsonWriter& json, const Call& call, const model::Incident& incident, Style style,
                   bool in_list) {
  json.BeginObject();
  if (style != Style::kV2) WriteV3Members(json, incident, in_list);
  if (style != Style::kV3) WriteV2Members(json, call, incident, style == Style::kV2);
  json.EndObject();
}

std::string PrintIncident(const Call& call, const model::Incident& incident, Style style) {
  std::string out;
  JsonWriter json(out);
  WriteIncident(json, call, incident, style, false);
  return out;
}

std::string PrintIncidents(const Call& call, const std::vector<model::Incident>& incidents,
                           Style style) {
  std::string out;
  JsonWriter json(out);
  json.BeginList();
  for (const model::Incident& incident : incidents) {
    WriteIncident(json, call, incident, style, true);
  }
  json.EndList();
  return out;
}

std::string PrintImpacts(const Call& call, const model::Incident& incident) {
  std::string out;
  JsonWriter json(out);
  json.BeginList();
  for (const model::IncidentImpact& impact : incident.impacts) {
    const std::string tag = TagOf(call, impact.monitor);
    if (tag.empty()) continue;
    json.BeginObject();
    json.Key("monitor_tag").String(tag);
    json.Key("monitor_impact").String(ImpactWord(impact.impact));
    json.EndObject();
  }
  json.EndList();
  return out;
}

std::string PrintUpdates(const model::Incident& incident,
                         const std::vector<model::IncidentUpdate>& updates) {
  std::string out;
  JsonWriter json(out);
  json.BeginList();
  for (const model::IncidentUpdate& update : updates) {
    json.BeginObject();
    json.Key("id").Int(update.id.value());
    json.Key("comment").String(update.text);
    json.Key("incident_id").Int(incident.id.value());
    json.Key("commented_at").Int(ToUnixSeconds(update.at));
    json.Key("created_at").String(FormatSqlSeconds(update.created_at));
    json.Key("updated_at").String(FormatSqlSeconds(update.updated_at));
    json.Key("status").String(update.hidden ? "INACTIVE" : "ACTIVE");
    json.Key("state").String(IncidentStateWord(update.state));
    json.EndObject();
  }
  json.EndList();
  return out;
}

void WriteComment(JsonWriter& json, const model::IncidentUpdate& update) {
  json.BeginObject();
  json.Key("commentID").Int(update.id.value());
  json.Key("body").String(update.text);
  json.Key("createdAt").Int(ToUnixSeconds(update.at));
  json.EndObject();
}

const model::IncidentUpdate* FindBodyUpdate(const model::Incident& incident,
                                            const std::vector<model::IncidentUpdate>& updates) {
  if (FindNote(incident.notes, "body") == nullptr || updates.empty()) return nullptr;
  const auto first = std::min_element(updates.begin(), updates.end(),
                                      [](const auto& a, const auto& b) { return a.id < b.id; });
  // Written with the incident itself; anything later is a comment.
  return first->created_at == incident.created_at ? &*first : nullptr;
}

}  // namespace pharos::api::kener_v3
