#include "api/is0k/incidents.h"

#include <utility>
#include <vector>

#include "api/is0k/body.h"
#include "api/is0k/envelope.h"
#include "api/is0k/ids.h"
#include "api/is0k/links.h"
#include "api/is0k/shapes.h"
#include "api/is0k/words.h"
#include "service/incidents.h"
#include "service/monitors.h"

namespace pharos::api::is0k {
namespace {

using model::IncidentState;
using service::IncidentDetail;

void PrintIncident(JsonWriter& json, const Call& call, const IncidentDetail& detail) {
  const model::Incident& incident = detail.incident;
  json.BeginObject();
  PutText(json, "id", PrintId(kIncidentId, incident.id.value()));
  PutText(json, "title", incident.title);
  PutText(json, "status", StateWord(incident.state));
  PutText(json, "severity", SeverityWord(incident.severity));
  PutTextOrNull(json, "message", detail.updates.empty() ? "" : detail.updates.front().text);
  PutText(json, "source", model::IsAutomatic(incident.source) ? "monitor" : "manual");
  json.Key("monitor_ids").BeginList();
  for (const model::IncidentImpact& impact : incident.impacts) {
    const auto monitor = call.services.monitors.FindById(*call.who, impact.monitor);
    if (monitor != nullptr && IsShown(*monitor)) {
      json.String(PrintId(kMonitorId, impact.monitor.value()));
    }
  }
  json.EndList().Key("status_page_ids").BeginList();
  for (const model::PageId page : incident.pages) json.String(PrintId(kPageId, page.value()));
  json.EndList();
  PutSecond(json, "started_at", incident.started_at);
  const bool resolved = incident.state == IncidentState::kResolved;
  PutSecondOrNull(json, "resolved_at", resolved ? incident.ended_at : std::nullopt);
  PutSecond(json, "created_at", incident.created_at);
  PutSecond(json, "updated_at", incident.updated_at);
  json.Key("updates").BeginList();
  for (const model::IncidentUpdate& update : detail.updates) {
    json.BeginObject();
    PutText(json, "id", PrintId(kUpdateId, update.id.value()));
    PutText(json, "status", StateWord(update.state));
    PutText(json, "message", update.text);
    PutSecond(json, "created_at", update.at);
    json.EndObject();
  }
  json.EndList().EndObject();
}

std::string OneIncident(const Call& call, const IncidentDetail& detail) {
  return Enveloped([&](JsonWriter& json) { PrintIncident(json, call, detail); });
}

Result<IncidentDetail> FindIncident(Call& call) {
  const auto id = ParseId<model::IncidentId>(kIncidentId, call.params.Find("id"));
  if (!id) return NotFound(call, kIncident);
  auto detail = call.services.incidents.Get(*call.who, *id);
  if (!detail && detail.error().kind == ErrorKind::kNotFound) return NotFound(call, kIncident);
  // What other dialects have put away or not yet published is not there.
  const bool is_hidden = detail && (detail->incident.closed_at || detail->incident.draft);
  if (is_hidden) return NotFound(call, kIncident);
  return detail;
}

// Naming a monitor does not change what is shown of it: severity says how bad it is (is0k.md 7).
std::vector<model::IncidentImpact> Named(const std::vector<model::MonitorId>& monitors) {
  std::vector<model::IncidentImpact> impacts;
  for (const model::MonitorId monitor : monitors) {
    impacts.push_back({monitor, model::Status::kUp});
  }
  return impacts;
}

// Keeps the impact of monitors that were named already, through whatever dialect.
void Rename(model::Incident& incident, const std::vector<model::MonitorId>& monitors) {
  std::vector<model::IncidentImpact> impacts = Named(monitors);
  for (model::IncidentImpact& impact : impacts) {
    for (const model::IncidentImpact& before : incident.impacts) {
      if (before.monitor == impact.monitor) impact = before;
    }
  }
  incident.impacts = std::move(impacts);
}

void Move(model::Incident& incident, IncidentState state, Timestamp now) {
  incident.state = state;
  if (state == IncidentState::kResolved) {
    if (!incident.ended_at) incident.ended_at = now;
  } else {
    incident.ended_at.reset();
  }
}

Result<service::IncidentQuery> ReadQuery(Call& call, const Window& window) {
  service::IncidentQuery query;
  query.by_start = true;
  query.drafts = false;
  if (window.asked) {
    query.limit = static_cast<int>(window.per_page);
    query.offset = static_cast<int>(window.Offset());
  }
  const std::string status = QueryText(call.request, "status");
  if (status == "open") {
    query.open_only = true;
  } else if (!status.empty()) {
    const auto state = ParseState(status);
    if (!state) {
      return BadField(
          "status", "status must be one of: open, investigating, identified, monitoring, resolved");
    }
    query.states = {*state};
  }
  const std::string severity = QueryText(call.request, "severity");
  if (!severity.empty()) {
    const auto parsed = ParseSeverity(severity);
    if (!parsed) return BadField("severity", "severity must be one of: minor, major, critical");
    query.severities = {*parsed};
    if (*parsed == model::IncidentSeverity::kMinor) {
      query.severities.push_back(model::IncidentSeverity::kNone);  // shown as minor
    }
  }
  const std::string monitor = QueryText(call.request, "monitor_id");
  if (!monitor.empty()) {
    const auto id = ParseId<model::MonitorId>(kMonitorId, monitor);
    if (!id || call.services.monitors.FindById(*call.who, *id) == nullptr) {
      return BadField("monitor_id", "monitor_id is the id of no monitor");
    }
    query.monitors = {*id};
  }
  return query;
}

}  // namespace

Result<std::string> ListIncidents(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Window window, ReadWindow(call.request, 20, 100));
  PHAROS_ASSIGN_OR_RETURN(const auto query, ReadQuery(call, window));
  PHAROS_ASSIGN_OR_RETURN(const auto incidents,
                          call.services.incidents.ListDetailed(*call.who, query));
  int64_t total = 0;
  if (window.asked) {
    PHAROS_ASSIGN_OR_RETURN(total, call.services.incidents.Count(*call.who, query));
  }
  return EnvelopedList(window.asked ? &window : nullptr, total, [&](JsonWriter& json) {
    for (const IncidentDetail& detail : incidents) PrintIncident(json, call, detail);
  });
}

