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

namespace pharos::service {
namespace {

constexpr std::array<KeyFormat, 4> kFormats = {{
    {"kener_v4", "kener_", 64, 10},
    {"kener_classic", "kener_", 64, 10},
    {"kodo", "kodo_", 40, 11},
    {"is0k", "is0k_live_", 40, 14},
}};

constexpr Duration kNoteEvery = Minutes(1);
constexpr size_t kMaxScopes = 64;
constexpr Duration kLookAgainEvery = Milliseconds(20);

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

Status CheckWanted(const NewKey& wanted) {
  if (FindKeyFormat(wanted.dialect) == nullptr) {
    return Error::Field("dialect", "dialect must be one of: kener_v4, kener_classic, kodo, is0k");
  }
  const std::string_view name = Trim(wanted.name);
  if (name.empty() || name.size() > 100) {
    return Error::Field("name", "name must have 1 to 100 characters");
  }
  // Names are shown in terminals and logs.
  if (!IsValidUtf8(name) || std::any_of(name.begin(), name.end(), IsControl)) {
    return Error::Field("name", "name must be readable text without control characters");
  }
  if (wanted.scopes.size() > kMaxScopes) return Error::Field("scopes", "too many scopes");
  for (const std::string& scope : wanted.scopes) {
    if (!IsValidScope(scope)) {
      return Error::Field("scopes", "scope '" + scope + "' is not of the form resource:action");
    }
  }
  return Ok();
}

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

Result<CreatedKey> KeyService::Create(model::OrgId org, std::string_view actor,
                                      const NewKey& wanted) {
  PHAROS_RETURN_IF_ERROR(CheckWanted(wanted));
  const KeyFormat& format = *FindKeyFormat(wanted.dialect);
  std::string text(format.prefix);
  text += HexLower(RandomBytes(static_cast<size_t>(format.hex_digits) / 2));
  model::ApiKey key;
  key.org = org;
  key.dialect = wanted.dialect;
  key.name = std::string(Trim(wanted.name));
  key.prefix = text.substr(0, static_cast<size_t>(format.shown_prefix));
  key.sha256 = Sha256(text);
  key.scopes = wanted.scopes.empty() ? std::vector<std::string>{"*:*"} : wanted.scopes;
  key.expires_at = wanted.expires_at;
  key.created_at = clock_.Now();
  model::ApiKey stored;
  PHAROS_RETURN_IF_ERROR(store_.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(stored, store_.keys().Insert(tx, key));
    return store_.audit().Insert(
        tx, MakeAudit(Actor(org, actor), "key.create", "key:" + key.name, key.created_at));
  }));
  return CreatedKey{std::move(stored), Secret(std::move(text))};
}

Result<std::vector<model::ApiKey>> KeyService::List(model::OrgId org) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, store_.Read());
  return store_.keys().List(*session, org);
}

Status KeyService::Revoke(model::OrgId org, std::string_view actor, std::string_view dialect,
                          std::string_view id_or_name) {
  const std::optional<int64_t> id = ParseInt(id_or_name);
  return store_.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(auto keys, store_.keys().List(tx, org));
    for (model::ApiKey& key : keys) {
      if (key.revoked_at || (!dialect.empty() && key.dialect != dialect)) continue;
      if (key.name != id_or_name && !(id && key.id.value() == *id)) continue;
      key.revoked_at = clock_.Now();
      PHAROS_RETURN_IF_ERROR(store_.keys().Update(tx, key));
      return store_.audit().Insert(
          tx, MakeAudit(Actor(org, actor), "key.revoke", "key:" + key.name, *key.revoked_at));
    }
    return Error(ErrorKind::kNotFound, "no living key '" + std::string(id_or_name) + "'");
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

bool KeyVerifier::MayLookAgain() {
  const int64_t now = clock_.Monotonic().time_since_epoch().count();
  int64_t last = looked_at_us_.load();
  return now - last >= kLookAgainEvery.count() && looked_at_us_.compare_exchange_strong(last, now);
}

Status KeyVerifier::Reload() {
  PHAROS_ASSIGN_OR_RETURN(auto session, store_.Read());
  PHAROS_ASSIGN_OR_RETURN(auto keys, store_.keys().ListAll(*session));
  ByHash by_hash;
  for (model::ApiKey& key : keys) {
    auto verified = std::make_shared<VerifiedKey>();
    verified->principal = {key.org, key.id, key.name, key.dialect, key.scopes};
    verified->key = std::move(key);
    by_hash.emplace(verified->key.sha256, std::move(verified));
  }
  keys_.Write([&](ByHash& image) { image = std::move(by_hash); });
  return Ok();
}

}  // namespace pharos::service
