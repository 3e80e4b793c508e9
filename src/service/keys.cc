#include "service/keys.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"
#include "service/audit.h"
#include "store/audit_store.h"
#include "store/key_store.h"
#include "store/organisation_store.h"

namespace pharos::service {
namespace {

using Alphabet = KeyFormat::Alphabet;

// kodo.md 2.2, is0k.md 1.3, kener-classic.md 3.1
constexpr std::array<KeyFormat, 5> kFormats = {{
    {"kener_v4", "kener_", 64, Alphabet::kHex, 10},
    {"kener_classic", "kener_", 64, Alphabet::kHex, 10},
    {"kodo", "kodo_", 40, Alphabet::kBase62, 11, ".."},
    {"is0k", "is0k_live_", 32, Alphabet::kBase62, 10, "...", 4},
    {"console", "pharos_", 40, Alphabet::kBase62, 13, "..."},
}};

constexpr Duration kNoteEvery = Minutes(1);
constexpr size_t kMaxScopes = 64;
constexpr size_t kMaxRateClass = 32;

std::string RandomBase62(size_t length) {
  constexpr std::string_view kDigits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string text;
  while (text.size() < length) {
    for (const char c : RandomBytes(length)) {
      // 248 = 4 * 62: above that, some digits would be likelier than others.
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 248 && text.size() < length) text += kDigits[byte % 62];
    }
  }
  return text;
}

std::string NewText(const KeyFormat& format) {
  const auto length = static_cast<size_t>(format.random_length);
  std::string text(format.prefix);
  switch (format.alphabet) {
    case Alphabet::kHex:
      return text + HexLower(RandomBytes(length / 2));
    case Alphabet::kBase62:
      return text + RandomBase62(length);
  }
  return text;
}

model::Principal Actor(model::OrgId org, std::string_view name) {
  model::Principal who;
  who.org = org;
  who.name = std::string(name);
  return who;
}

bool IsScopeWord(std::string_view word) {
  if (word == "*") return true;
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

Status CheckName(std::string_view raw) {
  const std::string_view name = Trim(raw);
  if (name.empty() || name.size() > 100) {
    return Error::Field("name", "name must have 1 to 100 characters");
  }
  // Names are shown in terminals and logs.
  if (!IsValidUtf8(name) || std::any_of(name.begin(), name.end(), IsControl)) {
    return Error::Field("name", "name must be readable text without control characters");
  }
  return Ok();
}

Status CheckScopes(const std::vector<std::string>& scopes) {
  if (scopes.size() > kMaxScopes) return Error::Field("scopes", "too many scopes");
  for (const std::string& scope : scopes) {
    if (!IsValidScope(scope)) {
      return Error::Field("scopes", "scope '" + scope + "' is not of the form resource:action");
    }
  }
  return Ok();
}

Status CheckRateClass(std::string_view name) {
  if (name.size() <= kMaxRateClass && (name.empty() || IsScopeWord(name))) return Ok();
  return Error::Field("rate_class", "rate_class must be a word of lower-case letters and digits");
}

Status CheckWanted(const NewKey& wanted) {
  if (FindKeyFormat(wanted.dialect) == nullptr) {
    return Error::Field("dialect",
                        "dialect must be one of: kener_v4, kener_classic, kodo, is0k, console");
  }
  PHAROS_RETURN_IF_ERROR(CheckName(wanted.name));
  PHAROS_RETURN_IF_ERROR(CheckScopes(wanted.scopes));
  return CheckRateClass(wanted.rate_class);
}

AuditedThing Audited(const model::ApiKey& key) { return {"api_key", key.uid}; }

Value ScopeList(const model::ApiKey& key) {
  return Value::List(key.scopes.begin(), key.scopes.end());
}

Value TimeText(const std::optional<Timestamp>& t) {
  return t ? Value(FormatIsoMillis(*t)) : Value();
}

// The key as changed, and what the audit log says of it.
Value Apply(const KeyChange& change, Timestamp now, model::ApiKey& key) {
  const model::ApiKey before = key;
  if (change.enabled && *change.enabled == key.disabled_at.has_value()) {
    key.disabled_at = *change.enabled ? std::optional<Timestamp>() : now;
  }
  if (change.name) key.name = std::string(Trim(*change.name));
  if (change.scopes) key.scopes = *change.scopes;
  if (change.expires_at) key.expires_at = *change.expires_at;
  if (change.rate_class) key.rate_class = *change.rate_class;
  Value changes;
  AddChange(changes, "enabled", !before.disabled_at, !key.disabled_at);
  AddChange(changes, "name", before.name, key.name);
  AddChange(changes, "scopes", ScopeList(before), ScopeList(key));
  AddChange(changes, "expires_at", TimeText(before.expires_at), TimeText(key.expires_at));
  AddChange(changes, "rate_class", before.rate_class, key.rate_class);
  return changes;
}

const model::ApiKey* ByUid(const std::vector<model::ApiKey>& keys, std::string_view uid) {
  const auto it = std::find_if(keys.begin(), keys.end(),
                               [&](const model::ApiKey& key) { return key.uid == uid; });
  return it == keys.end() || uid.empty() ? nullptr : &*it;
}

const model::ApiKey* ByWord(const std::vector<model::ApiKey>& keys, std::string_view dialect,
                            std::string_view word, bool living) {
  const std::optional<int64_t> id = ParseInt(word);
  const auto it = std::find_if(keys.begin(), keys.end(), [&](const model::ApiKey& key) {
    if (living == key.revoked_at.has_value()) return false;
    if (!dialect.empty() && key.dialect != dialect) return false;
    return key.name == word || key.uid == word || (id && key.id.value() == *id);
  });
  return it == keys.end() ? nullptr : &*it;
}

Error NoSuchKey() { return Error(ErrorKind::kNotFound, "API key not found"); }

}  // namespace

bool IsValidScope(std::string_view scope) {
  const size_t colon = scope.find(':');
  return colon != std::string_view::npos && scope.size() <= 64 &&
         IsScopeWord(scope.substr(0, colon)) && IsScopeWord(scope.substr(colon + 1));
}

const KeyFormat* FindKeyFormat(std::string_view dialect) {
  for (const KeyFormat& format : kFormats) {
    if (format.dialect == dialect) return &format;
  }
  return nullptr;
}

std::string ShownPart(const KeyFormat& format, std::string_view text) {
  std::string shown(text.substr(0, static_cast<size_t>(format.shown_front)));
  shown += format.shown_middle;
  const auto back = static_cast<size_t>(format.shown_back);
  if (text.size() >= back) shown += text.substr(text.size() - back);
  return shown;
}

Status KeyService::Change(const std::function<Status(store::Transaction&)>& change) {
  PHAROS_RETURN_IF_ERROR(store_.Write(change));
  return verifier_ != nullptr ? verifier_->Reload() : Ok();
}

Result<CreatedKey> KeyService::Create(model::OrgId org, std::string_view actor,
                                      const NewKey& wanted) {
  return Create(Actor(org, actor), wanted);
}

Result<CreatedKey> KeyService::Create(const model::Principal& who, const NewKey& wanted) {
  PHAROS_RETURN_IF_ERROR(CheckWanted(wanted));
  const KeyFormat& format = *FindKeyFormat(wanted.dialect);
  std::string text = NewText(format);
  model::ApiKey key;
  key.org = who.org;
  key.uid = RandomUuid();
  key.dialect = wanted.dialect;
  key.name = std::string(Trim(wanted.name));
  key.prefix = ShownPart(format, text);
  key.sha256 = Sha256(text);
  key.scopes = wanted.scopes.empty() ? std::vector<std::string>{"*:*"} : wanted.scopes;
  key.rate_class = wanted.rate_class;
  key.expires_at = wanted.expires_at;
  key.created_at = clock_.Now();
  model::ApiKey stored;
  PHAROS_RETURN_IF_ERROR(Change([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(stored, store_.keys().Insert(tx, key));
    Value detail;
    detail.Set("name", stored.name);
    return store_.audit().Insert(tx, MakeAudit(who, "api_key.created", Audited(stored),
                                               stored.created_at, {}, std::move(detail)));
  }));
  return CreatedKey{std::move(stored), Secret(std::move(text))};
}

Result<std::vector<model::ApiKey>> KeyService::List(model::OrgId org) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, store_.Read());
  return store_.keys().List(*session, org);
}

