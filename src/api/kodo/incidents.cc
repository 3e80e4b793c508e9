#include "api/kodo/incidents.h"

#include <algorithm>
#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/shapes_core.h"
#include "api/kodo/words.h"
#include "base/text.h"
#include "service/incidents.h"

namespace pharos::api::kodo {
namespace {

using model::IncidentState;

constexpr std::string_view kWhat = "Incident";
constexpr int kUsualLimit = 50;
constexpr int kMaxLimit = 100;

void PrintUpdate(JsonWriter& json, const model::IncidentUpdate& update) {
  json.BeginObject();
  PutText(json, "id", update.uid);
  PutText(json, "status", IncidentStateWord(update.state));
  PutText(json, "message", update.text);
  PutTime(json, "created_at", update.at);
  json.EndObject();
}

std::string UidOfCause(const Call& call, model::MonitorId cause) {
  if (!cause.IsSet()) return {};
  const service::MonitorPtr monitor = call.services.monitors.FindById(*call.who, cause);
  return monitor != nullptr ? monitor->uid : std::string();
}

void PrintIncident(JsonWriter& json, const Call& call, const service::IncidentDetail& detail) {
  const model::Incident& incident = detail.incident;
  json.BeginObject();
  PutText(json, "id", incident.uid);
  PutText(json, "title", incident.title);
  PutText(json, "status", IncidentStateWord(incident.state));
  PutText(json, "severity", SeverityWord(incident.severity));
  PutTime(json, "started_at", incident.started_at);
  const bool resolved = incident.state == IncidentState::kResolved;
  PutTimeOrNull(json, "resolved_at", resolved ? incident.ended_at : std::nullopt);
  PutTime(json, "created_at", incident.created_at);
  PutTime(json, "updated_at", incident.updated_at);
  PutServices(json, call, incident.impacts);
  json.Key("updates").BeginList();
  for (const model::IncidentUpdate& update : detail.updates) PrintUpdate(json, update);
  json.EndList();
  PutText(json, "visibility", incident.draft ? "draft" : "public");
  PutText(json, "source", SourceWord(incident.source));
  PutTextOrNull(json, "monitor_id", UidOfCause(call, incident.cause));
  PutTextOrNull(json, "message",
                detail.updates.empty() ? std::string() : detail.updates.front().text);
  json.EndObject();
}

std::string Print(const Call& call, const service::IncidentDetail& detail) {
  std::string out;
  JsonWriter json(out);
  PrintIncident(json, call, detail);
  return out;
}

// A Kodo incident concerns services and leaves their status alone (kodo.md 1.2), which is what an
// impact of "up" means.
std::vector<model::IncidentImpact> ImpactsOfBody(const Call& call, const Value& body) {
  std::vector<model::IncidentImpact> impacts;
  const auto wanted = TextsOf(body, "services").value_or(std::vector<std::string>());
  for (const service::MonitorPtr& service : FindServices(call, wanted)) {
    impacts.push_back({service->id, model::Status::kUp});
  }
  return impacts;
}

Result<service::IncidentDetail> OfPath(const Call& call) {
  auto found = call.services.incidents.GetByUid(*call.who, PathId(call));
  if (!found) return NotFoundAs(std::move(found).error(), kWhat);
  return found;
}

// What a change of status without a message says (kodo.md 7).
std::string AutomaticText(IncidentState state) {
  return "Status changed to " + std::string(IncidentStateWord(state)) + ".";
}

// An update that the body of a PATCH asks for, if it does: its status is the new one if sent, else
// the current one.
std::optional<model::IncidentUpdate> UpdateOfChange(const Value& body, IncidentState before,
                                                    IncidentState after, Timestamp now) {
  model::IncidentUpdate update;
  update.state = after;
  update.at = now;
  const std::string text = TextOf(body, "message").value_or(std::string());
  if (!Trim(text).empty()) {
    update.text = text;
  } else if (after != before) {
    update.text = AutomaticText(after);
  } else {
    return std::nullopt;
  }
  return update;
}

void MoveTo(model::Incident& incident, IncidentState state, Timestamp now) {
  incident.state = state;
  if (state != IncidentState::kResolved) {
    incident.ended_at.reset();
  } else if (!incident.ended_at) {
    incident.ended_at = std::max(now, incident.started_at);
  }
}

Result<service::IncidentQuery> ReadQuery(const http::Request& request) {
  service::IncidentQuery query;
  query.by_start = true;
  const Paging paging = ReadPaging(request, kUsualLimit, kMaxLimit);
  query.limit = paging.limit;
  query.offset = paging.offset;
  if (const std::string word = QueryText(request, "status"); !word.empty()) {
    const auto state = ParseIncidentState(word);
    if (!state) return BadField("status", "Invalid value");
    query.states = {*state};
  }
  query.open_only = QueryText(request, "active") == "true";
  return query;
}

}  // namespace

std::vector<service::MonitorPtr> ConcernedServices(
    const Call& call, const std::vector<model::IncidentImpact>& impacts) {
  std::vector<service::MonitorPtr> services;
  for (const model::IncidentImpact& impact : impacts) {
    service::MonitorPtr one = call.services.monitors.FindById(*call.who, impact.monitor);
    if (one != nullptr && one->kind != kServiceKind && one->service.IsSet()) {
      one = call.services.monitors.FindById(*call.who, one->service);
    }
    if (one == nullptr) continue;
    const auto same = [&](const service::MonitorPtr& other) { return other->id == one->id; };
    if (std::none_of(services.begin(), services.end(), same)) services.push_back(std::move(one));
  }
  return services;
}

void PutServices(JsonWriter& json, const Call& call,
                 const std::vector<model::IncidentImpact>& impacts) {
  json.Key("services").BeginList();
  for (const service::MonitorPtr& service : ConcernedServices(call, impacts)) {
    json.BeginObject();
    PutText(json, "id", service->uid);
    PutText(json, "name", service->name);
    json.EndObject();
  }
  json.EndList();
}

Result<std::string> ListIncidents(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto query, ReadQuery(call.request));
  PHAROS_ASSIGN_OR_RETURN(const auto found, call.services.incidents.ListDetailed(*call.who, query));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("incidents").BeginList();
  for (const service::IncidentDetail& detail : found) PrintIncident(json, call, detail);
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateIncident(Call& call) {
  const Value& body = call.body;
  PHAROS_RETURN_IF_ERROR(CheckCreate(IncidentBody(), body));
  const Timestamp now = call.clock.Now();
  service::NewIncident wanted;
  model::Incident& incident = wanted.incident;
  incident.title = std::string(Trim(TextOf(body, "title").value_or(std::string())));
  incident.severity =
      ParseSeverity(body.StringOr("severity", "minor")).value_or(model::IncidentSeverity::kMinor);
  incident.source = model::IncidentSource::kApi;
  incident.draft = body.StringOr("visibility", "public") == "draft";
  incident.started_at = TimeOf(body, "started_at").value_or(FloorTo(now, Milliseconds(1)));
  incident.impacts = ImpactsOfBody(call, body);
  MoveTo(incident,
         ParseIncidentState(body.StringOr("status", "")).value_or(IncidentState::kInvestigating),
         now);
  wanted.message = TextOf(body, "message");
  if (wanted.message && Trim(*wanted.message).empty()) wanted.message.reset();
  wanted.notify = body.BoolOr("notify_subscribers", true);
  PHAROS_ASSIGN_OR_RETURN(const auto made,
                          call.services.incidents.Create(*call.who, std::move(wanted)));
  return Print(call, made);
}

Result<std::string> GetIncident(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto found, OfPath(call));
  return Print(call, found);
}

