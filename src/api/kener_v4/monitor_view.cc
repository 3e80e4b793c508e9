#include "api/kener_v4/monitor_view.h"

#include <algorithm>
#include <utility>

#include "api/body_values.h"
#include "api/kener_v4/type_data.h"
#include "api/kener_v4/words.h"
#include "api/notes.h"
#include "base/json.h"
#include "base/time.h"

namespace pharos::api::kener_v4 {
namespace {

Text TextOrNull(const Value& value) {
  if (!value.IsString()) return std::nullopt;
  return value.AsString();
}

bool IsBlankOnPurpose(const model::Monitor& monitor, std::string_view field) {
  const Value* blank = FindNote(monitor, "blank");
  if (blank == nullptr || !blank->IsList()) return false;
  const auto& names = blank->AsList();
  return std::any_of(names.begin(), names.end(), [&](const Value& name) {
    return name.IsString() && name.AsString() == field;
  });
}

}  // namespace

const Value* FindNote(const model::Monitor& monitor, std::string_view name) {
  return api::FindNote(monitor.notes, kNotes, name);
}

void SetNote(model::Monitor& monitor, std::string_view name, Value value) {
  api::SetNote(monitor.notes, kNotes, name, std::move(value));
}

void DropNote(model::Monitor& monitor, std::string_view name) {
  api::DropNote(monitor.notes, kNotes, name);
}

Text ShownStatus(const model::Monitor& monitor) {
  if (monitor.active) return "ACTIVE";
  if (const Value* note = FindNote(monitor, "status")) return TextOrNull(*note);
  return "INACTIVE";
}

Text ShownType(const model::Monitor& monitor) {
  const Value* note = FindNote(monitor, "monitor_type");
  if (note != nullptr && monitor.kind == "manual") return TextOrNull(*note);
  return TypeWord(monitor.kind);
}

Text ShownDefaultStatus(const model::Monitor& monitor) {
  if (monitor.default_status) return std::string(StatusWord(*monitor.default_status));
  if (const Value* note = FindNote(monitor, "default_status")) return TextOrNull(*note);
  return std::nullopt;
}

Text ShownCron(const model::Monitor& monitor) {
  if (monitor.schedule.kind != model::Schedule::Kind::kCron) return std::nullopt;
  return monitor.schedule.cron;
}

Text ShownText(const model::Monitor& monitor, std::string_view field, const std::string& text) {
  if (!text.empty()) return text;
  if (IsBlankOnPurpose(monitor, field)) return "";
  return std::nullopt;
}

std::string ShownIncludeDegraded(const model::Monitor& monitor) {
  const Value* note = FindNote(monitor, "include_degraded_in_downtime");
  return note != nullptr && note->IsString() ? note->AsString() : "NO";
}

std::string_view ShownHidden(const model::Monitor& monitor) {
  return monitor.hidden ? "YES" : "NO";
}

Value ShownSettings(const model::Monitor& monitor) {
  const Value* note = FindNote(monitor, "monitor_settings_json");
  Value shown = note != nullptr && note->IsObject() ? *note : Value();
  const bool stored = shown.IsObject();
  const auto settle = [&](std::string_view key, const std::string& text,
                          std::string_view fallback) {
    const Value* noted = stored ? shown.Find(key) : nullptr;
    const bool agrees =
        noted != nullptr && noted->IsString() ? noted->AsString() == text : stored && text.empty();
    if (!agrees) shown.Set(key, text.empty() ? std::string(fallback) : text);
  };
  settle("uptime_formula_numerator", monitor.uptime.numerator, kDefaultNumerator);
  settle("uptime_formula_denominator", monitor.uptime.denominator, kDefaultDenominator);
  return shown;
}

Value ShownTypeData(const model::Monitor& monitor, const probe::Catalog& probes) {
  const Value* note = FindNote(monitor, "type_data");
  return PresentTypeData(probes, monitor.kind, monitor.spec, note ? *note : Value());
}

void PrintMonitor(std::string& out, const model::Monitor& m, const probe::Catalog& probes) {
  JsonWriter json(out);
  json.BeginObject();
  json.Key("id").Int(m.id.value());
  json.Key("tag").String(m.tag);
  json.Key("name").String(m.name);
  PutOptionalText(json, "description", ShownText(m, "description", m.description));
  PutOptionalText(json, "image", ShownText(m, "image", m.image));
  PutOptionalText(json, "cron", ShownCron(m));
  PutOptionalText(json, "default_status", ShownDefaultStatus(m));
  PutOptionalText(json, "status", ShownStatus(m));
  PutOptionalText(json, "category_name", ShownText(m, "category_name", m.category));
  PutOptionalText(json, "monitor_type", ShownType(m));
  json.Key("down_trigger").Null();
  json.Key("degraded_trigger").Null();
  json.Key("type_data").Tree(ShownTypeData(m, probes));
  json.Key("day_degraded_minimum_count").Null();
  json.Key("day_down_minimum_count").Null();
  json.Key("include_degraded_in_downtime").String(ShownIncludeDegraded(m));
  json.Key("created_at").String(FormatSqlSeconds(m.created_at));
  json.Key("updated_at").String(FormatSqlSeconds(m.updated_at));
  json.Key("is_hidden").String(ShownHidden(m));
  json.Key("monitor_settings_json").Tree(ShownSettings(m));
  PutOptionalText(json, "external_url", ShownText(m, "external_url", m.external_url));
  json.Key("confirmation_threshold").Int(m.confirmation_threshold);
  json.EndObject();
}

}  // namespace pharos::api::kener_v4
