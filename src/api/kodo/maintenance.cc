#include "api/kodo/maintenance.h"

#include <algorithm>
#include <map>
#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/incidents.h"
#include "api/kodo/shapes_core.h"
#include "api/kodo/words.h"
#include "base/text.h"
#include "service/maintenances.h"

namespace pharos::api::kodo {
namespace {

using model::OccurrenceState;

constexpr std::string_view kWhat = "Maintenance";
constexpr std::string_view kOnce = "FREQ=MINUTELY;COUNT=1";
constexpr std::string_view kNotes = "kodo";
constexpr int kMaxOccurrences = 5000;

// Planned work with the occurrence that matters now; without one it is what the rule says.
struct Planned {
  model::Maintenance maintenance;
  std::optional<model::Occurrence> occurrence;
};

Timestamp StartOf(const Planned& one) {
  return one.occurrence ? one.occurrence->starts_at : one.maintenance.starts_at;
}

Timestamp EndOf(const Planned& one) {
  return one.occurrence ? one.occurrence->ends_at
                        : one.maintenance.starts_at + one.maintenance.duration;
}

OccurrenceState StateOf(const Planned& one, Timestamp now) {
  if (one.occurrence) return StateAt(*one.occurrence, now);
  model::Occurrence by_rule;
  by_rule.starts_at = StartOf(one);
  by_rule.ends_at = EndOf(one);
  return StateAt(by_rule, now);
}

// The running one, else the next one, else the last one. `all` is newest first.
std::optional<model::Occurrence> Foremost(const std::vector<model::Occurrence>& all,
                                          Timestamp now) {
  std::optional<model::Occurrence> next;
  for (const model::Occurrence& one : all) {
    if (IsRunning(one, now)) return one;
    if (StateAt(one, now) == OccurrenceState::kScheduled) next = one;
  }
  if (next || all.empty()) return next;
  return all.front();
}

std::string MessageOf(const model::Maintenance& maintenance) {
  const Value* notes = maintenance.notes.Find(kNotes);
  return notes != nullptr ? notes->StringOr("message", "") : std::string();
}

void PrintPlanned(JsonWriter& json, const Call& call, const Planned& one) {
  const model::Maintenance& maintenance = one.maintenance;
  json.BeginObject();
  PutText(json, "id", maintenance.uid);
  PutText(json, "title", maintenance.title);
  PutTextOrNull(json, "description", maintenance.description.value_or(std::string()));
  PutText(json, "status", MaintenanceWord(StateOf(one, call.clock.Now())));
  PutTime(json, "scheduled_start", StartOf(one));
  PutTime(json, "scheduled_end", EndOf(one));
  PutServices(json, call, maintenance.impacts);
  json.Key("notify_on_schedule").Bool(maintenance.notify_scheduled);
  json.Key("notify_on_start").Bool(maintenance.notify_started);
  json.Key("notify_on_complete").Bool(maintenance.notify_ended);
  PutTextOrNull(json, "message", MessageOf(maintenance));
  PutTime(json, "created_at", maintenance.created_at);
  PutTime(json, "updated_at", maintenance.updated_at);
  json.EndObject();
}

Result<std::string> Print(const Call& call, const Planned& one) {
  std::string out;
  JsonWriter json(out);
  PrintPlanned(json, call, one);
  return out;
}

Result<Planned> WithOccurrence(const Call& call, model::Maintenance maintenance) {
  service::OccurrenceQuery query;
  query.maintenance = maintenance.id;
  query.newest_first = true;
  PHAROS_ASSIGN_OR_RETURN(const auto all, call.services.maintenances.Occurrences(*call.who, query));
  return Planned{std::move(maintenance), Foremost(all, call.clock.Now())};
}

Result<Planned> OfPath(const Call& call) {
  auto found = call.services.maintenances.GetByUid(*call.who, PathId(call));
  if (!found) return NotFoundAs(std::move(found).error(), kWhat);
  return WithOccurrence(call, std::move(*found));
}

// A time under its name or one of its aliases.
std::optional<Timestamp> TimeUnder(const Value& body,
                                   std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const auto at = TimeOf(body, name)) return FloorTo(*at, Seconds(1));
  }
  return std::nullopt;
}

