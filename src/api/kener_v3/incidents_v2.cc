#include "api/kener_v3/incidents_v2.h"

#include <algorithm>
#include <optional>

#include "api/kener_v3/envelope.h"
#include "api/kener_v3/incident_view.h"
#include "api/kener_v3/incidents.h"
#include "api/kener_v3/words.h"
#include "base/text.h"
#include "service/incidents.h"
#include "service/monitors.h"

namespace pharos::api::kener_v3 {
namespace {

using model::IncidentState;
using Parameters = std::vector<std::pair<std::string, std::string>>;

constexpr int64_t kDefaultPerPage = 10;
constexpr int64_t kMaxPerPage = 100;
constexpr int64_t kMaxPage = 10'000;
constexpr int kMaxListed = 1000;  // filters of v2 look at this many at most

// A whole v2 body. What is absent is cleared.
struct Draft {
  std::string title;
  std::optional<std::string> body;
  std::optional<Timestamp> start, end;
  std::vector<model::IncidentImpact> impacts;
  bool no_impact = false;  // sent as null or not at all
  bool maintenance = false;
  IncidentState state = IncidentState::kInvestigating;
};

bool IsAbsent(const Value* value) { return value == nullptr || value->IsNull(); }

Result<std::optional<Timestamp>> DecodeTime(const Value& body, std::string_view name) {
  const Value* value = body.Find(name);
  if (IsAbsent(value)) return std::optional<Timestamp>();
  const auto seconds = value->IsNumber() ? LooseSeconds(value) : std::nullopt;
  if (!seconds || value->AsDouble() != static_cast<double>(*seconds))
    return BadRequest("Invalid " + std::string(name));
  return std::optional(FromUnixSeconds(*seconds));
}

Result<bool> DecodeFlag(const Value& body, std::string_view name) {
  const Value* value = body.Find(name);
  if (IsAbsent(value)) return false;
  if (!value->IsBool()) return BadRequest("Invalid " + std::string(name));
  return value->AsBool();
}

Status DecodeImpacts(const Call& call, const Value& body, Draft& draft) {
  const Value* word = body.Find("impact");
  draft.no_impact = IsAbsent(word);
  const auto impact = draft.no_impact    ? std::optional(model::Status::kDegraded)
                      : word->IsString() ? ParsePushedStatus(word->AsString())
                                         : std::nullopt;
  if (!impact || *impact == model::Status::kUp) return BadRequest("Invalid impact");
  for (const Value& tag : body.Find("tags")->AsList()) {
    const service::MonitorPtr monitor = call.services.monitors.FindByTag(*call.who, tag.AsString());
    if (monitor == nullptr) return BadRequest("Unknown tags");
    const model::IncidentImpact row{monitor->id, *impact};
    if (std::find(draft.impacts.begin(), draft.impacts.end(), row) == draft.impacts.end()) {
      draft.impacts.push_back(row);
    }
  }
  return Ok();
}

// In the order of the texts in A.4.
Result<Draft> Decode(const Call& call, const Value& body) {
  Draft draft;
  PHAROS_ASSIGN_OR_RETURN(draft.start, DecodeTime(body, "startDatetime"));
  PHAROS_ASSIGN_OR_RETURN(draft.end, DecodeTime(body, "endDatetime"));
  const Timestamp begin = draft.start.value_or(FloorTo(call.clock.Now(), Seconds(1)));
  if (draft.end && *draft.end <= begin) return BadRequest("Invalid endDatetime");
  const auto title = NonEmptyText(body.Find("title"));
  if (!title) return BadRequest("Invalid title");
  draft.title = *title;
  const Value* tags = body.Find("tags");
  if (tags == nullptr || !tags->IsList() || tags->AsList().empty() ||
      !std::all_of(tags->AsList().begin(), tags->AsList().end(),
                   [](const Value& tag) { return tag.IsString(); })) {
    return BadRequest("Invalid tags");
  }
  if (const Value* text = body.Find("body"); !IsAbsent(text)) {
    if (!text->IsString()) return BadRequest("Invalid body");
    draft.body = text->AsString();
  }
  PHAROS_RETURN_IF_ERROR(DecodeImpacts(call, body, draft));
  PHAROS_ASSIGN_OR_RETURN(draft.maintenance, DecodeFlag(body, "isMaintenance"));
  PHAROS_ASSIGN_OR_RETURN(const bool identified, DecodeFlag(body, "isIdentified"));
  PHAROS_ASSIGN_OR_RETURN(const bool resolved, DecodeFlag(body, "isResolved"));
  draft.state = resolved     ? IncidentState::kResolved
                : identified ? IncidentState::kIdentified
                             : IncidentState::kInvestigating;
  return draft;
}

void Apply(const Draft& draft, Timestamp now, model::Incident& incident) {
  incident.title = draft.title;
  incident.state = draft.state;
  incident.impacts = draft.impacts;
  incident.ended_at = draft.end;
  if (draft.start) incident.started_at = *draft.start;
  SetNote(incident.notes, "type", draft.maintenance ? Value("MAINTENANCE") : Value());
  SetNote(incident.notes, "no_impact", draft.no_impact ? Value(true) : Value());
  CloseWithoutEnd(incident, now);
}

Error BadNumber() { return BadRequest("Invalid incidentNumber"); }
Error NoSuchIncident() { return NotFound("incident not found"); }

struct Filter {
  bool Takes(const Call& call, const model::Incident& incident) const {
    if (after && incident.created_at < *after) return false;
    if (before && incident.created_at > *before) return false;
    if (!title.empty() && AsciiLower(incident.title).find(title) == std::string::npos) return false;
    return std::all_of(tags.begin(), tags.end(), [&](const std::string& tag) {
      const service::MonitorPtr monitor = call.services.monitors.FindByTag(*call.who, tag);
      return monitor != nullptr &&
             std::any_of(incident.impacts.begin(), incident.impacts.end(),
                         [&](const auto& impact) { return impact.monitor == monitor->id; });
    });
  }

