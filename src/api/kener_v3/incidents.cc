#include "api/kener_v3/incidents.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "api/kener/js.h"
#include "api/kener_v3/envelope.h"
#include "api/kener_v3/incident_view.h"
#include "api/kener_v3/incidents_v2.h"
#include "api/kener_v3/words.h"
#include "base/text.h"
#include "service/monitors.h"

namespace pharos::api::kener_v3 {
namespace {

using model::IncidentState;
using Parameters = std::vector<std::pair<std::string, std::string>>;

constexpr int64_t kDefaultLimit = 10;
constexpr int64_t kMaxLimit = 100;
constexpr int64_t kMaxPage = 10'000;

std::string IdText(const Call& call) { return std::string(call.params.Find("id")); }

// Reads say 404, everything else 400 (A.3).
Error NotThere(const Call& call) {
  return NotFound("Incident with id " + IdText(call) + " not found");
}
Error DoesNotExist(const Call& call) {
  return BadRequest("Incident with id " + IdText(call) + " does not exist");
}

Result<service::IncidentDetail> Find(const Call& call, const Error& missing) {
  const auto id = IncidentIdOf(call);
  if (!id) return missing;
  auto found = call.services.incidents.Get(*call.who, *id);
  if (!found) return FromService(std::move(found).error(), missing);
  if (found->incident.draft) return missing;
  return found;
}

Result<service::IncidentDetail> Change(const Call& call,
                                       const service::IncidentService::Change& change) {
  const auto id = IncidentIdOf(call);
  if (!id) return DoesNotExist(call);
  auto changed = call.services.incidents.Update(*call.who, *id, change);
  if (!changed) return FromService(std::move(changed).error(), DoesNotExist(call));
  return changed;
}

bool HasAny(const Value& body, const auto& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return body.Find(name) != nullptr; });
}

bool HasAnyParameter(const Parameters& parameters, const auto& names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return http::FindParameter(parameters, name) != nullptr;
  });
}

bool IsV2Body(const Value& body) {
  constexpr std::array<std::string_view, 4> kV3Only = {"start_date_time", "end_date_time", "state",
                                                       "status"};
  constexpr std::array<std::string_view, 8> kV2Only = {
      "tags",         "startDatetime", "endDatetime", "isMaintenance",
      "isIdentified", "isResolved",    "body",        "impact"};
  return !HasAny(body, kV3Only) && HasAny(body, kV2Only);
}

Style StyleOfList(const Parameters& parameters) {
  constexpr std::array<std::string_view, 4> kV3Only = {"status", "limit", "start_date_time",
                                                       "end_date_time"};
  constexpr std::array<std::string_view, 5> kV2Only = {"per_page", "tags", "created_after_utc",
                                                       "created_before_utc", "title_like"};
  if (const std::string* state = http::FindParameter(parameters, "state")) {
    const bool lower = !state->empty() && state->front() >= 'a' && state->front() <= 'z';
    return lower ? Style::kV2 : Style::kV3;
  }
  if (HasAnyParameter(parameters, kV3Only)) return Style::kV3;
  return HasAnyParameter(parameters, kV2Only) ? Style::kV2 : Style::kUnion;
}

std::optional<Timestamp> TimeParameter(const Parameters& parameters, std::string_view name) {
  const std::string* text = http::FindParameter(parameters, name);
  if (text == nullptr) return std::nullopt;
  const Value value(*text);
  const auto seconds = LooseSeconds(&value);
  return seconds ? std::optional(FromUnixSeconds(*seconds)) : std::nullopt;
}

// The query of a v3 list; nullopt when it names a word that no incident has.
std::optional<service::IncidentQuery> ReadQuery(const Parameters& parameters) {
  service::IncidentQuery query;
  query.drafts = false;
  query.closed = false;
  if (const std::string* status = http::FindParameter(parameters, "status")) {
    if (*status != "OPEN" && *status != "CLOSED") return std::nullopt;
    query.closed = *status == "CLOSED";
  }
  if (const std::string* word = http::FindParameter(parameters, "state"); word && !word->empty()) {
    const auto state = ParseIncidentStateWord(*word);
    if (!state) return std::nullopt;
    query.states.push_back(*state);
  }
  query.started_from = TimeParameter(parameters, "start_date_time");
  query.started_to = TimeParameter(parameters, "end_date_time");
  const int64_t limit = NumberParameter(parameters, "limit", kDefaultLimit, kMaxLimit);
  query.limit = static_cast<int>(limit);
  query.offset = static_cast<int>((NumberParameter(parameters, "page", 1, kMaxPage) - 1) * limit);
  return query;
}