Result<model::ApiKey> KeyService::Find(model::OrgId org, std::string_view uid) const {
  PHAROS_ASSIGN_OR_RETURN(const auto keys, List(org));
  const model::ApiKey* key = ByUid(keys, uid);
  if (key == nullptr) return NoSuchKey();
  return *key;
}

Result<model::ApiKey> KeyService::FindByWord(model::OrgId org, std::string_view dialect,
                                             std::string_view word) const {
  PHAROS_ASSIGN_OR_RETURN(const auto keys, List(org));
  const model::ApiKey* key = ByWord(keys, dialect, word, true);
  if (key == nullptr) key = ByWord(keys, dialect, word, false);
  if (key == nullptr) return Error(ErrorKind::kNotFound, "no key '" + std::string(word) + "'");
  return *key;
}

Result<model::ApiKey> KeyService::Update(const model::Principal& who, std::string_view uid,
                                         const KeyChange& change) {
  if (change.name) PHAROS_RETURN_IF_ERROR(CheckName(*change.name));
  if (change.scopes) {
    // Never everything by way of nothing, as at creation.
    if (change.scopes->empty()) return Error::Field("scopes", "scopes must not be empty");
    PHAROS_RETURN_IF_ERROR(CheckScopes(*change.scopes));
  }
  if (change.rate_class) PHAROS_RETURN_IF_ERROR(CheckRateClass(*change.rate_class));
  model::ApiKey updated;
  PHAROS_RETURN_IF_ERROR(Change([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(const auto keys, store_.keys().List(tx, who.org));
    const model::ApiKey* key = ByUid(keys, uid);
    if (key == nullptr || key->revoked_at) return NoSuchKey();
    updated = *key;
    const Timestamp now = clock_.Now();
    Value changes = Apply(change, now, updated);
    if (changes.IsNull()) return Ok();
    PHAROS_RETURN_IF_ERROR(store_.keys().Update(tx, updated));
    return store_.audit().Insert(
        tx, MakeAudit(who, "api_key.updated", Audited(updated), now, std::move(changes)));
  }));
  return updated;
}

