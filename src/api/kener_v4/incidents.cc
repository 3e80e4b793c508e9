#include "api/kener_v4/incidents.h"

#include <algorithm>
#include <utility>

#include "api/kener/js.h"
#include "api/kener_v4/affected.h"
#include "api/kener_v4/envelope.h"
#include "api/kener_v4/ids.h"
#include "api/kener_v4/site_url.h"
#include "api/kener_v4/texts.h"
#include "api/kener_v4/times.h"
#include "api/kener_v4/words.h"
#include "base/json.h"
#include "service/incidents.h"

namespace pharos::api::kener_v4 {
namespace {

using model::Incident;

constexpr int kMaxListed = 1000;
constexpr size_t kMaxTitleBytes = 255;
constexpr std::string_view kBadStart = "start_date_time must be a valid timestamp (UTC seconds)";

Error NoSuchIncident(const PathNumber& id) {
  return NotFound("Incident with id '" + id.text + "' not found");
}

// The error of a use case, where "there is none" means the incident of the path.
Error InOurWords(const Call& call, Error error) {
  if (error.kind != ErrorKind::kNotFound) return error;
  const auto id = LeadingNumber(call, "incident_id");
  return id ? NoSuchIncident(*id) : std::move(error);
}

void PrintIncident(JsonWriter& json, const Call& call, const Incident& incident,
                   const std::string& site, bool with_type) {
  json.BeginObject();
  json.Key("id").Int(incident.id.value());
  json.Key("title").String(incident.title);
  json.Key("start_date_time").Int(ToUnixSeconds(FloorToMinute(incident.started_at)));
  json.Key("end_date_time");
  if (incident.ended_at) {
    json.Int(ToUnixSeconds(FloorToMinute(*incident.ended_at)));
  } else {
    json.Null();
  }
  json.Key("state").String(IncidentStateWord(incident.state));
  if (with_type) json.Key("incident_type").String("INCIDENT");
  json.Key("incident_source").String(IncidentSourceWord(incident.source));
  json.Key("monitors");
  PrintAffected(json, call, incident.impacts, incident.notes);
  json.Key("created_at").String(ShownTime(incident.created_at));
  json.Key("updated_at").String(ShownTime(incident.updated_at));
  json.Key("url").String(site + "/incidents/" + std::to_string(incident.id.value()));
  json.EndObject();
}

Result<std::string> OneIncident(const Call& call, const Incident& incident) {
  PHAROS_ASSIGN_OR_RETURN(const std::string site, SiteUrl(call));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("incident");
  PrintIncident(json, call, incident, site, true);
  json.EndObject();
  return out;
}

// Whatever the original makes of an end: falsy and unreadable values mean none.
std::optional<Timestamp> LooseEnd(const Value& value) {
  return value.IsNull() ? std::nullopt : LooseInstant(value);
}

// What a PATCH asks for, checked (8.6).
struct IncidentPatch {
  std::optional<std::string> title;
  std::optional<Timestamp> start;
  bool has_end = false;
  std::optional<Timestamp> end;
  std::optional<std::vector<Affected>> affected;
};

Result<IncidentPatch> DecodePatch(const Call& call) {
  const Value& body = call.body;
  IncidentPatch patch;
  PHAROS_ASSIGN_OR_RETURN(patch.affected, DecodeAffected(call, {.fallback = "DOWN"}));
  if (const Value* title = body.Find("title")) {
    PHAROS_ASSIGN_OR_RETURN(patch.title, FreeText("title", *title, kMaxTitleBytes));
  }
  if (const Value* start = body.Find("start_date_time")) {
    patch.start = LooseInstant(*start);
    if (!patch.start) return BadRequest(std::string(kBadStart));
  }
  if (const Value* end = body.Find("end_date_time")) {
    patch.has_end = true;
    patch.end = LooseEnd(*end);
  }
  return patch;
}

}  // namespace

Status IncidentExists(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const PathNumber id, LeadingNumber(call, "incident_id"));
  const auto found = call.services.incidents.Get(*call.who, model::IncidentId(id.value));
  if (found) return Ok();
  if (found.error().kind == ErrorKind::kNotFound) return NoSuchIncident(id);
  return found.error();
}