  std::optional<Timestamp> after, before;
  std::string title;  // lower case
  std::vector<std::string> tags;
};

Filter ReadFilter(const Parameters& parameters) {
  Filter filter;
  const auto time = [&](std::string_view name) -> std::optional<Timestamp> {
    const std::string* text = http::FindParameter(parameters, name);
    const Value value = text != nullptr ? Value(*text) : Value();
    const auto seconds = LooseSeconds(&value);
    return seconds ? std::optional(FromUnixSeconds(*seconds)) : std::nullopt;
  };
  filter.after = time("created_after_utc");
  filter.before = time("created_before_utc");
  if (const std::string* title = http::FindParameter(parameters, "title_like")) {
    filter.title = AsciiLower(*title);
  }
  if (const std::string* tags = http::FindParameter(parameters, "tags")) {
    for (const std::string_view tag : Split(*tags, ',')) {
      if (!Trim(tag).empty()) filter.tags.emplace_back(Trim(tag));
    }
  }
  return filter;
}

}  // namespace

int64_t NumberParameter(const Parameters& parameters, std::string_view name, int64_t fallback,
                        int64_t max) {
  const std::string* text = http::FindParameter(parameters, name);
  const auto number = text != nullptr ? ParseInt(*text) : std::nullopt;
  return number && *number >= 1 ? std::min(*number, max) : fallback;
}

Result<std::string> ListV2(Call& call) {
  const Parameters parameters = http::ParseQuery(call.request.query);
  const std::string* state = http::FindParameter(parameters, "state");
  if (state != nullptr && *state != "open" && *state != "closed") {
    return BadRequest("state must be open or closed");
  }
  service::IncidentQuery query;
  query.drafts = false;
  query.closed = state != nullptr && *state == "closed";
  query.limit = kMaxListed;
  PHAROS_ASSIGN_OR_RETURN(std::vector<model::Incident> found,
                          call.services.incidents.List(*call.who, query));
  const Filter filter = ReadFilter(parameters);
  std::erase_if(found, [&](const auto& incident) { return !filter.Takes(call, incident); });
  const int64_t per_page = NumberParameter(parameters, "per_page", kDefaultPerPage, kMaxPerPage);
  const int64_t page = NumberParameter(parameters, "page", 1, kMaxPage);
  const auto total = static_cast<int64_t>(found.size());
  const int64_t from = std::min((page - 1) * per_page, total);
  const int64_t to = std::min(from + per_page, total);
  return PrintIncidents(call, {found.begin() + from, found.begin() + to}, Style::kV2);
}

Result<std::string> CreateV2(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Draft draft, Decode(call, call.body));
  const Timestamp now = call.clock.Now();
  service::NewIncident wanted;
  wanted.incident.started_at = draft.start.value_or(FloorTo(now, Seconds(1)));
  Apply(draft, now, wanted.incident);
  if (draft.body && !draft.body->empty()) {
    SetNote(wanted.incident.notes, "body", *draft.body);
    wanted.message = draft.body;
  }
  auto made = call.services.incidents.Create(*call.who, std::move(wanted));
  if (!made) return FromService(std::move(made).error(), NoSuchIncident());
  return PrintIncident(call, made->incident, Style::kV2);
}