Result<std::string> CreateIncident(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Value body, ReadObject(call));
  PHAROS_RETURN_IF_ERROR(CheckBody(IncidentCreate(), body, false));
  PHAROS_ASSIGN_OR_RETURN(const auto monitors, ReadMonitorIds(call, body, "monitor_ids"));
  PHAROS_ASSIGN_OR_RETURN(const auto pages, ReadPageIds(call, body, "status_page_ids"));
  const Timestamp now = call.clock.Now();
  service::NewIncident wanted;
  model::Incident& incident = wanted.incident;
  incident.title = *TextOf(body, "title");
  incident.started_at = SecondOf(body, "started_at").value_or(now);
  incident.severity = ParseSeverity(TextOf(body, "severity").value_or("minor"))
                          .value_or(model::IncidentSeverity::kMinor);
  const auto state = ParseState(TextOf(body, "status").value_or("investigating"));
  Move(incident, state.value_or(IncidentState::kInvestigating), now);
  incident.impacts = Named(monitors);
  incident.pages = pages;
  wanted.message = TextOf(body, "message");
  if (wanted.message && wanted.message->empty()) wanted.message.reset();
  PHAROS_ASSIGN_OR_RETURN(const auto detail,
                          call.services.incidents.Create(*call.who, std::move(wanted)));
  return OneIncident(call, detail);
}

Result<std::string> GetIncident(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const IncidentDetail detail, FindIncident(call));
  return OneIncident(call, detail);
}

Result<std::string> UpdateIncident(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Value body, ReadObject(call));
  PHAROS_ASSIGN_OR_RETURN(const IncidentDetail found, FindIncident(call));
  PHAROS_RETURN_IF_ERROR(CheckBody(IncidentChange(), body, true));
  PHAROS_ASSIGN_OR_RETURN(const auto monitors, ReadMonitorIds(call, body, "monitor_ids"));
  PHAROS_ASSIGN_OR_RETURN(const auto pages, ReadPageIds(call, body, "status_page_ids"));
  const Timestamp now = call.clock.Now();
  const auto change = [&](service::IncidentService::Edit& edit) -> Status {
    model::Incident& incident = edit.incident;
    if (const auto title = TextOf(body, "title")) incident.title = *title;
    if (const auto word = TextOf(body, "severity")) {
      incident.severity = ParseSeverity(*word).value_or(incident.severity);
    }
    if (const auto word = TextOf(body, "status")) {
      Move(incident, ParseState(*word).value_or(incident.state), now);
    }
    if (IsSent(body, "monitor_ids")) Rename(incident, monitors);
    if (IsSent(body, "status_page_ids")) incident.pages = pages;
    if (const auto at = SecondOf(body, "resolved_at")) {
      if (incident.state != IncidentState::kResolved) {
        return BadField("resolved_at", "resolved_at belongs to resolved incidents");
      }
      if (*at < incident.started_at) {
        return BadField("resolved_at", "resolved_at must not be before started_at");
      }
      incident.ended_at = *at;
    }
    const auto message = TextOf(body, "message");
    if (message && !message->empty()) {
      model::IncidentUpdate update;
      update.state = incident.state;
      update.text = *message;
      update.at = now;
      edit.new_updates.push_back(std::move(update));
    }
    return Ok();
  };
  PHAROS_ASSIGN_OR_RETURN(const auto detail,
                          call.services.incidents.Update(*call.who, found.incident.id, change));
  return OneIncident(call, detail);
}

Result<std::string> AddIncidentUpdate(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Value body, ReadObject(call));
  PHAROS_ASSIGN_OR_RETURN(const IncidentDetail found, FindIncident(call));
  PHAROS_RETURN_IF_ERROR(CheckBody(UpdateCreate(), body, false));
  model::IncidentUpdate update;
  update.text = *TextOf(body, "message");
  update.state = found.incident.state;
  if (const auto word = TextOf(body, "status")) {
    update.state = ParseState(*word).value_or(update.state);
  }
  update.at = call.clock.Now();
  PHAROS_RETURN_IF_ERROR(
      call.services.incidents.AddUpdate(*call.who, found.incident.id, std::move(update)));
  PHAROS_ASSIGN_OR_RETURN(const auto detail,
                          call.services.incidents.Get(*call.who, found.incident.id));
  return OneIncident(call, detail);
}

}  // namespace pharos::api::is0k
