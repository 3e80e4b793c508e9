#include "api/kener_v3/monitor_row.h"

#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "api/body_values.h"
#include "api/kener/js.h"
#include "api/kener_v3/envelope.h"
#include "api/kener_v3/type_data.h"
#include "api/kener_v3/words.h"
#include "base/cron.h"
#include "base/text.h"

namespace pharos::api::kener_v3 {
namespace {

using Kind = model::Schedule::Kind;

constexpr std::string_view kEachMinute = "* * * * *";
constexpr std::string_view kUpOnly = "up";
constexpr std::string_view kAllSeen = "up + degraded + down";
constexpr int kMaxCount = 1440;  // minutes of a day

// The expression that means an interval; nullopt where none does.
std::optional<std::string> CronOf(const model::Schedule& schedule) {
  if (schedule.kind == Kind::kCron) return schedule.cron;
  if (schedule.kind == Kind::kNever || schedule.interval % Minutes(1) != Duration{}) {
    return std::nullopt;
  }
  const int64_t minutes = schedule.interval / Minutes(1);
  if (minutes == 1) return std::string(kEachMinute);
  if (minutes < 60 && 60 % minutes == 0) return "*/" + std::to_string(minutes) + " * * * *";
  if (minutes == 60) return std::string("0 * * * *");
  return std::nullopt;
}

// A free text; null empties it.
Status ApplyText(const Value& body, std::string_view name, std::string& target) {
  const Value* value = body.Find(name);
  if (value == nullptr) return Ok();
  if (value->IsNull()) {
    target.clear();
    return Ok();
  }
  if (!value->IsString()) return BadRequest(std::string(name) + " must be a string");
  target = value->AsString();
  return Ok();
}

Status ApplyCron(const Value& body, model::Monitor& monitor) {
  const Value* value = body.Find("cron");
  if (value == nullptr) return Ok();
  if (!kener::IsTruthy(value)) {
    if (monitor.schedule.kind == Kind::kCron) monitor.schedule = {};
    return Ok();
  }
  if (!value->IsString()) return BadRequest("cron must be a string");
  // Written back as it was shown, it keeps the interval that it stands for.
  if (CronOf(monitor.schedule) == value->AsString()) return Ok();
  if (!CronExpression::Parse(value->AsString())) return BadRequest("cron is not valid");
  monitor.schedule = {Kind::kCron, {}, value->AsString(), {}};
  return Ok();
}

Status ApplyWords(const Value& body, model::Monitor& monitor) {
  if (const Value* value = body.Find("default_status")) {
    const std::string word = value->IsString() ? value->AsString() : "";
    const auto status = ParsePushedStatus(word);
    if (!status && !value->IsNull() && word != "NONE") {
      return BadRequest("default_status must be one of UP, DOWN, DEGRADED, NONE");
    }
    monitor.default_status = status;
  }
  if (const Value* value = body.Find("status")) {
    const std::string word = value->IsString() ? value->AsString() : "";
    if (word != "ACTIVE" && word != "INACTIVE") {
      return BadRequest("status must be one of ACTIVE, INACTIVE");
    }
    monitor.active = word == "ACTIVE";
  }
  if (const Value* value = body.Find("include_degraded_in_downtime")) {
    const std::string word = value->IsString() ? value->AsString() : "";
    if (word != "YES" && word != "NO") {
      return BadRequest("include_degraded_in_downtime must be one of YES, NO");
    }
    if ((word == "YES") != CountsDegradedAsDown(monitor)) {
      monitor.uptime = word == "YES"
                           ? model::UptimeFormula{std::string(kUpOnly), std::string(kAllSeen)}
                           : model::UptimeFormula{};
    }
  }
  return Ok();
}

// Counts of minutes that colour a day; kept and shown, nothing reads them.
Status ApplyCounts(const Value& body, model::Monitor& monitor) {
  for (const std::string_view name : {"day_degraded_minimum_count", "day_down_minimum_count"}) {
    const Value* value = body.Find(name);
    if (value == nullptr) continue;
    const std::optional<double> number = kener::LooseNumber(value);
    if (!value->IsNull() &&
        (!number || *number < 0 || *number > kMaxCount || std::trunc(*number) != *number)) {
      return BadRequest(std::string(name) + " must be an integer between 0 and 1440");
    }
    SetNote(monitor.notes, name, number ? Value(static_cast<int64_t>(*number)) : Value());
  }
  return Ok();
}

Status ApplyType(const Value& body, const probe::Catalog& probes, model::Monitor& monitor) {
  const Value* type = body.Find("monitor_type");
  const Value* data = body.Find("type_data");
  if (type != nullptr) {
    const std::string_view kind =
        type->IsString() ? KindOfType(type->AsString()) : std::string_view();
    const bool unchanged = type->IsString() && type->AsString() == TypeWord(monitor.kind);
    if (kind.empty() && !unchanged) {
      return BadRequest(
          "monitor_type must be one of NONE, API, PING, TCP, DNS, SSL, SQL, HEARTBEAT, GROUP, "
          "GAMEDIG");
    }
    if (!unchanged) {
      monitor.kind = std::string(kind);
      monitor.spec = Value(Value::Object{});
      SetNote(monitor.notes, "type_data", Value());
    }
  }
  if (data == nullptr) return Ok();
  return ApplyTypeData(*data, probes, monitor);
}

}  // namespace

bool CountsDegradedAsDown(const model::Monitor& monitor) {
  return monitor.uptime.numerator == kUpOnly && monitor.uptime.denominator == kAllSeen;
}

void SetRowDefaults(model::Monitor& monitor) {
  monitor.kind = "manual";
  monitor.category = "Home";
  monitor.schedule = {Kind::kCron, {}, std::string(kEachMinute), {}};
}

Status ApplyMonitorRow(const Value& body, const probe::Catalog& probes, model::Monitor& monitor) {
  if (const Value* name = body.Find("name")) {
    if (!name->IsString() || Trim(name->AsString()).empty()) return BadRequest("name is required");
    monitor.name = std::string(Trim(name->AsString()));
  }
  PHAROS_RETURN_IF_ERROR(ApplyText(body, "description", monitor.description));
  PHAROS_RETURN_IF_ERROR(ApplyText(body, "image", monitor.image));
  PHAROS_RETURN_IF_ERROR(ApplyText(body, "category_name", monitor.category));
  PHAROS_RETURN_IF_ERROR(ApplyCron(body, monitor));
  PHAROS_RETURN_IF_ERROR(ApplyWords(body, monitor));
  PHAROS_RETURN_IF_ERROR(ApplyCounts(body, monitor));
  return ApplyType(body, probes, monitor);
}

void WriteMonitorRow(JsonWriter& json, const model::Monitor& monitor,
                     const probe::Catalog& probes) {
  const auto count = [&](std::string_view name) {
    const Value* note = FindNote(monitor.notes, name);
    json.Key(name).Int(note != nullptr && note->IsInt() ? note->AsInt() : 1);
  };
  const std::optional<std::string> cron = CronOf(monitor.schedule);
  json.BeginObject();
  json.Key("id").Int(monitor.id.value());
  json.Key("tag").String(monitor.tag);
  json.Key("name").String(monitor.name);
  PutTextOrNull(json, "description", monitor.description);
  PutTextOrNull(json, "image", monitor.image);
  json.Key("cron");
  cron ? json.String(*cron) : json.Null();
  json.Key("default_status")
      .String(monitor.default_status ? StatusWord(*monitor.default_status) : "NONE");
  json.Key("status").String(monitor.active ? "ACTIVE" : "INACTIVE");
  PutTextOrNull(json, "category_name", monitor.category);
  json.Key("monitor_type").String(TypeWord(monitor.kind));
  json.Key("down_trigger").Null();
  json.Key("degraded_trigger").Null();
  json.Key("type_data").String(ShownTypeData(monitor, probes));
  count("day_degraded_minimum_count");
  count("day_down_minimum_count");
  json.Key("include_degraded_in_downtime").String(CountsDegradedAsDown(monitor) ? "YES" : "NO");
  json.Key("created_at").String(FormatSqlSeconds(monitor.created_at));
  json.Key("updated_at").String(FormatSqlSeconds(monitor.updated_at));
  json.EndObject();
}

}  // namespace pharos::api::kener_v3
