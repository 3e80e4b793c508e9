#include <map>
#include <utility>

#include "api/kener_v4/affected.h"
#include "api/kener_v4/envelope.h"
#include "api/kener_v4/ids.h"
#include "api/kener_v4/maintenances.h"
#include "api/kener_v4/site_url.h"
#include "api/kener_v4/texts.h"
#include "api/kener_v4/times.h"
#include "api/kener_v4/words.h"
#include "base/json.h"
#include "service/maintenances.h"

namespace pharos::api::kener_v4 {
namespace {

using model::Occurrence;
using model::OccurrenceState;

model::MaintenanceId MaintenanceOf(const Call& call) {
  const auto id = LeadingNumber(call, "maintenance_id");
  return model::MaintenanceId(id ? id->value : 0);
}

Error NoSuchEvent(const Call& call) {
  const auto id = ParsedNumber(call, "event_id");
  return NotFound("Event with id '" + (id ? id->text : std::string()) +
                  "' not found for this maintenance");
}

// Whole seconds unless the maintenance's duration has a fraction.
void PrintInstant(JsonWriter& json, Timestamp at) {
  if (FloorTo(at, Seconds(1)) == at) {
    json.Int(ToUnixSeconds(at));
  } else {
    json.Real(static_cast<double>(ToUnixMicros(at)) / 1e6);
  }
}

std::string EventUrl(const std::string& site, const Occurrence& event) {
  return site + "/maintenances/" + std::to_string(event.id.value());
}

void PrintEvent(JsonWriter& json, const Occurrence& event, const std::string& site) {
  json.BeginObject();
  json.Key("id").Int(event.id.value());
  json.Key("maintenance_id").Int(event.maintenance.value());
  json.Key("start_date_time");
  PrintInstant(json, event.starts_at);
  json.Key("end_date_time");
  PrintInstant(json, event.ends_at);
  json.Key("status").String(OccurrenceStateWord(event.state));
  json.Key("created_at").String(ShownTime(event.created_at));
  json.Key("updated_at").String(ShownTime(event.updated_at));
  json.Key("url").String(EventUrl(site, event));
  json.EndObject();
}

void PrintDetailed(JsonWriter& json, const Call& call, const Occurrence& event,
                   const model::Maintenance& maintenance, const std::string& site) {
  json.BeginObject();
  json.Key("maintenance_id").Int(event.maintenance.value());
  json.Key("event_id").Int(event.id.value());
  json.Key("event_start_date_time");
  PrintInstant(json, event.starts_at);
  json.Key("event_end_date_time");
  PrintInstant(json, event.ends_at);
  json.Key("event_status").String(OccurrenceStateWord(event.state));
  json.Key("maintenance_title").String(maintenance.title);
  json.Key("maintenance_description");
  if (maintenance.description) {
    json.String(*maintenance.description);
  } else {
    json.Null();
  }
  json.Key("maintenance_status").String(maintenance.active ? "ACTIVE" : "INACTIVE");
  json.Key("maintenance_rrule").String(maintenance.rrule);
  json.Key("maintenance_duration_seconds")
      .Real(static_cast<double>(maintenance.duration.count()) / 1e6);
  json.Key("monitors");
  PrintAffected(json, call, maintenance.impacts, maintenance.notes);
  json.Key("url").String(EventUrl(site, event));
  json.EndObject();
}

Result<std::string> OneEvent(const Call& call, const Occurrence& event) {
  PHAROS_ASSIGN_OR_RETURN(const std::string site, SiteUrl(call));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("event");
  PrintEvent(json, event, site);
  json.EndObject();
  return out;
}

Result<Occurrence> FindEvent(const Call& call) {
  const auto id = ParsedNumber(call, "event_id");
  if (!id) return NotFound("Event not found");
  auto found = call.services.maintenances.GetOccurrence(*call.who, model::OccurrenceId(id->value));
  if (!found && found.error().kind != ErrorKind::kNotFound) return std::move(found).error();
  if (!found || found->maintenance != MaintenanceOf(call)) return NoSuchEvent(call);
  return found;
}

// The error of a use case after the event was found.
Error InOurWords(const Call& call, Error error) {
  return error.kind == ErrorKind::kNotFound ? NoSuchEvent(call) : std::move(error);
}

// 11.6, transition mode.
Result<Occurrence> Transition(const Call& call, const Occurrence& event, const Value& status) {
  const Value& body = call.body;
  if (body.Find("start_date_time") != nullptr || body.Find("end_date_time") != nullptr) {
    return BadRequest("Cannot update status and start/end times in the same request");
  }
  const std::string word = status.IsString() ? status.AsString() : std::string();
  if (word != "COMPLETED" && word != "CANCELLED") {
    return BadRequest("status must be COMPLETED or CANCELLED");
  }
  const OccurrenceState to =
      word == "COMPLETED" ? OccurrenceState::kCompleted : OccurrenceState::kCancelled;
  auto moved = call.services.maintenances.MoveOccurrence(*call.who, event.id, to);
  if (moved || moved.error().kind != ErrorKind::kConflict) return moved;
  return BadRequest("Cannot transition event from " +
                    std::string(OccurrenceStateWord(event.state)) + " to " + word);
}

// 11.6, window mode.
Result<Occurrence> MoveWindow(const Call& call, const Occurrence& event) {
  const Value* start = call.body.Find("start_date_time");
  const Value* end = call.body.Find("end_date_time");
  if (start == nullptr || start->IsNull()) return BadRequest("start_date_time is required");
  if (end == nullptr || end->IsNull()) return BadRequest("end_date_time is required");
  const auto starts_at = start->IsNumber() ? MinuteInstant(start->AsDouble()) : std::nullopt;
  const auto ends_at = end->IsNumber() ? MinuteInstant(end->AsDouble()) : std::nullopt;
  if (!starts_at) return BadRequest("start_date_time must be a valid timestamp (UTC seconds)");
  if (!ends_at) return BadRequest("end_date_time must be a valid timestamp (UTC seconds)");
  if (end->AsDouble() <= start->AsDouble()) {
    return BadRequest("end_date_time must be after start_date_time");
  }
  // Both fell into one minute: a window of a moment, as documented.
  return call.services.maintenances.SetWindow(*call.who, event.id, *starts_at, *ends_at, true);
}

// The filters of 11.4.
service::OccurrenceQuery ReadFilters(const Call& call) {
  service::OccurrenceQuery query;
  const auto from = QueryNumber(call, "event_start_date_time");
  const Timestamp now = FloorTo(call.clock.Now(), Seconds(1));
  query.starts_from = from ? FloorToMinute(QueryInstant(*from)) : now;
  if (const auto status = QueryText(call, "event_status")) {
    std::string upper = *status;
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (const auto state = ParseOccurrenceStateWord(upper)) query.states = {*state};
  }
  if (const auto tags = QueryText(call, "monitors")) {
    const std::vector<std::string> words = CommaWords(*tags);
    if (!words.empty()) query.monitors = MonitorsByTags(call, words);
  }
  if (const auto id = QueryNumber(call, "maintenance_id"); id && *id != 0) {
    const bool names_one = *id > 0 && *id < 9e15;
    query.maintenance = model::MaintenanceId(names_one ? static_cast<int64_t>(*id) : -1);
  }
  return query;
}

}  // namespace

Status EventExists(Call& call) {
  PHAROS_RETURN_IF_ERROR(FindEvent(call));
  return Ok();
}

Result<std::string> ListEvents(Call& call) {
  const Paging paging = ReadPaging(call);
  service::OccurrenceQuery query;
  query.maintenance = MaintenanceOf(call);
  query.limit = paging.limit;
  query.offset = paging.Offset();
  PHAROS_ASSIGN_OR_RETURN(const auto events,
                          call.services.maintenances.Occurrences(*call.who, query));
  PHAROS_ASSIGN_OR_RETURN(const std::string site, SiteUrl(call));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("events").BeginList();
  for (const Occurrence& event : events) PrintEvent(json, event, site);
  json.EndList().Key("page").Int(paging.page).Key("limit").Int(paging.limit);
  json.EndObject();
  return out;
}

Result<std::string> ListAllEvents(Call& call) {
  const Paging paging = ReadPaging(call);
  service::OccurrenceQuery query = ReadFilters(call);
  PHAROS_ASSIGN_OR_RETURN(const int64_t total,
                          call.services.maintenances.CountOccurrences(*call.who, query));
  query.limit = paging.limit;
  query.offset = paging.Offset();
  PHAROS_ASSIGN_OR_RETURN(const auto events,
                          call.services.maintenances.Occurrences(*call.who, query));
  PHAROS_ASSIGN_OR_RETURN(const std::string site, SiteUrl(call));
  std::map<model::MaintenanceId, model::Maintenance> maintenances;
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("events").BeginList();
  for (const Occurrence& event : events) {
    auto known = maintenances.find(event.maintenance);
    if (known == maintenances.end()) {
      auto found = call.services.maintenances.Get(*call.who, event.maintenance);
      if (!found && found.error().kind == ErrorKind::kNotFound) continue;  // deleted just now
      if (!found) return std::move(found).error();
      known = maintenances.emplace(event.maintenance, *std::move(found)).first;
    }
    PrintDetailed(json, call, event, known->second, site);
  }
  json.EndList().Key("page").Int(paging.page).Key("limit").Int(paging.limit);
  json.Key("total").Int(total);
  json.EndObject();
  return out;
}

Result<std::string> GetEvent(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Occurrence event, FindEvent(call));
  return OneEvent(call, event);
}

Result<std::string> UpdateEvent(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Occurrence event, FindEvent(call));
  const Value* status = call.body.Find("status");
  auto moved = status != nullptr ? Transition(call, event, *status) : MoveWindow(call, event);
  if (!moved) return InOurWords(call, std::move(moved).error());
  return OneEvent(call, *moved);
}

Result<std::string> DeleteEvent(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Occurrence event, FindEvent(call));
  auto gone = call.services.maintenances.DeleteOccurrence(*call.who, event.id);
  if (!gone) return InOurWords(call, std::move(gone).error());
  return MessageReply("Event with id '" + std::to_string(event.id.value()) +
                      "' deleted successfully");
}

}  // namespace pharos::api::kener_v4