std::optional<Timestamp> StartOfBody(const Value& body) {
  return TimeUnder(body, {"scheduled_start", "start_time", "starts_at"});
}

std::optional<Timestamp> EndOfBody(const Value& body) {
  return TimeUnder(body, {"scheduled_end", "end_time", "ends_at"});
}

Error EndsTooSoon() { return BadField("scheduled_end", "End must be after start"); }

void ApplyBody(const Call& call, const Value& body, model::Maintenance& maintenance) {
  if (auto title = TextOf(body, "title")) maintenance.title = std::string(Trim(*title));
  if (HasNull(body, "description")) {
    maintenance.description.reset();
  } else if (auto text = TextOf(body, "description")) {
    maintenance.description = std::move(*text);
  }
  Assign(maintenance.notify_scheduled, BoolOf(body, "notify_on_schedule"));
  Assign(maintenance.notify_started, BoolOf(body, "notify_on_start"));
  Assign(maintenance.notify_ended, BoolOf(body, "notify_on_complete"));
  if (const auto wanted = TextsOf(body, "services")) {
    maintenance.impacts.clear();
    for (const service::MonitorPtr& service : FindServices(call, *wanted)) {
      maintenance.impacts.push_back({service->id, model::Status::kMaintenance});
    }
  }
  if (const auto message = TextOf(body, "message")) {
    if (!maintenance.notes.IsObject()) maintenance.notes = Value(Value::Object{});
    Value notes;
    notes.Set("message", *message);
    maintenance.notes.Set(kNotes, std::move(notes));
  }
}

bool IsFinal(OccurrenceState state) {
  return state == OccurrenceState::kCompleted || state == OccurrenceState::kCancelled;
}

bool MayMove(OccurrenceState from, OccurrenceState to) {
  switch (from) {
    case OccurrenceState::kScheduled:
    case OccurrenceState::kReady:
      return to == OccurrenceState::kOngoing || to == OccurrenceState::kCancelled;
    case OccurrenceState::kOngoing:
      return IsFinal(to);
    case OccurrenceState::kCompleted:
    case OccurrenceState::kCancelled:
      return false;
  }
  return false;
}

// Start early, complete, cancel.
Status Move(const Call& call, const model::Occurrence& occurrence, OccurrenceState to) {
  service::MaintenanceService& service = call.services.maintenances;
  // The clock may be ahead of whoever moves the states.
  if (to == OccurrenceState::kCompleted && occurrence.state != OccurrenceState::kOngoing) {
    PHAROS_RETURN_IF_ERROR(
        service.MoveOccurrence(*call.who, occurrence.id, OccurrenceState::kOngoing));
  }
  PHAROS_RETURN_IF_ERROR(service.MoveOccurrence(*call.who, occurrence.id, to));
  return Ok();
}

// What a PATCH wants of the occurrence, checked before anything is written.
struct Wish {
  std::optional<OccurrenceState> state;
  std::optional<std::pair<Timestamp, Timestamp>> window;
};

Result<Wish> WishOfBody(const Value& body, const Planned& one, Timestamp now) {
  Wish wish;
  const OccurrenceState current = StateOf(one, now);
  const auto wanted = ParseMaintenanceWord(body.StringOr("status", ""));
  if (wanted && *wanted != current) {
    if (!MayMove(current, *wanted)) return BadRequest("Invalid status transition");
    wish.state = wanted;
  }
  const auto start = StartOfBody(body);
  const auto end = EndOfBody(body);
  if (!start && !end) return wish;
  const auto window = std::make_pair(start.value_or(StartOf(one)), end.value_or(EndOf(one)));
  if (window == std::make_pair(StartOf(one), EndOf(one))) return wish;
  if (IsFinal(current)) return BadRequest("Invalid status transition");
  if (window.second <= window.first) return EndsTooSoon();
  wish.window = window;
  return wish;
}

Status Fulfil(const Call& call, const Wish& wish, const Planned& one) {
  if (!one.occurrence) return Ok();
  const model::OccurrenceId id = one.occurrence->id;
  if (wish.window) {
    PHAROS_RETURN_IF_ERROR(call.services.maintenances.SetWindow(*call.who, id, wish.window->first,
                                                                wish.window->second));
  }
  if (!wish.state) return Ok();
  Status moved = Move(call, *one.occurrence, *wish.state);
  if (!moved && moved.error().kind == ErrorKind::kConflict) {
    return BadRequest("Invalid status transition");
  }
  return moved;
}

}  // namespace

