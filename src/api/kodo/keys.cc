#include "api/kodo/keys.h"

#include <algorithm>
#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/scopes.h"
#include "api/kodo/shapes_core.h"
#include "base/text.h"
#include "service/keys.h"

namespace pharos::api::kodo {
namespace {

constexpr std::string_view kWhat = "API key";
constexpr std::string_view kDialect = "kodo";

// `text` is the key itself, empty for every reply but that of its making.
void PrintKey(JsonWriter& json, const model::ApiKey& key, std::string_view text = {}) {
  json.BeginObject();
  PutText(json, "id", key.uid);
  PutText(json, "name", key.name);
  if (!text.empty()) PutText(json, "key", text);
  PutText(json, "key_prefix", key.prefix);
  json.Key("scopes").BeginList();
  for (const std::string& scope : key.scopes) json.String(scope);
  json.EndList();
  json.Key("enabled").Bool(!key.disabled_at.has_value());
  PutTimeOrNull(json, "expires_at", key.expires_at);
  PutTimeOrNull(json, "last_used_at", key.last_used_at);
  PutTime(json, "created_at", key.created_at);
  json.EndObject();
}

// Absent stays absent, which for a new key means everything. The shapes refuse an empty list:
// whoever takes every scope away must not be answered with all of them.
Result<std::optional<std::vector<std::string>>> ScopesOfBody(const Value& body) {
  std::optional<std::vector<std::string>> scopes = TextsOf(body, "scopes");
  Error error(ErrorKind::kInvalid, "Invalid scope");
  for (const std::string& scope : scopes.value_or(std::vector<std::string>())) {
    if (!IsKnownScope(scope)) error.fields.push_back({"scopes", "Invalid scope: " + scope});
  }
  if (!error.fields.empty()) return error;
  return scopes;
}

Status CheckExpiry(const Call& call, const Value& body) {
  const auto at = TimeOf(body, "expires_at");
  if (at && *at <= call.clock.Now()) return BadField("expires_at", "Must be in the future");
  return Ok();
}

Result<model::ApiKey> OfPath(const Call& call) {
  auto found = call.services.key_rows.Find(call.who->org, PathId(call));
  if (!found) return NotFoundAs(std::move(found).error(), kWhat);
  if (found->dialect != kDialect || found->revoked_at) return NotFound(kWhat);
  return found;
}

Error OwnKey() { return BadRequest("Cannot modify the key used for this request"); }

Error NameTaken(Error error) {
  if (error.kind == ErrorKind::kConflict) error.message = "An API key with this name exists";
  return error;
}

}  // namespace

bool IsKnownScope(std::string_view scope) {
  if (scope == "*:*" || scope == "*:read" || scope == "*:write") return true;
  return std::any_of(kScopes.begin(), kScopes.end(), [&](std::string_view known) {
    const size_t colon = known.find(':');
    return scope == known ||
           (scope.ends_with(":*") && scope.substr(0, scope.size() - 2) == known.substr(0, colon));
  });
}

Result<std::string> ListKeys(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto keys, call.services.key_rows.List(call.who->org));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("api_keys").BeginList();
  for (auto it = keys.rbegin(); it != keys.rend(); ++it) {
    if (it->dialect == kDialect && !it->revoked_at) PrintKey(json, *it);
  }
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateKey(Call& call) {
  const Value& body = call.body;
  PHAROS_RETURN_IF_ERROR(CheckCreate(KeyBody(), body));
  PHAROS_RETURN_IF_ERROR(CheckExpiry(call, body));
  PHAROS_ASSIGN_OR_RETURN(const auto scopes, ScopesOfBody(body));
  service::NewKey wanted;
  wanted.dialect = std::string(kDialect);
  wanted.name = std::string(Trim(TextOf(body, "name").value_or(std::string())));
  wanted.scopes = scopes.value_or(std::vector<std::string>());
  wanted.expires_at = TimeOf(body, "expires_at");
  auto made = call.services.key_rows.Create(*call.who, wanted);
  if (!made) return NameTaken(std::move(made).error());
  std::string out;
  JsonWriter json(out);
  PrintKey(json, made->key, made->text.Reveal());
  return out;
}

Result<std::string> UpdateKey(Call& call) {
  const Value& body = call.body;
  PHAROS_RETURN_IF_ERROR(CheckChange(KeyChangeBody(), body));
  PHAROS_RETURN_IF_ERROR(CheckExpiry(call, body));
  service::KeyChange change;
  PHAROS_ASSIGN_OR_RETURN(change.scopes, ScopesOfBody(body));
  PHAROS_ASSIGN_OR_RETURN(const model::ApiKey key, OfPath(call));
  change.enabled = BoolOf(body, "enabled");
  if (key.uid == call.who->uid && change.enabled == false) return OwnKey();
  change.name = TextOf(body, "name");
  if (Has(body, "expires_at")) change.expires_at = TimeOf(body, "expires_at");
  auto changed = call.services.key_rows.Update(*call.who, key.uid, change);
  if (!changed) return NameTaken(NotFoundAs(std::move(changed).error(), kWhat));
  std::string out;
  JsonWriter json(out);
  PrintKey(json, *changed);
  return out;
}

Result<std::string> DeleteKey(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::ApiKey key, OfPath(call));
  if (key.uid == call.who->uid) return OwnKey();
  if (Status gone = call.services.key_rows.Delete(*call.who, key.uid); !gone) {
    return NotFoundAs(std::move(gone).error(), kWhat);
  }
  return std::string(kSuccess);
}

}  // namespace pharos::api::kodo
