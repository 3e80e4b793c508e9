#include "api/kener_v4/maintenances.h"

#include <cmath>
#include <limits>
#include <utility>

#include "api/kener/js.h"
#include "api/kener_v4/affected.h"
#include "api/kener_v4/envelope.h"
#include "api/kener_v4/ids.h"
#include "api/kener_v4/site_url.h"
#include "api/kener_v4/texts.h"
#include "api/kener_v4/times.h"
#include "base/json.h"
#include "base/text.h"
#include "service/maintenances.h"

namespace pharos::api::kener_v4 {
namespace {

using model::Maintenance;

constexpr AffectedRules kAffectedRules = {.fallback = "MAINTENANCE", .known_words_only = true};
constexpr double kMaxDurationS = 3660 * 86'400.0;
constexpr size_t kMaxTitleBytes = 255;
constexpr std::string_view kBadStart = "start_date_time must be a valid timestamp (UTC seconds)";
constexpr std::string_view kBadRule = "rrule is not a valid iCalendar RRULE string";
constexpr std::string_view kBadDuration = "duration_seconds must be a positive number";

Error NoSuchMaintenance(const PathNumber& id) {
  return NotFound("Maintenance with id '" + id.text + "' not found");
}

// The error of a use case, where "there is none" means the maintenance of the path.
Error InOurWords(const Call& call, Error error) {
  if (error.kind != ErrorKind::kNotFound) return error;
  const auto id = LeadingNumber(call, "maintenance_id");
  return id ? NoSuchMaintenance(*id) : std::move(error);
}

double SecondsOf(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

void PrintMaintenance(JsonWriter& json, const Call& call, const Maintenance& maintenance,
                      const std::string& site) {
  json.BeginObject();
  json.Key("id").Int(maintenance.id.value());
  json.Key("title").String(maintenance.title);
  json.Key("description");
  if (maintenance.description) {
    json.String(*maintenance.description);
  } else {
    json.Null();
  }
  json.Key("start_date_time").Int(ToUnixSeconds(maintenance.starts_at));
  json.Key("rrule").String(maintenance.rrule);
  json.Key("duration_seconds").Real(SecondsOf(maintenance.duration));
  json.Key("status").String(maintenance.active ? "ACTIVE" : "INACTIVE");
  json.Key("monitors");
  PrintAffected(json, call, maintenance.impacts, maintenance.notes);
  json.Key("created_at").String(ShownTime(maintenance.created_at));
  json.Key("updated_at").String(ShownTime(maintenance.updated_at));
  json.Key("url").String(site + "/maintenances/" + std::to_string(maintenance.id.value()) +
                         "?type=maintenance");
  json.EndObject();
}

Result<std::string> OneMaintenance(const Call& call, const Maintenance& maintenance) {
  PHAROS_ASSIGN_OR_RETURN(const std::string site, SiteUrl(call));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("maintenance");
  PrintMaintenance(json, call, maintenance, site);
  json.EndObject();
  return out;
}

// A rule as sent: judged before it is trimmed (10.2).
Result<std::string> DecodeRule(const Value* value, std::string_view missing) {
  if (value == nullptr || !value->IsString() || Trim(value->AsString()).empty()) {
    return BadRequest(std::string(missing));
  }
  if (!service::IsRecurrence(value->AsString())) return BadRequest(std::string(kBadRule));
  return std::string(Trim(value->AsString()));
}

Result<Duration> DecodeDuration(const Value& value) {
  const double seconds = value.IsNumber() ? value.AsDouble() : 0;
  if (!(seconds > 0)) return BadRequest(std::string(kBadDuration));
  if (seconds > kMaxDurationS) return BadField("duration_seconds", "must be at most 316224000");
  const auto micros = std::llround(seconds * 1e6);
  if (micros == 0) return BadRequest(std::string(kBadDuration));
  return Duration(micros);
}

// Zero is refused where a maintenance is made, since the original answers 500 (10.4).
Result<Timestamp> DecodeStart(const Value* value) {
  if (value == nullptr || value->IsNull()) return BadRequest("start_date_time is required");
  const auto at = value->IsNumber() ? MinuteInstant(value->AsDouble()) : std::nullopt;
  if (!at || *at == Timestamp()) return BadRequest(std::string(kBadStart));
  return *at;
}

// What a PATCH asks for, checked (10.7).
struct MaintenancePatch {
  std::optional<std::string> rrule;
  std::optional<Duration> duration;
  std::optional<bool> active;
  std::optional<std::vector<Affected>> affected;
  std::optional<std::string> title;
  bool has_description = false;
  std::optional<std::string> description;
  std::optional<Timestamp> start;

  bool TouchesRecord() const {
    return rrule || duration || active || title || has_description || start;
  }
};

Result<MaintenancePatch> DecodePatch(const Call& call) {
  const Value& body = call.body;
  MaintenancePatch patch;
  if (const Value* rrule = body.Find("rrule")) {
    PHAROS_ASSIGN_OR_RETURN(patch.rrule, DecodeRule(rrule, "rrule must be a non-empty string"));
  }
  if (const Value* duration = body.Find("duration_seconds")) {
    PHAROS_ASSIGN_OR_RETURN(patch.duration, DecodeDuration(*duration));
  }
  if (const Value* status = body.Find("status")) {
    const std::string word = status->IsString() ? status->AsString() : std::string();
    if (word != "ACTIVE" && word != "INACTIVE") {
      return BadRequest("status must be 'ACTIVE' or 'INACTIVE'");
    }
    patch.active = word == "ACTIVE";
  }
  PHAROS_ASSIGN_OR_RETURN(patch.affected, DecodeAffected(call, kAffectedRules));
  if (const Value* title = body.Find("title")) {
    if (!title->IsString()) return BadField("title", "must be a string");
    patch.title = std::string(Trim(title->AsString()));
    if (patch.title->size() > kMaxTitleBytes) {
      return BadField("title", "must be at most 255 bytes long");
    }
  }
  if (const Value* description = body.Find("description")) {
    patch.has_description = true;
    PHAROS_ASSIGN_OR_RETURN(patch.description, FreeTextOrNull("description", *description));
  }
  if (const Value* start = body.Find("start_date_time")) {
    patch.start = LooseInstant(*start);
    if (!patch.start) return BadRequest(std::string(kBadStart));
  }
  return patch;
}

// Whether a member was sent and differs, as sent, from what is stored: 10.7 takes that for a new
// schedule even where flooring or trimming makes it the same.
bool DiffersAsSent(const Value& body, const Maintenance& stored) {
  const Value* rrule = body.Find("rrule");
  if (rrule != nullptr && rrule->AsString() != stored.rrule) return true;
  const Value* duration = body.Find("duration_seconds");
  if (duration != nullptr && duration->AsDouble() != SecondsOf(stored.duration)) return true;
  const Value* start = body.Find("start_date_time");
  return start != nullptr &&
         (!start->IsNumber() ||
          start->AsDouble() != static_cast<double>(ToUnixSeconds(stored.starts_at)));
}

}  // namespace

Status MaintenanceExists(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const PathNumber id, LeadingNumber(call, "maintenance_id"));
  const auto found = call.services.maintenances.Get(*call.who, model::MaintenanceId(id.value));
  if (found) return Ok();
  if (found.error().kind == ErrorKind::kNotFound) return NoSuchMaintenance(id);
  return found.error();
}

Result<std::string> ListMaintenances(Call& call) {
  service::MaintenanceQuery query;
  query.limit = std::numeric_limits<int>::max();
  const auto status = QueryText(call, "status");
  if (status == "ACTIVE") query.active = true;
  if (status == "INACTIVE") query.active = false;
  bool any = true;
  if (const auto tag = QueryText(call, "monitor_tag")) {
    const auto monitors = MonitorsByTags(call, {*tag});
    any = !monitors.empty();
    if (any) query.monitor = monitors.front();
  }
  std::vector<Maintenance> found;
  if (any) {
    PHAROS_ASSIGN_OR_RETURN(found, call.services.maintenances.List(*call.who, query));
  }
  PHAROS_ASSIGN_OR_RETURN(const std::string site, SiteUrl(call));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("maintenances").BeginList();
  for (const Maintenance& maintenance : found) PrintMaintenance(json, call, maintenance, site);
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateMaintenance(Call& call) {
  const Value& body = call.body;
  Maintenance draft;
  const auto title = NonBlank(body, "title");
  if (!title) return BadRequest("title is required and must be a non-empty string");
  draft.title = *title;
  PHAROS_ASSIGN_OR_RETURN(draft.starts_at, DecodeStart(body.Find("start_date_time")));
  PHAROS_ASSIGN_OR_RETURN(
      draft.rrule,
      DecodeRule(body.Find("rrule"), "rrule is required and must be a non-empty string"));
  const Value* duration = body.Find("duration_seconds");
  if (duration == nullptr || duration->IsNull()) return BadRequest("duration_seconds is required");
  PHAROS_ASSIGN_OR_RETURN(draft.duration, DecodeDuration(*duration));
  PHAROS_ASSIGN_OR_RETURN(const auto affected, DecodeAffected(call, kAffectedRules));
  if (affected) ApplyAffected(*affected, false, draft.impacts, draft.notes);
  const Value* description = body.Find("description");
  if (description != nullptr && kener::IsTruthy(*description)) {
    PHAROS_ASSIGN_OR_RETURN(draft.description, FreeTextOrNull("description", *description));
  }
  auto made = call.services.maintenances.Create(*call.who, std::move(draft));
  if (!made) return InOurWords(call, std::move(made).error());
  return OneMaintenance(call, *made);
}

Result<std::string> GetMaintenance(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const PathNumber id, LeadingNumber(call, "maintenance_id"));
  auto found = call.services.maintenances.Get(*call.who, model::MaintenanceId(id.value));
  if (!found) return InOurWords(call, std::move(found).error());
  return OneMaintenance(call, *found);
}

Result<std::string> UpdateMaintenance(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const PathNumber id, LeadingNumber(call, "maintenance_id"));
  PHAROS_ASSIGN_OR_RETURN(const MaintenancePatch patch, DecodePatch(call));
  const auto change = [&](service::MaintenanceService::Edit& edit) -> Status {
    Maintenance& maintenance = edit.maintenance;
    edit.touch = patch.TouchesRecord();
    edit.reschedule = DiffersAsSent(call.body, maintenance);
    if (patch.rrule) maintenance.rrule = *patch.rrule;
    if (patch.duration) maintenance.duration = *patch.duration;
    if (patch.active) maintenance.active = *patch.active;
    if (patch.title) maintenance.title = *patch.title;
    if (patch.has_description) maintenance.description = patch.description;
    if (patch.start) maintenance.starts_at = *patch.start;
    if (patch.affected) {
      ApplyAffected(*patch.affected, false, maintenance.impacts, maintenance.notes);
    }
    return Ok();
  };
  auto changed =
      call.services.maintenances.Update(*call.who, model::MaintenanceId(id.value), change);
  if (!changed) return InOurWords(call, std::move(changed).error());
  return OneMaintenance(call, *changed);
}

Result<std::string> DeleteMaintenance(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const PathNumber id, LeadingNumber(call, "maintenance_id"));
  auto gone = call.services.maintenances.Delete(*call.who, model::MaintenanceId(id.value));
  if (!gone) return InOurWords(call, std::move(gone).error());
  return MessageReply("Maintenance with id '" + id.text + "' deleted successfully");
}

}  // namespace pharos::api::kener_v4