Status KeyService::Delete(const model::Principal& who, std::string_view uid) {
  return Change([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(const auto keys, store_.keys().List(tx, who.org));
    const model::ApiKey* key = ByUid(keys, uid);
    if (key == nullptr) return NoSuchKey();
    PHAROS_RETURN_IF_ERROR(store_.keys().Delete(tx, who.org, key->id));
    Value detail;
    detail.Set("name", key->name);
    return store_.audit().Insert(
        tx, MakeAudit(who, "api_key.deleted", Audited(*key), clock_.Now(), {}, std::move(detail)));
  });
}

Status KeyService::Revoke(model::OrgId org, std::string_view actor, std::string_view dialect,
                          std::string_view word) {
  return Change([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(const auto keys, store_.keys().List(tx, org));
    const model::ApiKey* found = ByWord(keys, dialect, word, true);
    if (found == nullptr) {
      return Error(ErrorKind::kNotFound, "no living key '" + std::string(word) + "'");
    }
    model::ApiKey key = *found;
    key.revoked_at = clock_.Now();
    PHAROS_RETURN_IF_ERROR(store_.keys().Update(tx, key));
    return store_.audit().Insert(
        tx, MakeAudit(Actor(org, actor), "api_key.revoked", Audited(key), *key.revoked_at));
  });
}

std::shared_ptr<const VerifiedKey> KeyVerifier::Find(std::string_view text) const {
  if (text.empty() || text.size() > 512) return nullptr;
  const std::string hash = Sha256(text);
  return keys_.Read([&](const ByHash& keys) -> std::shared_ptr<const VerifiedKey> {
    const auto it = keys.find(hash);
    if (it == keys.end() || !ConstantTimeEquals(it->second->key.sha256, hash)) return nullptr;
    return it->second;
  });
}

Status KeyVerifier::CheckUsable(const VerifiedKey& key, Timestamp now) {
  if (key.key.revoked_at) return Error(ErrorKind::kKeyRevoked, "API key revoked");
  if (key.key.disabled_at) return Error(ErrorKind::kKeyDisabled, "API key disabled");
  if (key.key.expires_at && *key.key.expires_at <= now) {
    return Error(ErrorKind::kKeyExpired, "API key expired");
  }
  return Ok();
}

void KeyVerifier::NoteUse(const VerifiedKey& key) {
  const Timestamp now = clock_.Now();
  // Nearly always somebody noted it just now, which a shared lock tells.
  const bool fresh = noted_.Read([&](const auto& noted) {
    const auto it = noted.find(key.key.id);
    return it != noted.end() && now - it->second < kNoteEvery;
  });
  if (fresh) return;
  const bool due = noted_.Write([&](auto& noted) {
    Timestamp& last = noted[key.key.id];
    if (now - last < kNoteEvery) return false;
    last = now;
    return true;
  });
  if (!due) return;
  // Not through `this`: the store may run it when the verifier is gone.
  store_.WriteAsync([&store = store_, id = key.key.id, now](
                        store::Transaction& tx) { return store.keys().TouchLastUsed(tx, id, now); },
                    [](Status status) {
                      if (!status) LogError("last use of a key was not noted", status.error());
                    });
}

Status KeyVerifier::Reload() {
  std::lock_guard lock(reloading_);
  PHAROS_ASSIGN_OR_RETURN(auto session, store_.Read());
  PHAROS_ASSIGN_OR_RETURN(auto keys, store_.keys().ListAll(*session));
  PHAROS_ASSIGN_OR_RETURN(const auto organisations, store_.organisations().List(*session));
  std::unordered_map<model::OrgId, std::string> plans;
  for (const model::Organisation& org : organisations) plans.emplace(org.id, org.plan);
  ByHash by_hash;
  for (model::ApiKey& key : keys) {
    auto verified = std::make_shared<VerifiedKey>();
    model::Principal& principal = verified->principal;
    principal.org = key.org;
    principal.key = key.id;
    principal.uid = key.uid;
    principal.name = key.name;
    principal.dialect = key.dialect;
    principal.scopes = key.scopes;
    principal.plan = key.rate_class.empty() ? plans[key.org] : key.rate_class;
    verified->key = std::move(key);
    by_hash.emplace(verified->key.sha256, std::move(verified));
  }
  keys_.Write([&](ByHash& image) { image = std::move(by_hash); });
  return Ok();
}

}  // namespace pharos::service
