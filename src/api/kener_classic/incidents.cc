#include "api/kener_classic/incidents.h"

#include <optional>
#include <utility>
#include <vector>

#include "api/body_values.h"
#include "api/kener_classic/envelope.h"
#include "api/kener_classic/incident_view.h"
#include "api/kener_classic/monitor_decode.h"
#include "api/kener_classic/monitors.h"
#include "api/kener_classic/shapes.h"
#include "api/kener_classic/words.h"
#include "api/notes.h"
#include "base/json.h"
#include "base/text.h"
#include "service/incidents.h"
#include "service/maintenances.h"

namespace pharos::api::kener_classic {
namespace {

using model::IncidentSeverity;
using model::IncidentState;

constexpr std::string_view kOnce = "FREQ=MINUTELY;COUNT=1";

Error NoSuchIncident(const Call& call) {
  return Error(ErrorKind::kNotFound,
               "Incident '" + std::string(call.params.Find("incident_id")) + "' not found");
}

Error FromService(const Call& call, Error error) {
  if (error.kind == ErrorKind::kNotFound) return NoSuchIncident(call);
  return InOurWords(std::move(error));
}

Result<model::IncidentId> IncidentIdOf(const Call& call) {
  const std::optional<int64_t> id = ParseInt(call.params.Find("incident_id"));
  if (!id || *id <= 0) return NoSuchIncident(call);
  return model::IncidentId(*id);
}

Result<service::IncidentDetail> FindIncident(const Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::IncidentId id, IncidentIdOf(call));
  Result<service::IncidentDetail> found = call.services.incidents.Get(*call.who, id);
  if (!found) return FromService(call, std::move(found).error());
  if (found->incident.draft) return NoSuchIncident(call);
  return found;
}

std::string PrintWhole(const service::IncidentDetail& detail, std::string_view message = {}) {
  std::string data;
  JsonWriter json(data);
  WriteIncident(json, detail, true);
  return Success(data, message);
}

// The list of monitors of a body, whatever it calls it; nullptr when there is none.
const Value* FindMonitors(const Value& body) {
  const Value* list = body.Find("monitors");
  return list != nullptr ? list : body.Find("affectedMonitors");
}

// The monitors of a body, each under `status`. Those named twice count once.
Result<std::vector<model::IncidentImpact>> DecodeImpacts(const Call& call, const Value& body,
                                                         model::Status status) {
  std::vector<model::IncidentImpact> impacts;
  const Value* list = FindMonitors(body);
  if (list == nullptr) return impacts;
  for (const Value& item : list->AsList()) {
    const service::MonitorPtr monitor = FindMonitorByText(call, item.AsString());
    if (monitor == nullptr) {
      return BadField("monitors", "names the unknown monitor '" + item.AsString() + "'");
    }
    const model::IncidentImpact impact{monitor->id, status};
    if (std::find(impacts.begin(), impacts.end(), impact) == impacts.end()) {
      impacts.push_back(impact);
    }
  }
  return impacts;
}

IncidentSeverity ImpactOf(const Value& body, IncidentSeverity fallback) {
  return ParseImpactWord(body.StringOr("impact", "")).value_or(fallback);
}

IncidentState StateOf(const Value& body, IncidentState fallback) {
  return ParseIncidentWord(body.StringOr("status", "")).value_or(fallback);
}

Result<std::string> CreateMaintenance(Call& call, const Value& body) {
  for (const std::string_view name : {"scheduledStart", "scheduledEnd"}) {
    if (body.Find(name) == nullptr) return BadField(name, "is required");
  }
  const IncidentSeverity impact = ImpactOf(body, IncidentSeverity::kMinor);
  model::Maintenance draft;
  draft.title = std::string(Trim(body.StringOr("title", "")));
  if (const std::string text = body.StringOr("message", ""); !text.empty()) {
    draft.description = text;
  }
  draft.starts_at = SecondOf(body, "scheduledStart").value_or(Timestamp{});
  draft.duration = SecondOf(body, "scheduledEnd").value_or(Timestamp{}) - draft.starts_at;
  if (draft.duration <= Duration{}) return BadField("scheduledEnd", "must be after scheduledStart");
  draft.rrule = std::string(kOnce);
  PHAROS_ASSIGN_OR_RETURN(draft.impacts, DecodeImpacts(call, body, model::Status::kMaintenance));
  SetNote(draft.notes, kNotes, "impact", ImpactWord(impact));
  Result<model::Maintenance> made = call.services.maintenances.Create(*call.who, std::move(draft));
  if (!made) return InOurWords(std::move(made).error());
  std::string data;
  JsonWriter json(data);
  WriteMaintenance(json, *made, impact);
  return Success(data, "Incident created successfully");
}

// Moves the incident into a state; the end follows it (kener-classic.md 6.11).
void MoveTo(model::Incident& incident, IncidentState state, Timestamp now) {
  incident.state = state;
  if (state != IncidentState::kResolved) {
    incident.ended_at.reset();
  } else if (!incident.ended_at) {
    incident.ended_at = now;
  }
}

Result<service::IncidentQuery> ReadQuery(const Parameters& parameters) {
  service::IncidentQuery query;
  query.drafts = false;
  if (const std::string* word = http::FindParameter(parameters, "status")) {
    const std::optional<IncidentState> state = ParseIncidentWord(*word);
    if (!state) {
      return BadField("status", "must be one of: investigating, identified, monitoring, resolved");
    }
    query.states.push_back(*state);
  }
  if (const std::string* word = http::FindParameter(parameters, "impact")) {
    const std::optional<IncidentSeverity> severity = ParseImpactWord(*word);
    if (!severity) return BadField("impact", "must be one of: none, minor, major, critical");
    query.severities.push_back(*severity);
  }
  return query;
}

}  // namespace