Result<std::string> UpdateIncident(Call& call) {
  const Value& body = call.body;
  PHAROS_RETURN_IF_ERROR(CheckChange(IncidentChangeBody(), body));
  PHAROS_ASSIGN_OR_RETURN(const auto found, OfPath(call));
  const auto state = ParseIncidentState(body.StringOr("status", ""));
  const auto severity = ParseSeverity(body.StringOr("severity", ""));
  const Timestamp now = call.clock.Now();
  const auto change = [&](service::IncidentService::Edit& edit) -> Status {
    model::Incident& incident = edit.incident;
    const IncidentState before = incident.state;
    if (auto title = TextOf(body, "title")) incident.title = std::string(Trim(*title));
    if (severity) incident.severity = *severity;
    if (Has(body, "services")) incident.impacts = ImpactsOfBody(call, body);
    MoveTo(incident, state.value_or(before), now);
    if (auto update = UpdateOfChange(body, before, incident.state, now)) {
      edit.new_updates.push_back(std::move(*update));
    }
    edit.notify = body.BoolOr("notify_subscribers", true);
    return Ok();
  };
  auto changed = call.services.incidents.Update(*call.who, found.incident.id, change);
  if (!changed) return NotFoundAs(std::move(changed).error(), kWhat);
  return Print(call, *changed);
}

Result<std::string> DeleteIncident(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto found, OfPath(call));
  if (Status gone = call.services.incidents.Delete(*call.who, found.incident.id); !gone) {
    return NotFoundAs(std::move(gone).error(), kWhat);
  }
  return std::string(kSuccess);
}

Result<std::string> PublishIncident(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto found, OfPath(call));
  if (Status done = call.services.incidents.Publish(*call.who, found.incident.id); !done) {
    if (done.error().kind == ErrorKind::kConflict) return BadRequest("Incident is already public");
    return NotFoundAs(std::move(done).error(), kWhat);
  }
  return std::string(kSuccess);
}

Result<std::string> AddIncidentUpdate(Call& call) {
  const Value& body = call.body;
  PHAROS_RETURN_IF_ERROR(CheckCreate(IncidentUpdateBody(), body));
  PHAROS_ASSIGN_OR_RETURN(const auto found, OfPath(call));
  model::IncidentUpdate update;
  update.text = TextOf(body, "message").value_or(std::string());
  update.state = ParseIncidentState(body.StringOr("status", "")).value_or(found.incident.state);
  update.at = call.clock.Now();
  service::UpdateEffects effects;
  // resolved_at stays where it was first set (kodo.md 7).
  effects.resolving_ends = !found.incident.ended_at.has_value();
  effects.notify = body.BoolOr("notify_subscribers", true);
  auto made =
      call.services.incidents.AddUpdate(*call.who, found.incident.id, std::move(update), effects);
  if (!made) return NotFoundAs(std::move(made).error(), kWhat);
  std::string out;
  JsonWriter json(out);
  PrintUpdate(json, *made);
  return out;
}

}  // namespace pharos::api::kodo