Result<std::string> UpdateV2(Call& call) {
  const auto id = IncidentIdOf(call);
  if (!id) return BadNumber();
  PHAROS_ASSIGN_OR_RETURN(const Draft draft, Decode(call, call.body));
  const Timestamp now = call.clock.Now();
  const std::string text = draft.body.value_or("");
  const auto change = [&](service::IncidentService::Edit& edit) {
    Apply(draft, now, edit.incident);
    // The update that holds the text follows below; without one the text becomes one.
    const bool had_body = FindNote(edit.incident.notes, "body") != nullptr;
    if (had_body || !text.empty()) SetNote(edit.incident.notes, "body", Value(text));
    return Ok();
  };
  auto changed = call.services.incidents.Update(*call.who, *id, change);
  if (!changed) return FromService(std::move(changed).error(), NoSuchIncident());
  const model::IncidentUpdate* kept = FindBodyUpdate(changed->incident, changed->updates);
  if (kept != nullptr && kept->text != text && !text.empty()) {
    const service::UpdateEffects quiet = {false, false, false, false};
    auto edited = call.services.incidents.EditUpdate(
        *call.who, *id, kept->id,
        [&](model::IncidentUpdate& update) {
          update.text = text;
          return Ok();
        },
        quiet);
    if (!edited) return FromService(std::move(edited).error(), NoSuchIncident());
  }
  return PrintIncident(call, changed->incident, Style::kV2);
}

Result<std::string> ListComments(Call& call) {
  const auto id = IncidentIdOf(call);
  if (!id) return BadNumber();
  auto found = call.services.incidents.Get(*call.who, *id);
  if (!found) return FromService(std::move(found).error(), NoSuchIncident());
  const model::IncidentUpdate* body = FindBodyUpdate(found->incident, found->updates);
  std::string out;
  JsonWriter json(out);
  json.BeginList();
  for (const model::IncidentUpdate& update : found->updates) {
    if (&update != body) WriteComment(json, update);
  }
  json.EndList();
  return out;
}

Result<std::string> AddComment(Call& call) {
  const auto id = IncidentIdOf(call);
  if (!id) return BadNumber();
  const auto text = NonEmptyText(call.body.Find("body"));
  if (!text || Trim(*text).empty()) return BadRequest("Invalid body");
  auto found = call.services.incidents.Get(*call.who, *id);
  if (!found) return FromService(std::move(found).error(), NoSuchIncident());
  model::IncidentUpdate wanted;
  wanted.text = *text;
  wanted.state = found->incident.state;
  wanted.at = FloorTo(call.clock.Now(), Seconds(1));
  service::UpdateEffects effects;
  effects.moves_state = false;
  auto added = call.services.incidents.AddUpdate(*call.who, *id, std::move(wanted), effects);
  if (!added) return FromService(std::move(added).error(), NoSuchIncident());
  std::string out;
  JsonWriter json(out);
  WriteComment(json, *added);
  return out;
}

Result<std::string> SetStatus(Call& call) {
  const auto id = IncidentIdOf(call);
  if (!id) return BadNumber();
  const Value& body = call.body;
  PHAROS_ASSIGN_OR_RETURN(const std::optional<Timestamp> end, DecodeTime(body, "endDatetime"));
  PHAROS_ASSIGN_OR_RETURN(const bool identified, DecodeFlag(body, "isIdentified"));
  PHAROS_ASSIGN_OR_RETURN(const bool resolved, DecodeFlag(body, "isResolved"));
  const Timestamp now = call.clock.Now();
  const auto change = [&](service::IncidentService::Edit& edit) -> pharos::Status {
    model::Incident& incident = edit.incident;
    const bool said_resolved = !IsAbsent(body.Find("isResolved"));
    const bool said_identified = !IsAbsent(body.Find("isIdentified"));
    if (resolved) {
      incident.state = IncidentState::kResolved;
    } else if (said_resolved && incident.state == IncidentState::kResolved) {
      incident.state = IncidentState::kInvestigating;
      incident.ended_at.reset();
    }
    if (incident.state != IncidentState::kResolved && said_identified) {
      incident.state = identified ? IncidentState::kIdentified : IncidentState::kInvestigating;
    }
    if (end) {
      if (*end <= incident.started_at) return BadRequest("Invalid endDatetime");
      incident.ended_at = end;
    }
    CloseWithoutEnd(incident, now);
    return Ok();
  };
  auto changed = call.services.incidents.Update(*call.who, *id, change);
  if (!changed) return FromService(std::move(changed).error(), NoSuchIncident());
  return PrintIncident(call, changed->incident, Style::kV2);
}

}  // namespace pharos::api::kener_v3