Result<std::string> CreateV3(Call& call) {
  const Value& body = call.body;
  const auto title = NonEmptyText(body.Find("title"));
  const auto start = LooseSeconds(body.Find("start_date_time"));
  if (!title || !start || *start == 0) return BadRequest("Title and startDateTime are required");
  service::NewIncident wanted;
  wanted.incident.title = *title;
  wanted.incident.started_at = FromUnixSeconds(*start);
  if (kener::IsTruthy(body.Find("end_date_time"))) {
    const auto end = LooseSeconds(body.Find("end_date_time"));
    if (!end || *end < *start) {
      return BadRequest("End date time cannot be less than start date time");
    }
    wanted.incident.ended_at = FromUnixSeconds(*end);
  }
  if (kener::IsTruthy(body.Find("incident_type"))) {
    const std::string type = body.StringOr("incident_type", "");
    if (type != "INCIDENT" && type != "MAINTENANCE") return BadRequest("Invalid incident_type");
    if (type == "MAINTENANCE") SetNote(wanted.incident.notes, "type", type);
  }
  auto made = call.services.incidents.Create(*call.who, std::move(wanted));
  if (!made) return FromService(std::move(made).error(), Error());
  return PrintIncident(call, made->incident, Style::kV3);
}

// PATCH: what is falsy keeps the old value.
Status ApplyEdit(const Value& body, Timestamp now, model::Incident& incident) {
  if (kener::IsTruthy(body.Find("title"))) {
    const auto title = NonEmptyText(body.Find("title"));
    if (!title) return BadRequest("Invalid title");
    incident.title = *title;
  }
  if (kener::IsTruthy(body.Find("start_date_time"))) {
    const auto start = LooseSeconds(body.Find("start_date_time"));
    if (!start) return BadRequest("Invalid start_date_time");
    incident.started_at = FromUnixSeconds(*start);
  }
  if (kener::IsTruthy(body.Find("end_date_time"))) {
    const auto end = LooseSeconds(body.Find("end_date_time"));
    if (!end) return BadRequest("Invalid end_date_time");
    incident.ended_at = FromUnixSeconds(*end);
  }
  if (incident.ended_at && *incident.ended_at < FloorTo(incident.started_at, Seconds(1))) {
    return BadRequest("End date time cannot be less than start date time");
  }
  if (kener::IsTruthy(body.Find("status"))) {
    const std::string status = body.StringOr("status", "");
    if (status != "OPEN" && status != "CLOSED") return BadRequest("Invalid status");
    if (status == "OPEN") incident.closed_at.reset();
    if (status == "CLOSED" && !incident.closed_at) incident.closed_at = now;
  }
  if (kener::IsTruthy(body.Find("state"))) {
    const auto state = ParseIncidentStateWord(body.StringOr("state", ""));
    if (!state) return BadRequest("Invalid state");
    incident.state = *state;
  }
  CloseWithoutEnd(incident, now);
  return Ok();
}

// The list after a change, as the original answers.
Result<std::string> AllUpdates(const Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto detail, Find(call, DoesNotExist(call)));
  return PrintUpdates(detail.incident, detail.updates);
}

Result<IncidentState> StateIn(const Value& body, IncidentState fallback) {
  if (!kener::IsTruthy(body.Find("state"))) return fallback;
  const auto state = ParseIncidentStateWord(body.StringOr("state", ""));
  if (!state) return BadRequest("Invalid state");
  return *state;
}

Result<Timestamp> CommentedAt(const Value& body, Timestamp fallback) {
  if (!kener::IsTruthy(body.Find("commented_at"))) return fallback;
  const auto seconds = LooseSeconds(body.Find("commented_at"));
  if (!seconds) return BadRequest("Invalid commented_at");
  return FromUnixSeconds(*seconds);
}

Status ApplyCommentEdit(const Value& body, model::IncidentUpdate& update) {
  if (kener::IsTruthy(body.Find("comment"))) {
    const auto text = NonEmptyText(body.Find("comment"));
    if (!text) return BadRequest("Invalid comment");
    update.text = *text;
  }
  PHAROS_ASSIGN_OR_RETURN(update.state, StateIn(body, update.state));
  PHAROS_ASSIGN_OR_RETURN(update.at, CommentedAt(body, update.at));
  if (kener::IsTruthy(body.Find("status"))) {
    const std::string status = body.StringOr("status", "");
    if (status != "ACTIVE" && status != "INACTIVE") return BadRequest("Invalid status");
    update.hidden = status == "INACTIVE";
  }
  return Ok();
}

}  // namespace

std::optional<model::IncidentId> IncidentIdOf(const Call& call) {
  const std::optional<int64_t> id = ParseInt(call.params.Find("id"));
  if (!id || *id <= 0) return std::nullopt;
  return model::IncidentId(*id);
}

void CloseWithoutEnd(model::Incident& incident, Timestamp now) {
  if (incident.state != IncidentState::kResolved || incident.ended_at) return;
  incident.ended_at = std::max(FloorTo(now, Seconds(1)), incident.started_at);
}

Error FromService(Error error, Error missing) {
  if (error.kind == ErrorKind::kNotFound) return missing;
  error.fields.clear();
  return error;
}

Result<std::string> ListIncidents(Call& call) {
  const Parameters parameters = http::ParseQuery(call.request.query);
  const Style style = StyleOfList(parameters);
  if (style == Style::kV2) return ListV2(call);
  const auto query = ReadQuery(parameters);
  if (!query) return std::string("[]");
  PHAROS_ASSIGN_OR_RETURN(const auto found, call.services.incidents.List(*call.who, *query));
  return PrintIncidents(call, found, style);
}

