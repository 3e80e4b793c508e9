#include "api/kodo/on_call.h"

#include <cstdio>
#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/shapes_more.h"
#include "base/text.h"
#include "service/on_call.h"

namespace pharos::api::kodo {
namespace {

using service::PageTarget;

constexpr std::string_view kPolicy = "Policy";
constexpr std::string_view kSchedule = "Schedule";

std::string_view TargetWord(PageTarget::Kind kind) {
  switch (kind) {
    case PageTarget::Kind::kChannel:
      return "channel";
    case PageTarget::Kind::kSchedule:
      return "schedule";
    case PageTarget::Kind::kPerson:
      return "user";
  }
  return "user";
}

// "user" names a person by mail address or phone number; other words of the contract's samples
// ("email", "phone", "sms") mean the same.
PageTarget::Kind ParseTarget(std::string_view word) {
  if (word == "channel") return PageTarget::Kind::kChannel;
  return word == "schedule" ? PageTarget::Kind::kSchedule : PageTarget::Kind::kPerson;
}

const Value::List& ListOf(const Value& object, std::string_view name) {
  static const Value::List kNone;
  const Value* list = object.Find(name);
  return list != nullptr && list->IsList() ? list->AsList() : kNone;
}

service::OnCallPolicy PolicyOfBody(const Value& body) {
  service::OnCallPolicy policy;
  policy.name = std::string(Trim(TextOf(body, "name").value_or(std::string())));
  policy.repeats = static_cast<int>(IntOf(body, "repeat").value_or(0));
  for (const Value& given : ListOf(body, "steps")) {
    service::PolicyStep step;
    step.delay_minutes = static_cast<int>(IntOf(given, "delay_minutes").value_or(5));
    for (const Value& target : ListOf(given, "targets")) {
      std::string id = target.StringOr("id", "");
      // A member named after the type carries the id too: {"type": "email", "email": "..."}.
      if (id.empty()) id = target.StringOr(target.StringOr("type", ""), "");
      step.targets.push_back({ParseTarget(target.StringOr("type", "")), std::move(id)});
    }
    policy.steps.push_back(std::move(step));
  }
  return policy;
}

void PrintPolicy(JsonWriter& json, const service::OnCallPolicy& policy) {
  json.BeginObject();
  PutText(json, "id", policy.uid);
  PutText(json, "name", policy.name);
  json.Key("steps").BeginList();
  for (const service::PolicyStep& step : policy.steps) {
    json.BeginObject().Key("delay_minutes").Int(step.delay_minutes).Key("targets").BeginList();
    for (const PageTarget& target : step.targets) {
      json.BeginObject();
      PutText(json, "type", TargetWord(target.kind));
      PutText(json, "id", target.id);
      json.EndObject();
    }
    json.EndList().EndObject();
  }
  json.EndList();
  json.Key("repeat").Int(policy.repeats);
  PutTime(json, "created_at", policy.created_at);
  PutTime(json, "updated_at", policy.updated_at);
  json.EndObject();
}

std::string OnePolicy(const service::OnCallPolicy& policy) {
  std::string out;
  JsonWriter json(out);
  PrintPolicy(json, policy);
  return out;
}

std::string ClockText(int second) {
  char text[16];
  std::snprintf(text, sizeof text, "%02d:%02d", second / 3600, second / 60 % 60);
  return text;
}

// "09:30"; -1, which no schedule takes, for what is no time of day.
int ParseClock(const std::string& text) {
  int hour = 0;
  int minute = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%2d:%2d%c", &hour, &minute, &rest) != 2) return -1;
  if (hour < 0 || hour > 24 || minute < 0 || minute > 59) return -1;
  return hour * 3600 + minute * 60;
}

std::string_view RotationWord(int hours) {
  if (hours == 24) return "daily";
  return hours == 168 ? "weekly" : "custom";
}

Result<rules::OnCallLayer> LayerOf(const Value& given, Timestamp now) {
  rules::OnCallLayer layer;
  layer.people = TextsOf(given, "participants").value_or(std::vector<std::string>());
  layer.time_zone = TextOf(given, "time_zone").value_or(std::string("UTC"));
  const std::string rotation = given.StringOr("rotation", "weekly");
  layer.turn_hours = rotation == "daily" ? 24 : 168;
  if (rotation == "custom") {
    layer.turn_hours = static_cast<int>(IntOf(given, "shift_hours").value_or(0));
  }
  layer.handoff_second = ParseClock(given.StringOr("handoff_time", "00:00"));
  // Without a first day the turns begin with the first day of this week's calendar.
  layer.first_day = LocalDate("UTC", now);
  if (const auto day = TextOf(given, "start_date")) {
    const Result<Timestamp> at = ParseIso(*day + "T00:00:00Z");
    if (!at) return BadField("layers", "Invalid start_date");
    layer.first_day = LocalDate("UTC", *at);
  }
  if (const Value* hours = given.Find("hours"); hours != nullptr && hours->IsObject()) {
    layer.from_second = ParseClock(hours->StringOr("from", "00:00"));
    layer.to_second = ParseClock(hours->StringOr("to", "00:00"));
  }
  for (const Value& day : ListOf(given, "days")) {
    layer.weekdays.push_back(day.IsInt() && day.AsInt() >= 0 && day.AsInt() < 7
                                 ? static_cast<unsigned>(day.AsInt())
                                 : 99U);
  }
  return layer;
}

Result<service::OnCallSchedule> ScheduleOfBody(const Value& body, Timestamp now) {
  service::OnCallSchedule schedule;
  schedule.name = std::string(Trim(TextOf(body, "name").value_or(std::string())));
  for (const Value& given : ListOf(body, "layers")) {
    PHAROS_ASSIGN_OR_RETURN(auto layer, LayerOf(given, now));
    schedule.plan.layers.push_back(std::move(layer));
  }
  for (const Value& given : ListOf(body, "overrides")) {
    const auto from = TimeOf(given, "starts_at");
    const auto to = TimeOf(given, "ends_at");
    if (!from || !to) return BadField("overrides", "Expected starts_at and ends_at");
    schedule.plan.overrides.push_back({given.StringOr("participant", ""), *from, *to});
  }
  return schedule;
}

void PrintLayer(JsonWriter& json, const rules::OnCallLayer& layer) {
  json.BeginObject().Key("participants").BeginList();
  for (const std::string& person : layer.people) json.String(person);
  json.EndList();
  PutText(json, "rotation", RotationWord(layer.turn_hours));
  json.Key("shift_hours").Int(layer.turn_hours);
  PutText(json, "handoff_time", ClockText(layer.handoff_second));
  PutText(json, "start_date", FormatDate(layer.first_day));
  PutText(json, "time_zone", layer.time_zone);
  json.Key("hours");
  if (layer.from_second == layer.to_second) {
    json.Null();
  } else {
    json.BeginObject();
    PutText(json, "from", ClockText(layer.from_second));
    PutText(json, "to", ClockText(layer.to_second));
    json.EndObject();
  }
  json.Key("days").BeginList();
  for (const unsigned day : layer.weekdays) json.Int(day);
  json.EndList().EndObject();
}

void PrintSchedule(JsonWriter& json, const service::OnCallSchedule& schedule) {
  json.BeginObject();
  PutText(json, "id", schedule.uid);
  PutText(json, "name", schedule.name);
  json.Key("layers").BeginList();
  for (const rules::OnCallLayer& layer : schedule.plan.layers) PrintLayer(json, layer);
  json.EndList().Key("overrides").BeginList();
  for (const rules::OnCallOverride& one : schedule.plan.overrides) {
    json.BeginObject();
    PutText(json, "participant", one.person);
    PutTime(json, "starts_at", one.from);
    PutTime(json, "ends_at", one.to);
    json.EndObject();
  }
  json.EndList();
  PutTime(json, "created_at", schedule.created_at);
  PutTime(json, "updated_at", schedule.updated_at);
  json.EndObject();
}

std::string OneSchedule(const service::OnCallSchedule& schedule) {
  std::string out;
  JsonWriter json(out);
  PrintSchedule(json, schedule);
  return out;
}

}  // namespace

Result<std::string> ListPolicies(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto policies, call.services.on_call.Policies(*call.who));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("policies").BeginList();
  for (const service::OnCallPolicy& policy : policies) PrintPolicy(json, policy);
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreatePolicy(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(PolicyBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(const auto made,
                          call.services.on_call.PutPolicy(*call.who, PolicyOfBody(call.body)));
  return OnePolicy(made);
}

Result<std::string> GetPolicy(Call& call) {
  auto found = call.services.on_call.GetPolicy(*call.who, PathId(call));
  if (!found) return NotFoundAs(std::move(found).error(), kPolicy);
  return OnePolicy(*found);
}

Result<std::string> ReplacePolicy(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(PolicyBody(), call.body));
  service::OnCallPolicy policy = PolicyOfBody(call.body);
  policy.uid = PathId(call);
  if (policy.uid.empty()) return NotFound(kPolicy);
  auto changed = call.services.on_call.PutPolicy(*call.who, std::move(policy));
  if (!changed) return NotFoundAs(std::move(changed).error(), kPolicy);
  return OnePolicy(*changed);
}

Result<std::string> DeletePolicy(Call& call) {
  if (Status gone = call.services.on_call.DeletePolicy(*call.who, PathId(call)); !gone) {
    return NotFoundAs(std::move(gone).error(), kPolicy);
  }
  return std::string(kSuccess);
}

Result<std::string> PageByPolicy(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(PageBody(), call.body));
  auto page = call.services.on_call.Page(*call.who, PathId(call),
                                         TextOf(call.body, "message").value_or(std::string()),
                                         TextOf(call.body, "alert_id").value_or(std::string()));
  if (!page) return NotFoundAs(std::move(page).error(), kPolicy);
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("success").Bool(true);
  PutText(json, "page_id", *page);
  json.EndObject();
  return out;
}

