#include "api/kener_v4/site.h"

#include <string_view>
#include <utility>

#include "api/kener_v4/envelope.h"
#include "api/kener_v4/site_keys.h"
#include "base/json.h"
#include "base/text.h"
#include "service/site.h"

namespace pharos::api::kener_v4 {
namespace {

// Undecodable paths were refused before.
std::string KeyOf(const Call& call) {
  return PercentDecode(call.params.Find("config_key")).value_or(std::string());
}

void PrintEntry(JsonWriter& json, std::string_view key, const Value& value, std::string_view type) {
  json.BeginObject();
  json.Key("key").String(key).Key("value").Tree(value).Key("data_type").String(type);
  json.EndObject();
}

}  // namespace

Result<std::string> ListSite(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto entries, call.services.site.List(call.who->org));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("site_data").BeginList();
  for (const service::SiteEntry& entry : entries) {
    PrintEntry(json, entry.key, entry.value, entry.type);
  }
  json.EndList().EndObject();
  return out;
}

Status CheckSiteKey(Call& call) {
  const std::string key = KeyOf(call);
  if (FindSiteKey(key) != nullptr) return Ok();
  return NotFound("Config key '" + key + "' is not a valid configuration key");
}

Result<std::string> GetSiteKey(Call& call) {
  const std::string key = KeyOf(call);
  PHAROS_ASSIGN_OR_RETURN(const auto entry, call.services.site.Find(call.who->org, key));
  if (!entry) return NotFound("Config key '" + key + "' not found");
  std::string out;
  JsonWriter json(out);
  PrintEntry(json, entry->key, entry->value, entry->type);
  return out;
}

Result<std::string> SetSiteKey(Call& call) {
  const std::string name = KeyOf(call);
  const SiteKey& key = *FindSiteKey(name);
  const Value* value = call.body.Find("value");
  if (value == nullptr) return BadRequest("Value is required");
  Value stored = StoredForm(key, *value);
  if (!IsAllowed(key, stored)) return BadRequest("Invalid value for config key '" + name + "'");
  // The answer always names the type that the key has today, whatever an old row says (13.2).
  const std::string type = key.is_object ? "object" : "string";
  std::string out;
  JsonWriter json(out);
  PrintEntry(json, name, stored, type);
  PHAROS_RETURN_IF_ERROR(call.services.site.Put(*call.who, {name, std::move(stored), type}));
  return out;
}

}  // namespace pharos::api::kener_v4