Result<std::string> CreateIncident(Call& call) {
  if (!IsV2Body(call.body)) return CreateV3(call);
  call.status = 200;
  return CreateV2(call);
}

Result<std::string> GetIncident(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto detail, Find(call, NotThere(call)));
  return PrintIncident(call, detail.incident, Style::kUnion);
}

Result<std::string> UpdateIncident(Call& call) {
  if (IsV2Body(call.body)) return UpdateV2(call);
  const Timestamp now = call.clock.Now();
  PHAROS_ASSIGN_OR_RETURN(const auto changed, Change(call, [&](auto& edit) {
                            return ApplyEdit(call.body, now, edit.incident);
                          }));
  return PrintIncident(call, changed.incident, Style::kV3);
}

Result<std::string> ListUpdates(Call& call) { return AllUpdates(call); }

Result<std::string> AddUpdate(Call& call) {
  const auto text = NonEmptyText(call.body.Find("comment"));
  if (!text) return BadRequest("Invalid comment");
  PHAROS_ASSIGN_OR_RETURN(const auto standing, Find(call, DoesNotExist(call)));
  model::IncidentUpdate wanted;
  wanted.text = *text;
  PHAROS_ASSIGN_OR_RETURN(wanted.state, StateIn(call.body, standing.incident.state));
  PHAROS_ASSIGN_OR_RETURN(wanted.at, CommentedAt(call.body, FloorTo(call.clock.Now(), Seconds(1))));
  auto added =
      call.services.incidents.AddUpdate(*call.who, standing.incident.id, std::move(wanted));
  if (!added) return FromService(std::move(added).error(), DoesNotExist(call));
  return AllUpdates(call);
}

Result<std::string> EditUpdate(Call& call) {
  const Parameters parameters = http::ParseQuery(call.request.query);
  const std::string* text = http::FindParameter(parameters, "comment_id");
  const auto comment = text != nullptr ? ParseInt(*text) : std::nullopt;
  if (!comment || *comment <= 0) return BadRequest("Invalid comment_id");
  PHAROS_ASSIGN_OR_RETURN(const auto standing, Find(call, DoesNotExist(call)));
  service::UpdateEffects effects;
  effects.moves_state = kener::IsTruthy(call.body.Find("state"));
  auto changed = call.services.incidents.EditUpdate(
      *call.who, standing.incident.id, model::IncidentUpdateId(*comment),
      [&](model::IncidentUpdate& update) { return ApplyCommentEdit(call.body, update); }, effects);
  if (!changed) {
    return FromService(std::move(changed).error(),
                       BadRequest("Comment with id " + *text + " does not exist"));
  }
  return AllUpdates(call);
}

Result<std::string> ListImpacts(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto detail, Find(call, DoesNotExist(call)));
  return PrintImpacts(call, detail.incident);
}

Result<std::string> SetImpact(Call& call) {
  if (!IncidentIdOf(call)) return BadRequest("Invalid incident_id");
  const auto tag = NonEmptyText(call.body.Find("tag"));
  if (!tag) return BadRequest("Invalid tag");
  const auto word = NonEmptyText(call.body.Find("impact"));
  if (!word) return BadRequest("Invalid impact");
  const auto impact = ParseImpact(*word);
  if (!impact) return BadRequest("Monitor impact must be either DOWN, DEGRADED, MAINTENANCE");
  const service::MonitorPtr monitor = call.services.monitors.FindByTag(*call.who, *tag);
  if (monitor == nullptr) return BadRequest("Monitor with tag " + *tag + " does not exist");
  const auto changed = Change(call, [&](service::IncidentService::Edit& edit) {
    auto& impacts = edit.incident.impacts;
    const auto it = std::find_if(impacts.begin(), impacts.end(),
                                 [&](const auto& row) { return row.monitor == monitor->id; });
    if (it == impacts.end()) {
      impacts.push_back({monitor->id, *impact});
    } else {
      it->impact = *impact;
    }
    SetNote(edit.incident.notes, "no_impact", Value());
    return Ok();
  });
  if (!changed) return changed.error();
  return PrintImpacts(call, changed->incident);
}

Result<std::string> RemoveImpact(Call& call) {
  const Parameters parameters = http::ParseQuery(call.request.query);
  const std::string* tag = http::FindParameter(parameters, "tag");
  if (tag == nullptr || tag->empty()) return BadRequest("Invalid tag");
  const service::MonitorPtr monitor = call.services.monitors.FindByTag(*call.who, *tag);
  const auto changed = Change(call, [&](service::IncidentService::Edit& edit) -> pharos::Status {
    const auto removed = std::erase_if(edit.incident.impacts, [&](const auto& row) {
      return monitor != nullptr && row.monitor == monitor->id;
    });
    // Passes through as it is; kNotFound of the incident itself reads otherwise.
    if (removed == 0) return Error(ErrorKind::kConflict, "Monitor not found");
    return Ok();
  });
  if (!changed && changed.error().kind == ErrorKind::kConflict) {
    return NotFound("Monitor not found");
  }
  if (!changed) return changed.error();
  return PrintImpacts(call, changed->incident);
}

}  // namespace pharos::api::kener_v3