Result<std::string> ListSchedules(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto schedules, call.services.on_call.Schedules(*call.who));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("schedules").BeginList();
  for (const service::OnCallSchedule& schedule : schedules) PrintSchedule(json, schedule);
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateSchedule(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(ScheduleBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(auto schedule, ScheduleOfBody(call.body, call.clock.Now()));
  PHAROS_ASSIGN_OR_RETURN(const auto made,
                          call.services.on_call.PutSchedule(*call.who, std::move(schedule)));
  return OneSchedule(made);
}

Result<std::string> GetSchedule(Call& call) {
  auto found = call.services.on_call.GetSchedule(*call.who, PathId(call));
  if (!found) return NotFoundAs(std::move(found).error(), kSchedule);
  return OneSchedule(*found);
}

Result<std::string> ReplaceSchedule(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(ScheduleBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(auto schedule, ScheduleOfBody(call.body, call.clock.Now()));
  schedule.uid = PathId(call);
  if (schedule.uid.empty()) return NotFound(kSchedule);
  auto changed = call.services.on_call.PutSchedule(*call.who, std::move(schedule));
  if (!changed) return NotFoundAs(std::move(changed).error(), kSchedule);
  return OneSchedule(*changed);
}

Result<std::string> DeleteSchedule(Call& call) {
  if (Status gone = call.services.on_call.DeleteSchedule(*call.who, PathId(call)); !gone) {
    return NotFoundAs(std::move(gone).error(), kSchedule);
  }
  return std::string(kSuccess);
}

Result<std::string> WhoIsOnCall(Call& call) {
  auto found = call.services.on_call.GetSchedule(*call.who, PathId(call));
  if (!found) return NotFoundAs(std::move(found).error(), kSchedule);
  const Timestamp now = call.clock.Now();
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutText(json, "schedule_id", found->uid);
  PutTextOrNull(json, "participant", rules::OnCallAt(found->plan, now).value_or(std::string()));
  PutTime(json, "at", now);
  json.EndObject();
  return out;
}

}  // namespace pharos::api::kodo
