#include "api/kener_v4/monitor_decode.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "api/kener/js.h"
#include "api/kener_v4/envelope.h"
#include "api/kener_v4/monitor_view.h"
#include "api/kener_v4/type_data.h"
#include "api/kener_v4/words.h"
#include "base/cron.h"
#include "base/json.h"
#include "base/text.h"

namespace pharos::api::kener_v4 {
namespace {

constexpr std::string_view kThresholdText =
    "confirmation_threshold must be an integer between 1 and 60";
constexpr std::array<std::string_view, 6> kDefaultWords = {"UP",          "DOWN",    "DEGRADED",
                                                           "MAINTENANCE", "NO_DATA", "NONE"};
constexpr int64_t kMaxIntervalS = 30 * 86400;

// A word out of a closed list; null is nullopt.
Result<Text> Word(std::string_view field, const Value& value,
                  std::span<const std::string_view> words) {
  if (value.IsNull()) return Text();
  if (value.IsString() && std::find(words.begin(), words.end(), value.AsString()) != words.end()) {
    return Text(value.AsString());
  }
  std::string rule = "must be one of: ";
  for (const std::string_view word : words) {
    if (word != words.front()) rule += ", ";
    rule += word;
  }
  return BadField(field, rule);
}

// A free text: other JSON values are kept in their text form (4.7), lists are refused.
Status ApplyText(const Value& body, std::string_view field, std::string& target,
                 model::Monitor& monitor) {
  const Value* value = body.Find(field);
  if (value == nullptr) return Ok();
  if (value->IsList()) return BadField(field, "must be a string");
  if (value->IsNull()) {
    target.clear();
  } else {
    target = value->IsObject() ? WriteJson(*value) : kener::ToText(*value);
  }
  Value::List blank;
  if (const Value* noted = FindNote(monitor, "blank"); noted != nullptr && noted->IsList()) {
    for (const Value& name : noted->AsList()) {
      if (name.IsString() && name.AsString() != field) blank.push_back(name);
    }
  }
  if (target.empty() && !value->IsNull()) blank.emplace_back(field);
  if (blank.empty()) {
    DropNote(monitor, "blank");
  } else {
    SetNote(monitor, "blank", Value(std::move(blank)));
  }
  return Ok();
}

Status ApplySchedule(const Value& body, Write write, model::Monitor& monitor) {
  using Kind = model::Schedule::Kind;
  const Value* cron = body.Find("cron");
  const Value* interval = body.Find("interval_seconds");
  const bool has_cron =
      cron != nullptr && !(cron->IsNull() || (cron->IsString() && Trim(cron->AsString()).empty()));
  if (has_cron) {
    if (!cron->IsString()) return BadField("cron", "must be a string");
    const Result<CronExpression> parsed = CronExpression::Parse(cron->AsString());
    if (!parsed) return BadField("cron", "is not a valid expression: " + parsed.error().message);
    if (interval != nullptr && !interval->IsNull()) {
      return BadField("interval_seconds", "cannot be given together with cron");
    }
    monitor.schedule = {Kind::kCron, {}, cron->AsString(), {}};
    return Ok();
  }
  // A client that writes back what it read sends cron null: that ends a cron schedule only.
  if (cron != nullptr && (write == Write::kCreate || monitor.schedule.kind == Kind::kCron)) {
    monitor.schedule = {};
  }
  if (interval == nullptr) return Ok();
  if (interval->IsNull()) {
    if (monitor.schedule.kind == Kind::kInterval) monitor.schedule = {};
    return Ok();
  }
  const double seconds = interval->IsNumber() ? interval->AsDouble() : NAN;
  if (!(seconds >= 1 && seconds <= kMaxIntervalS) || std::trunc(seconds) != seconds) {
    return BadField("interval_seconds", "must be an integer between 1 and 2592000");
  }
  monitor.schedule = {Kind::kInterval, Seconds(static_cast<int64_t>(seconds)), {}, {}};
  return Ok();
}

Status ApplyDefaultStatus(const Value& body, Write write, model::Monitor& monitor) {
  const Value* value = body.Find("default_status");
  if (value == nullptr && write == Write::kUpdate) return Ok();
  Text word = "UP";
  if (value != nullptr && !(write == Write::kCreate && value->IsNull())) {
    PHAROS_ASSIGN_OR_RETURN(word, Word("default_status", *value, kDefaultWords));
  }
  monitor.default_status = std::nullopt;
  DropNote(monitor, "default_status");
  if (!word) return Ok();
  const bool fills = *word == "UP" || *word == "DOWN" || *word == "DEGRADED";
  if (fills) {
    monitor.default_status = ParseStatusWord(*word);
  } else {
    SetNote(monitor, "default_status", *word);
  }
  return Ok();
}

// `status` and `monitor_type` together: a monitor runs when it is ACTIVE and has a type.
Status ApplyLifecycle(const Value& body, Write write, model::Monitor& monitor) {
  constexpr std::array<std::string_view, 2> kStatusWords = {"ACTIVE", "INACTIVE"};
  const bool create = write == Write::kCreate;
  Text status = create ? Text("ACTIVE") : ShownStatus(monitor);
  Text type = create ? Text("API") : ShownType(monitor);
  const Value* given_status = body.Find("status");
  if (given_status != nullptr && !(create && given_status->IsNull())) {
    PHAROS_ASSIGN_OR_RETURN(status, Word("status", *given_status, kStatusWords));
  }
  const Value* given_type = body.Find("monitor_type");
  if (given_type != nullptr && !(create && given_type->IsNull())) {
    PHAROS_ASSIGN_OR_RETURN(type, Word("monitor_type", *given_type, kTypeWords));
  }
  if (create || given_type != nullptr) {
    monitor.kind = std::string(type ? KindOfType(*type) : "manual");
    DropNote(monitor, "monitor_type");
    if (!type) SetNote(monitor, "monitor_type", Value());
  }
  monitor.active = status == "ACTIVE" && type.has_value();
  DropNote(monitor, "status");
  if (!monitor.active && status != "INACTIVE") {
    SetNote(monitor, "status", status ? Value(*status) : Value());
  }
  return Ok();
}

Result<bool> YesOrNo(std::string_view field, const Value& value) {
  if (value.IsString() && value.AsString() == "YES") return true;
  if (value.IsString() && value.AsString() == "NO") return false;
  return BadField(field, "must be YES or NO");
}

Status ApplyFlags(const Value& body, Write write, model::Monitor& monitor) {
  const bool create = write == Write::kCreate;
  const auto counts = [&](const Value* value) {
    if (value == nullptr) return false;
    const bool empty = value->IsNull() || (value->IsString() && value->AsString().empty());
    return !(create && empty);
  };
  if (const Value* hidden = body.Find("is_hidden"); counts(hidden)) {
    PHAROS_ASSIGN_OR_RETURN(monitor.hidden, YesOrNo("is_hidden", *hidden));
  }
  const Value* include = body.Find("include_degraded_in_downtime");
  if (create && counts(include)) {  // settable on create only (6.1)
    PHAROS_ASSIGN_OR_RETURN(const bool yes, YesOrNo("include_degraded_in_downtime", *include));
    if (yes) SetNote(monitor, "include_degraded_in_downtime", "YES");
  }
  return Ok();
}

Status ApplyTypeData(const Value& body, const probe::Catalog& probes,
                     const std::string& kind_before, model::Monitor& monitor) {
  const Value* given = body.Find("type_data");
  const bool same_kind = monitor.kind == kind_before;
  if (given == nullptr && same_kind) return Ok();
  Value type_data(Value::Object{});
  if (given == nullptr || given->IsObject()) {
    // What was shown before, under the kind that it was shown for.
    type_data =
        PresentTypeData(probes, kind_before, monitor.spec,
                        FindNote(monitor, "type_data") ? *FindNote(monitor, "type_data") : Value());
    if (given != nullptr) {
      for (const auto& [key, value] : given->AsObject()) type_data.Set(key, value);
    }
  } else if (!given->IsNull()) {
    return BadField("type_data", "must be an object");
  }
  const Value base =
      same_kind && given != nullptr && !given->IsNull() ? monitor.spec : Value(Value::Object{});
  PHAROS_ASSIGN_OR_RETURN(monitor.spec, CompileTypeData(probes, monitor.kind, type_data, base));
  if (type_data.AsObject().empty()) {
    DropNote(monitor, "type_data");
  } else {
    SetNote(monitor, "type_data", std::move(type_data));
  }
  return Ok();
}

std::string FormulaOf(const Value& settings, std::string_view key) {
  return settings.StringOr(key, "");
}

Status ApplySettings(const Value& body, Write write, model::Monitor& monitor) {
  const Value* given = body.Find("monitor_settings_json");
  if (given != nullptr && !given->IsNull() && !given->IsObject()) {
    return BadField("monitor_settings_json", "must be an object");
  }
  const bool cleared = given != nullptr && given->IsNull();
  if (cleared || (write == Write::kCreate && given == nullptr)) {
    DropNote(monitor, "monitor_settings_json");
    monitor.uptime = {};
    return Ok();
  }
  // A PATCH freezes the formulas that are shown, whatever it is about (6.7).
  Value settings = write == Write::kUpdate ? ShownSettings(monitor) : Value(Value::Object{});
  if (given != nullptr) {
    for (const auto& [key, value] : given->AsObject()) settings.Set(key, value);
  }
  monitor.uptime.numerator = FormulaOf(settings, "uptime_formula_numerator");
  monitor.uptime.denominator = FormulaOf(settings, "uptime_formula_denominator");
  SetNote(monitor, "monitor_settings_json", std::move(settings));
  return Ok();
}

}  // namespace

Result<int> DecodeThreshold(const Value& body) {
  const Value* value = body.Find("confirmation_threshold");
  if (value == nullptr || value->IsNull()) return 1;
  const std::optional<double> n = kener::ToNumber(*value);
  if (!n || !(*n >= 1 && *n <= 60) || std::trunc(*n) != *n) {
    return BadRequest(std::string(kThresholdText));
  }
  return static_cast<int>(*n);
}

Status ApplyMonitorBody(const Value& body, Write write, const probe::Catalog& probes,
                        model::Monitor& monitor) {
  const std::string kind_before = write == Write::kCreate ? std::string() : monitor.kind;
  PHAROS_RETURN_IF_ERROR(ApplyText(body, "description", monitor.description, monitor));
  PHAROS_RETURN_IF_ERROR(ApplyText(body, "image", monitor.image, monitor));
  PHAROS_RETURN_IF_ERROR(ApplySchedule(body, write, monitor));
  PHAROS_RETURN_IF_ERROR(ApplyDefaultStatus(body, write, monitor));
  PHAROS_RETURN_IF_ERROR(ApplyText(body, "category_name", monitor.category, monitor));
  PHAROS_RETURN_IF_ERROR(ApplyLifecycle(body, write, monitor));
  PHAROS_RETURN_IF_ERROR(ApplyTypeData(body, probes, kind_before, monitor));
  PHAROS_RETURN_IF_ERROR(ApplyFlags(body, write, monitor));
  PHAROS_RETURN_IF_ERROR(ApplySettings(body, write, monitor));
  return ApplyText(body, "external_url", monitor.external_url, monitor);
}

Error InOurWords(Error error, std::string_view kind) {
  if (error.kind != ErrorKind::kInvalid || error.fields.empty()) return error;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNames = {{
      {"schedule.cron", "cron"},
      {"schedule.interval", "interval_seconds"},
      {"category", "category_name"},
      {"kind", "monitor_type"},
      {"uptime_formula_numerator", "monitor_settings_json.uptime_formula_numerator"},
      {"uptime_formula_denominator", "monitor_settings_json.uptime_formula_denominator"},
  }};
  for (FieldError& problem : error.fields) {
    const std::string inner = problem.field;
    if (inner.starts_with("spec.")) {
      problem.field = "type_data." + std::string(TypeDataKeyOf(kind, inner.substr(5)));
    }
    for (const auto& [from, to] : kNames) {
      if (inner == from) problem.field = std::string(to);
    }
    // The service's texts start with its own name of the field, or with none.
    std::string_view rest = problem.message;
    if (rest.starts_with(inner + " ")) rest.remove_prefix(inner.size() + 1);
    if (!std::string_view(problem.message).starts_with(problem.field + " ")) {
      problem.message = problem.field + " " + std::string(rest);
    }
  }
  error.message = error.fields.front().message;
  return error;
}

}  // namespace pharos::api::kener_v4