Status IncidentExists(Call& call) {
  PHAROS_RETURN_IF_ERROR(FindIncident(call));
  return Ok();
}

Result<std::string> ListIncidents(Call& call) {
  const Parameters parameters = http::ParseQuery(call.request.query);
  PHAROS_ASSIGN_OR_RETURN(const PageWish wish, ReadPageWish(parameters));
  PHAROS_ASSIGN_OR_RETURN(service::IncidentQuery query, ReadQuery(parameters));
  query.limit = static_cast<int>(wish.limit);
  query.offset = static_cast<int>(wish.offset());
  PHAROS_ASSIGN_OR_RETURN(const auto incidents,
                          call.services.incidents.ListDetailed(*call.who, query));
  PHAROS_ASSIGN_OR_RETURN(const int64_t total, call.services.incidents.Count(*call.who, query));
  std::string data;
  JsonWriter json(data);
  json.BeginObject().Key("incidents").BeginList();
  for (const service::IncidentDetail& detail : incidents) WriteIncident(json, detail, false);
  json.EndList().Key("pagination").BeginObject();
  json.Key("page").Int(wish.page).Key("limit").Int(wish.limit).Key("total").Int(total);
  json.EndObject().EndObject();
  return Success(data);
}

Result<std::string> GetIncident(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const service::IncidentDetail detail, FindIncident(call));
  return PrintWhole(detail);
}

Result<std::string> CreateIncident(Call& call) {
  const Value body = WithOurCase(call.body);
  PHAROS_RETURN_IF_ERROR(CheckBody(NewIncidentShape(), body));
  if (body.Find("scheduledStart") != nullptr || body.Find("scheduledEnd") != nullptr) {
    return CreateMaintenance(call, body);
  }
  const Timestamp now = call.clock.Now();
  service::NewIncident wanted;
  wanted.incident.title = std::string(Trim(body.StringOr("title", "")));
  wanted.incident.severity = ImpactOf(body, IncidentSeverity::kMinor);
  wanted.incident.started_at = FloorTo(now, Seconds(1));
  MoveTo(wanted.incident, StateOf(body, IncidentState::kInvestigating), now);
  PHAROS_ASSIGN_OR_RETURN(wanted.incident.impacts,
                          DecodeImpacts(call, body, StatusUnder(wanted.incident.severity)));
  if (std::string text = body.StringOr("message", ""); !Trim(text).empty()) {
    wanted.message = std::move(text);
  }
  Result<service::IncidentDetail> made =
      call.services.incidents.Create(*call.who, std::move(wanted));
  if (!made) return InOurWords(std::move(made).error());
  return PrintWhole(*made, "Incident created successfully");
}

Result<std::string> UpdateIncident(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::IncidentId id, IncidentIdOf(call));
  const Value body = WithOurCase(call.body);
  PHAROS_RETURN_IF_ERROR(CheckBody(IncidentEditShape(), body));
  const Timestamp now = call.clock.Now();
  const auto change = [&](service::IncidentService::Edit& edit) -> Status {
    model::Incident& incident = edit.incident;
    incident.title = std::string(Trim(body.StringOr("title", incident.title)));
    incident.severity = ImpactOf(body, incident.severity);
    if (FindMonitors(body) != nullptr) {
      PHAROS_ASSIGN_OR_RETURN(incident.impacts,
                              DecodeImpacts(call, body, StatusUnder(incident.severity)));
    } else if (body.Find("impact") != nullptr) {
      for (auto& impact : incident.impacts) impact.impact = StatusUnder(incident.severity);
    }
    if (body.Find("status") != nullptr) MoveTo(incident, StateOf(body, incident.state), now);
    if (std::string text = body.StringOr("message", ""); !text.empty()) {
      model::IncidentUpdate update;
      update.state = incident.state;
      update.text = std::move(text);
      update.at = now;
      edit.new_updates.push_back(std::move(update));
    }
    return Ok();
  };
  Result<service::IncidentDetail> changed = call.services.incidents.Update(*call.who, id, change);
  if (!changed) return FromService(call, std::move(changed).error());
  return PrintWhole(*changed, "Incident updated successfully");
}

Result<std::string> DeleteIncident(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::IncidentId id, IncidentIdOf(call));
  if (Status gone = call.services.incidents.Delete(*call.who, id); !gone) {
    return FromService(call, std::move(gone).error());
  }
  std::string data;
  JsonWriter(data).BeginObject().Key("id").Int(id.value()).EndObject();
  return Success(data, "Incident deleted successfully");
}

Result<std::string> AddUpdate(Call& call) {
  const Value body = WithOurCase(call.body);
  PHAROS_RETURN_IF_ERROR(CheckBody(NewUpdateShape(), body));
  PHAROS_ASSIGN_OR_RETURN(const service::IncidentDetail standing, FindIncident(call));
  const model::IncidentId id = standing.incident.id;
  model::IncidentUpdate wanted;
  wanted.state = StateOf(body, standing.incident.state);
  wanted.text = body.StringOr("message", "");
  wanted.at = call.clock.Now();
  Result<model::IncidentUpdate> added =
      call.services.incidents.AddUpdate(*call.who, id, std::move(wanted));
  if (!added) return FromService(call, std::move(added).error());
  std::string data;
  JsonWriter json(data);
  WriteUpdate(json, *added, id);
  return Success(data, "Incident update added successfully");
}

}  // namespace pharos::api::kener_classic
