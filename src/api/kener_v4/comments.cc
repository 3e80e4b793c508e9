#include <utility>

#include "api/kener_v4/envelope.h"
#include "api/kener_v4/ids.h"
#include "api/kener_v4/incidents.h"
#include "api/kener_v4/texts.h"
#include "api/kener_v4/times.h"
#include "api/kener_v4/words.h"
#include "base/json.h"
#include "service/incidents.h"

namespace pharos::api::kener_v4 {
namespace {

using model::IncidentUpdate;

constexpr std::string_view kBadTimestamp = "timestamp must be a valid timestamp (UTC seconds)";
constexpr std::string_view kBadState =
    "state must be one of: INVESTIGATING, IDENTIFIED, MONITORING, RESOLVED";
constexpr size_t kMaxCommentBytes = 64 * 1024;

model::IncidentId IncidentOf(const Call& call) {
  const auto id = LeadingNumber(call, "incident_id");
  return model::IncidentId(id ? id->value : 0);
}

Error NoSuchComment(const Call& call) {
  const auto comment = ParsedNumber(call, "comment_id");
  const auto incident = LeadingNumber(call, "incident_id");
  return NotFound("Comment with id '" + (comment ? comment->text : std::string()) +
                  "' not found for incident '" + (incident ? incident->text : std::string()) + "'");
}

Error NoSuchIncident(const Call& call) {
  const auto id = LeadingNumber(call, "incident_id");
  return NotFound("Incident with id '" + (id ? id->text : std::string()) + "' not found");
}

void PrintComment(JsonWriter& json, const IncidentUpdate& update) {
  json.BeginObject();
  json.Key("id").Int(update.id.value());
  json.Key("incident_id").Int(update.incident.value());
  json.Key("comment").String(update.text);
  json.Key("timestamp").Int(ToUnixSeconds(FloorToMinute(update.at)));
  json.Key("state").String(IncidentStateWord(update.state));
  json.Key("created_at").String(ShownTime(update.created_at));
  json.Key("updated_at").String(ShownTime(update.updated_at));
  json.EndObject();
}

std::string OneComment(const IncidentUpdate& update) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("comment");
  PrintComment(json, update);
  json.EndObject();
  return out;
}

Result<IncidentUpdate> FindComment(const Call& call) {
  const auto id = ParsedNumber(call, "comment_id");
  if (!id) return BadRequest("Comment ID must be a valid integer");
  auto found = call.services.incidents.Get(*call.who, IncidentOf(call));
  if (!found) {
    if (found.error().kind == ErrorKind::kNotFound) return NoSuchIncident(call);
    return std::move(found).error();
  }
  for (IncidentUpdate& update : found->updates) {
    if (update.id.value() == id->value) return std::move(update);
  }
  return NoSuchComment(call);
}

std::optional<model::IncidentState> StateIn(const Value& value) {
  return value.IsString() ? ParseIncidentStateWord(value.AsString()) : std::nullopt;
}

}  // namespace

Status CommentExists(Call& call) {
  PHAROS_RETURN_IF_ERROR(FindComment(call));
  return Ok();
}

Result<std::string> ListComments(Call& call) {
  auto found = call.services.incidents.Get(*call.who, IncidentOf(call));
  if (!found) {
    if (found.error().kind == ErrorKind::kNotFound) return NoSuchIncident(call);
    return std::move(found).error();
  }
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("comments").BeginList();
  for (const IncidentUpdate& update : found->updates) PrintComment(json, update);
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateComment(Call& call) {
  const Value& body = call.body;
  IncidentUpdate update;
  const auto text = NonBlank(body, "comment");
  if (!text) return BadRequest("comment is required and must be a non-empty string");
  if (text->size() > kMaxCommentBytes) {
    return BadField("comment", "must be at most 65536 bytes long");
  }
  update.text = *text;
  // Kept to the second, so that it stands in order beside updates of other interfaces; this one
  // shows the minute (9.3).
  update.at = call.clock.Now();
  if (const Value* at = body.Find("timestamp"); at != nullptr && !at->IsNull()) {
    const auto instant = at->IsNumber() ? MinuteInstant(at->AsDouble()) : std::nullopt;
    if (!instant) return BadRequest(std::string(kBadTimestamp));
    update.at = *instant;
  }
  const Value* state = body.Find("state");
  if (state == nullptr || !state->IsString() || state->AsString().empty()) {
    return BadRequest("state is required");
  }
  const auto known = StateIn(*state);
  if (!known) return BadRequest(std::string(kBadState));
  update.state = *known;
  // 9.3: an end once set stays through this API.
  service::UpdateEffects effects;
  effects.reopening_clears = false;
  auto added =
      call.services.incidents.AddUpdate(*call.who, IncidentOf(call), std::move(update), effects);
  if (!added) {
    if (added.error().kind == ErrorKind::kNotFound) return NoSuchIncident(call);
    return std::move(added).error();
  }
  return OneComment(*added);
}

Result<std::string> GetComment(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const IncidentUpdate update, FindComment(call));
  return OneComment(update);
}

Result<std::string> UpdateComment(Call& call) {
  const Value& body = call.body;
  std::optional<model::IncidentState> state;
  if (const Value* value = body.Find("state")) {
    state = StateIn(*value);
    if (!state) return BadRequest(std::string(kBadState));
  }
  std::optional<std::string> text;
  if (const Value* value = body.Find("comment")) {
    PHAROS_ASSIGN_OR_RETURN(text, FreeText("comment", *value, kMaxCommentBytes));
  }
  std::optional<Timestamp> at;
  if (const Value* value = body.Find("timestamp")) {
    at = LooseInstant(*value);
    if (!at) return BadRequest(std::string(kBadTimestamp));
  }
  const auto change = [&](IncidentUpdate& update) -> Status {
    if (state) update.state = *state;
    if (text) update.text = *text;
    if (at) update.at = *at;
    return Ok();
  };
  // 9.5: editing a comment never moves the incident.
  const service::UpdateEffects none{false, false, false, false};
  const auto id = ParsedNumber(call, "comment_id");
  auto changed = call.services.incidents.EditUpdate(
      *call.who, IncidentOf(call), model::IncidentUpdateId(id ? id->value : 0), change, none);
  if (!changed) {
    if (changed.error().kind == ErrorKind::kNotFound) return NoSuchComment(call);
    return std::move(changed).error();
  }
  return OneComment(*changed);
}

Result<std::string> DeleteComment(Call& call) {
  const auto id = ParsedNumber(call, "comment_id");
  auto gone = call.services.incidents.DeleteUpdate(*call.who, IncidentOf(call),
                                                   model::IncidentUpdateId(id ? id->value : 0));
  if (!gone) {
    if (gone.error().kind == ErrorKind::kNotFound) return NoSuchComment(call);
    return std::move(gone).error();
  }
  return MessageReply("Comment with id '" + id->text + "' deleted successfully");
}

}  // namespace pharos::api::kener_v4