Result<std::string> ListIncidents(Call& call) {
  service::IncidentQuery query;
  query.limit = kMaxListed;
  const double from = QueryNumber(call, "start_ts").value_or(0);
  const double to = QueryNumber(call, "end_ts").value_or(0);
  if (from != 0) query.started_from = QueryInstant(from);
  if (to != 0) query.started_to = QueryInstant(to);
  PHAROS_ASSIGN_OR_RETURN(auto incidents, call.services.incidents.List(*call.who, query));
  // After the cut, as documented (8.4).
  if (const auto tags = QueryText(call, "monitor_tags")) {
    const auto monitors = MonitorsByTags(call, CommaWords(*tags));
    std::erase_if(incidents, [&](const Incident& incident) {
      return std::none_of(incident.impacts.begin(), incident.impacts.end(), [&](const auto& one) {
        return std::find(monitors.begin(), monitors.end(), one.monitor) != monitors.end();
      });
    });
  }
  PHAROS_ASSIGN_OR_RETURN(const std::string site, SiteUrl(call));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("incidents").BeginList();
  for (const Incident& incident : incidents) PrintIncident(json, call, incident, site, false);
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateIncident(Call& call) {
  const Value& body = call.body;
  service::NewIncident wanted;
  // 8.3: a new incident notifies nobody; its comments do.
  wanted.notify = false;
  Incident& incident = wanted.incident;
  const auto title = NonBlank(body, "title");
  if (!title) return BadRequest("Title is required and must be a non-empty string");
  incident.title = *title;
  const Value* start = body.Find("start_date_time");
  if (start == nullptr || start->IsNull()) return BadRequest("start_date_time is required");
  const auto started_at = start->IsNumber() ? MinuteInstant(start->AsDouble()) : std::nullopt;
  if (!started_at) return BadRequest(std::string(kBadStart));
  incident.started_at = *started_at;
  PHAROS_ASSIGN_OR_RETURN(const auto affected,
                          DecodeAffected(call, {.fallback = "DOWN", .no_repeats = true}));
  if (affected) ApplyAffected(*affected, false, incident.impacts, incident.notes);
  const Value* end = body.Find("end_date_time");
  if (end != nullptr && kener::IsTruthy(*end)) incident.ended_at = LooseEnd(*end);
  auto made = call.services.incidents.Create(*call.who, std::move(wanted));
  if (!made) return InOurWords(call, std::move(made).error());
  return OneIncident(call, made->incident);
}

Result<std::string> GetIncident(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const PathNumber id, LeadingNumber(call, "incident_id"));
  auto found = call.services.incidents.Get(*call.who, model::IncidentId(id.value));
  if (!found) return InOurWords(call, std::move(found).error());
  return OneIncident(call, found->incident);
}

Result<std::string> UpdateIncident(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const PathNumber id, LeadingNumber(call, "incident_id"));
  PHAROS_ASSIGN_OR_RETURN(const IncidentPatch patch, DecodePatch(call));
  const auto change = [&](service::IncidentService::Edit& edit) -> Status {
    Incident& incident = edit.incident;
    edit.notify = false;
    if (patch.title) incident.title = *patch.title;
    if (patch.start) incident.started_at = *patch.start;
    if (patch.has_end) incident.ended_at = patch.end;
    if (patch.affected) ApplyAffected(*patch.affected, true, incident.impacts, incident.notes);
    return Ok();
  };
  auto changed = call.services.incidents.Update(*call.who, model::IncidentId(id.value), change);
  if (!changed) return InOurWords(call, std::move(changed).error());
  return OneIncident(call, changed->incident);
}

Result<std::string> DeleteIncident(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const PathNumber id, LeadingNumber(call, "incident_id"));
  auto gone = call.services.incidents.Delete(*call.who, model::IncidentId(id.value));
  if (!gone) return InOurWords(call, std::move(gone).error());
  return MessageReply("Incident with id '" + id.text + "' deleted successfully");
}

}  // namespace pharos::api::kener_v4