OccurrenceState StateAt(const model::Occurrence& occurrence, Timestamp now) {
  if (IsFinal(occurrence.state)) return occurrence.state;
  if (now >= occurrence.ends_at) return OccurrenceState::kCompleted;
  const bool begun = occurrence.state == OccurrenceState::kOngoing || now >= occurrence.starts_at;
  return begun ? OccurrenceState::kOngoing : OccurrenceState::kScheduled;
}

bool IsRunning(const model::Occurrence& occurrence, Timestamp now) {
  return StateAt(occurrence, now) == OccurrenceState::kOngoing;
}

Result<std::string> ListMaintenance(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(auto rows, call.services.maintenances.List(*call.who, {}));
  service::OccurrenceQuery query;
  query.newest_first = true;
  query.limit = kMaxOccurrences;
  PHAROS_ASSIGN_OR_RETURN(const auto all, call.services.maintenances.Occurrences(*call.who, query));
  std::map<model::MaintenanceId, std::vector<model::Occurrence>> of;
  for (const model::Occurrence& one : all) of[one.maintenance].push_back(one);
  std::vector<Planned> planned;
  for (model::Maintenance& row : rows) {
    auto occurrence = Foremost(of[row.id], call.clock.Now());
    planned.push_back({std::move(row), std::move(occurrence)});
  }
  std::stable_sort(planned.begin(), planned.end(),
                   [](const Planned& a, const Planned& b) { return StartOf(a) > StartOf(b); });
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  // Two names for one list (kodo.md 17.1).
  for (const std::string_view name : {"maintenances", "maintenance"}) {
    json.Key(name).BeginList();
    for (const Planned& one : planned) PrintPlanned(json, call, one);
    json.EndList();
  }
  json.EndObject();
  return out;
}

Result<std::string> CreateMaintenance(Call& call) {
  const Value& body = call.body;
  PHAROS_RETURN_IF_ERROR(CheckCreate(MaintenanceBody(), body));
  const auto start = StartOfBody(body);
  const auto end = EndOfBody(body);
  if (!start) return BadField("scheduled_start", "Required");
  if (!end) return BadField("scheduled_end", "Required");
  if (*end <= *start) return EndsTooSoon();
  model::Maintenance draft;
  draft.starts_at = *start;
  draft.duration = *end - *start;
  draft.rrule = std::string(kOnce);
  ApplyBody(call, body, draft);
  auto made = call.services.maintenances.Create(*call.who, std::move(draft));
  if (!made) return std::move(made).error();
  PHAROS_ASSIGN_OR_RETURN(const Planned one, WithOccurrence(call, std::move(*made)));
  return Print(call, one);
}

Result<std::string> GetMaintenance(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Planned one, OfPath(call));
  return Print(call, one);
}

Result<std::string> UpdateMaintenance(Call& call) {
  const Value& body = call.body;
  PHAROS_RETURN_IF_ERROR(CheckChange(MaintenanceChangeBody(), body));
  PHAROS_ASSIGN_OR_RETURN(const Planned one, OfPath(call));
  PHAROS_ASSIGN_OR_RETURN(const Wish wish, WishOfBody(body, one, call.clock.Now()));
  const auto change = [&](service::MaintenanceService::Edit& edit) -> Status {
    ApplyBody(call, body, edit.maintenance);
    return Ok();
  };
  auto changed = call.services.maintenances.Update(*call.who, one.maintenance.id, change);
  if (!changed) return NotFoundAs(std::move(changed).error(), kWhat);
  PHAROS_RETURN_IF_ERROR(Fulfil(call, wish, one));
  PHAROS_ASSIGN_OR_RETURN(const Planned now, WithOccurrence(call, std::move(*changed)));
  return Print(call, now);
}

Result<std::string> DeleteMaintenance(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Planned one, OfPath(call));
  if (Status gone = call.services.maintenances.Delete(*call.who, one.maintenance.id); !gone) {
    return NotFoundAs(std::move(gone).error(), kWhat);
  }
  return std::string(kSuccess);
}

}  // namespace pharos::api::kodo
