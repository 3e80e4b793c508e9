#include "api/kodo/house.h"

#include <optional>
#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/shapes_core.h"
#include "base/opaque_id.h"
#include "base/text.h"
#include "base/time_zone.h"
#include "service/audit_log.h"
#include "service/organisations.h"

namespace pharos::api::kodo {
namespace {

// A member of /config and where it lies in the organisation's settings.
struct ConfigRow {
  std::string_view kodo;
  std::string_view ours;
};
constexpr ConfigRow kPlainRows[] = {
    {"organization_name", "organisation_name"},
    {"timezone", "time_zone"},
    {"auto_incident_visibility", "auto_incident_visibility"},
    {"auto_publish_minutes", "auto_publish_minutes"},
    {"notification_batch_seconds", "notification_batch_s"},
    {"beacon_error_threshold", "beacon_error_threshold"},
    {"beacon_window_seconds", "beacon_window_s"},
    {"require_https", "https_only"},
};
// Below "sms" in the settings, below "twilio" here.
constexpr std::string_view kTwilio[] = {"account_sid", "auth_token", "phone_number"};

Result<std::string> PrintConfig(const Call& call, const Value& settings) {
  PHAROS_ASSIGN_OR_RETURN(const auto org, call.services.organisations.Get(*call.who));
  Value config;
  for (const ConfigRow& row : kPlainRows) {
    const Value* value = settings.Find(row.ours);
    config.Set(row.kodo, value != nullptr ? *value : Value());
  }
  if (config.StringOr("organization_name", "").empty()) {
    config.Set("organization_name", org.name);
  }
  config.Set("require_https", settings.BoolOr("https_only", false));
  const Value* sms = settings.Find("sms");
  const Value none{Value::Object{}};
  if (sms == nullptr || !sms->IsObject()) sms = &none;
  config.Set("sms_enabled", sms->BoolOr("enabled", false));
  Value twilio;
  for (const std::string_view name : kTwilio) {
    if (name == "auth_token") continue;  // write-only
    const Value* value = sms->Find(name);
    twilio.Set(name, value != nullptr ? *value : Value());
  }
  config.Set("twilio", std::move(twilio));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("config").Tree(config).EndObject();
  return out;
}

// The changes of a body in the words of the organisation's settings. "twilio" may be an object or
// come in dotted names, as the CLI writes them.
Value SettingsOfBody(const Value& body) {
  Value changes{Value::Object{}};
  for (const ConfigRow& row : kPlainRows) {
    if (const Value* value = body.Find(row.kodo)) changes.Set(row.ours, *value);
  }
  Value sms{Value::Object{}};
  if (const auto enabled = BoolOf(body, "sms_enabled")) sms.Set("enabled", *enabled);
  const Value* twilio = body.Find("twilio");
  for (const std::string_view name : kTwilio) {
    const Value* nested = twilio != nullptr ? twilio->Find(name) : nullptr;
    const Value* dotted = body.Find("twilio." + std::string(name));
    if (nested != nullptr) sms.Set(name, *nested);
    if (dotted != nullptr) sms.Set(name, *dotted);
  }
  if (!sms.AsObject().empty()) changes.Set("sms", std::move(sms));
  return changes;
}

std::string SlugOf(std::string_view name) {
  std::string slug;
  for (const char c : AsciiLower(name)) {
    const bool keeps = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (keeps) {
      slug += c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  while (slug.ends_with('-')) slug.pop_back();
  return slug.empty() ? std::string("organization") : slug;
}

std::string_view ActorWord(model::ActorKind kind) {
  switch (kind) {
    case model::ActorKind::kSystem:
      return "system";
    case model::ActorKind::kApiKey:
      return "api_key";
    case model::ActorKind::kUser:
      return "user";
  }
  return "system";
}

std::optional<model::ActorKind> ParseActorWord(std::string_view word) {
  for (const auto kind :
       {model::ActorKind::kSystem, model::ActorKind::kApiKey, model::ActorKind::kUser}) {
    if (ActorWord(kind) == word) return kind;
  }
  return std::nullopt;
}

void PrintEntry(JsonWriter& json, const model::AuditEntry& entry) {
  json.BeginObject();
  PutText(json, "id", entry.uid);
  PutText(json, "actor_type", ActorWord(entry.actor_kind));
  PutTextOrNull(json, "actor_id", entry.actor_id);
  PutText(json, "actor_label", entry.actor);
  PutText(json, "action", entry.action);
  PutText(json, "resource_type", entry.resource_kind);
  PutTextOrNull(json, "resource_id", entry.resource_id);
  json.Key("changes").Tree(entry.changes);
  json.Key("metadata").Tree(entry.detail.IsObject() ? entry.detail : Value(Value::Object{}));
  PutTime(json, "created_at", entry.at);
  json.EndObject();
}

Result<std::optional<Timestamp>> QueryTime(const http::Request& request, std::string_view name) {
  const std::string text = QueryText(request, name);
  if (text.empty()) return std::optional<Timestamp>();
  const Result<Timestamp> at = ParseIso(text);
  if (!at) return BadField(name, "Invalid datetime");
  return std::optional<Timestamp>(*at);
}

Result<service::AuditQuery> ReadAuditQuery(const http::Request& request) {
  service::AuditQuery query;
  const Paging paging = ReadPaging(request, 50, 200);
  query.limit = paging.limit;
  query.offset = paging.offset;
  query.resource_kind = QueryText(request, "resource_type");
  query.resource_id = QueryText(request, "resource_id");
  query.action = QueryText(request, "action");
  if (const std::string word = QueryText(request, "actor_type"); !word.empty()) {
    query.actor_kind = ParseActorWord(word);
    if (!query.actor_kind) return BadField("actor_type", "Invalid value");
  }
  PHAROS_ASSIGN_OR_RETURN(query.from, QueryTime(request, "from"));
  PHAROS_ASSIGN_OR_RETURN(query.to, QueryTime(request, "to"));
  return query;
}

}  // namespace

Result<std::string> GetConfig(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Value settings,
                          call.services.organisations.Settings(call.who->org));
  return PrintConfig(call, settings);
}

Result<std::string> UpdateConfig(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckChange(ConfigBody(), call.body));
  const auto zone = TextOf(call.body, "timezone");
  if (zone && !IsTimeZone(*zone)) return BadField("timezone", "Invalid value");
  PHAROS_ASSIGN_OR_RETURN(const Value settings, call.services.organisations.PutSettings(
                                                    *call.who, SettingsOfBody(call.body)));
  return PrintConfig(call, settings);
}

Result<std::string> GetOrganization(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto org, call.services.organisations.Get(*call.who));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("organization").BeginObject();
  PutText(json, "id", "org_" + EncodeOpaqueId("organisation", org.id.value()));
  PutText(json, "name", org.name);
  PutText(json, "slug", SlugOf(org.name));
  PutText(json, "plan", org.plan.empty() ? "unlimited" : org.plan);
  PutTime(json, "created_at", org.created_at);
  json.EndObject().EndObject();
  return out;
}

Result<std::string> ReadAuditLog(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto query, ReadAuditQuery(call.request));
  PHAROS_ASSIGN_OR_RETURN(const auto page, call.services.audit.List(*call.who, query));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("entries").BeginList();
  for (const model::AuditEntry& entry : page.entries) PrintEntry(json, entry);
  json.EndList();
  json.Key("total").Int(page.total);
  json.Key("limit").Int(query.limit).Key("offset").Int(query.offset);
  json.EndObject();
  return out;
}

}  // namespace pharos::api::kodo
