#include "service/secrets.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"
#include "service/audit.h"
#include "store/audit_store.h"
#include "store/organisation_store.h"
#include "store/secret_store.h"

namespace pharos::service {
namespace {

constexpr size_t kMarkBytes = 8;

// Tells keys apart without saying anything of them.
std::string MarkOf(const Secret& key) {
  return Sha256("pharos secret key " + key.Reveal()).substr(0, kMarkBytes);
}

// A sealed value opens only under the organisation and the name that it was made for.
std::string Bound(model::OrgId org, std::string_view name) {
  return "pharos secret " + std::to_string(org.value()) + " " + std::string(name);
}

const Secret* KeyOf(const std::vector<Secret>& keys, std::string_view mark) {
  const auto it = std::find_if(keys.begin(), keys.end(),
                               [&](const Secret& key) { return MarkOf(key) == mark; });
  return it == keys.end() ? nullptr : &*it;
}

Error KeyIsMissing(const SecretKeys& keys, size_t secrets, bool has_other) {
  const std::string where = "'" + keys.Place() + "'";
  return Error::Field(
      "secrets", (has_other ? "the key in " + where + " is not the one that "
                            : "there is no key in " + where + ", but with one ") +
                     std::to_string(secrets) +
                     " secrets in the database were encrypted; put the right key file there, or "
                     "delete these secrets (pharos secret delete) and set them again");
}

SecretInfo InfoOf(const model::StoredSecret& secret) {
  return {secret.name, secret.created_at, secret.updated_at};
}

AuditedThing Audited(std::string_view name) { return {"secret", std::string(name)}; }

Status CheckName(std::string_view name) {
  if (IsSecretName(name)) return Ok();
  return Error::Field("name",
                      "name must be a letter or '_', then letters, digits and '_', 64 at most");
}

Status CheckValue(const Secret& value) {
  const size_t size = value.Reveal().size();
  if (size < kMinSecretBytes) {
    return Error::Field("value",
                        "value must have at least 4 bytes; a shorter one could not be kept out of "
                        "messages");
  }
  if (size > kMaxSecretBytes) return Error::Field("value", "value must have at most 16384 bytes");
  if (value.Reveal().find('\0') != std::string::npos) {
    return Error::Field("value", "value must not contain a zero byte");
  }
  return Ok();
}

}  // namespace

bool IsSecretName(std::string_view name) {
  if (name.empty() || name.size() > kMaxSecretName) return false;
  if (name.front() >= '0' && name.front() <= '9') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::optional<std::string> SecretVault::Find(model::OrgId org, std::string_view name) const {
  const std::shared_ptr<const Image> image = image_.Read([](const auto& held) { return held; });
  if (const auto own = image->secrets.find(org); own != image->secrets.end()) {
    if (const auto it = own->second.find(name); it != own->second.end()) {
      const auto key = image->keys.find(it->second.key_mark);
      if (key == image->keys.end()) return std::nullopt;
      const auto value = Unseal(key->second, it->second.sealed, Bound(org, name));
      if (!value) return std::nullopt;
      return value->Reveal();
    }
  }
  // What the operator gives to the program is not for everybody who has an account on it.
  if (org != image->environment_org || !environment_) return std::nullopt;
  return environment_(name);
}

bool SecretVault::Image::Has(const model::StoredSecret& row) const {
  const auto own = secrets.find(row.org);
  if (own == secrets.end()) return false;
  const auto it = own->second.find(row.name);
  return it != own->second.end() && it->second.sealed == row.sealed;
}

Status SecretVault::Reload() {
  std::lock_guard lock(reloading_);
  auto image = std::make_shared<Image>();
  PHAROS_ASSIGN_OR_RETURN(auto session, store_.Read());
  PHAROS_ASSIGN_OR_RETURN(auto rows, store_.secrets().ListAll(*session));
  PHAROS_ASSIGN_OR_RETURN(const auto first, store_.organisations().LoadByName(*session, "default"));
  session.reset();
  image->environment_org = first.id;
  if (!rows.empty()) {
    PHAROS_ASSIGN_OR_RETURN(const auto keys, keys_.Load());
    for (const Secret& key : keys) image->keys.emplace(MarkOf(key), key);
    const auto lost = std::count_if(rows.begin(), rows.end(), [&](const auto& row) {
      return !image->keys.contains(row.key_mark);
    });
    if (lost > 0) return KeyIsMissing(keys_, static_cast<size_t>(lost), !keys.empty());
  }
  const auto before = image_.Read([](const auto& held) { return held; });
  size_t damaged = 0;
  std::string first_damaged;
  for (model::StoredSecret& row : rows) {
    const std::string bound = Bound(row.org, row.name);
    // What was there before was looked at and told of then.
    if (!before->Has(row) && !Unseal(image->keys.at(row.key_mark), row.sealed, bound)) {
      if (damaged++ == 0) first_damaged = row.name;
    }
    image->secrets[row.org].insert_or_assign(row.name, std::move(row));
  }
  if (damaged > 0) {
    Log(LogLevel::kError, "secrets are damaged and will not be found; set them again",
        {{"count", damaged}, {"first", first_damaged}});
  }
  image_.Write([&](auto& held) { held = std::move(image); });
  return Ok();
}

Status SecretService::Change(const std::function<Status(store::Transaction&)>& change) {
  PHAROS_RETURN_IF_ERROR(store_.Write(change));
  return vault_ != nullptr ? vault_->Reload() : Ok();
}

Result<std::vector<SecretInfo>> SecretService::List(const model::Principal& who) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, store_.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto rows, store_.secrets().List(*session, who.org));
  std::vector<SecretInfo> infos;
  for (const model::StoredSecret& row : rows) infos.push_back(InfoOf(row));
  return infos;
}

// Read inside the transaction, which a rotation by another process cannot overlap: what is sealed
// here is sealed with a key that stays or is sealed anew by it.
Result<std::vector<Secret>> SecretService::KeysFor(store::Session& session) {
  PHAROS_ASSIGN_OR_RETURN(auto keys, keys_.Load());
  PHAROS_ASSIGN_OR_RETURN(const auto rows, store_.secrets().ListAll(session));
  size_t lost = 0;
  for (const auto& row : rows) lost += KeyOf(keys, row.key_mark) == nullptr ? 1 : 0;
  // A fresh key beside secrets of a lost one would hide that it is lost.
  if (lost > 0) return KeyIsMissing(keys_, lost, !keys.empty());
  return keys;
}

Result<SecretInfo> SecretService::Set(const model::Principal& who, std::string_view name,
                                      const Secret& value) {
  PHAROS_RETURN_IF_ERROR(CheckName(name));
  PHAROS_RETURN_IF_ERROR(CheckValue(value));
  model::StoredSecret row;
  PHAROS_RETURN_IF_ERROR(Change([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(auto keys, KeysFor(tx));
    if (keys.empty()) {
      keys.emplace_back(RandomBytes(kSealKeyBytes));
      PHAROS_RETURN_IF_ERROR(keys_.Save(keys));
    }
    PHAROS_ASSIGN_OR_RETURN(const auto before, store_.secrets().Find(tx, who.org, name));
    PHAROS_ASSIGN_OR_RETURN(const auto all, store_.secrets().List(tx, who.org));
    if (!before && all.size() >= kMaxSecrets) {
      return Error(ErrorKind::kConflict, "there are 1000 secrets already; delete some first");
    }
    const Timestamp now = clock_.Now();
    row = {who.org,
           std::string(name),
           MarkOf(keys.front()),
           Seal(keys.front(), value.Reveal(), Bound(who.org, name)),
           before ? before->created_at : now,
           now};
    PHAROS_RETURN_IF_ERROR(store_.secrets().Upsert(tx, row));
    const std::string_view action = before ? "secret.changed" : "secret.created";
    return store_.audit().Insert(tx, MakeAudit(who, action, Audited(name), now));
  }));
  return InfoOf(row);
}

Status SecretService::Delete(const model::Principal& who, std::string_view name) {
  const Status deleted = store_.Write([&](store::Transaction& tx) -> Status {
    const Status gone = store_.secrets().Delete(tx, who.org, name);
    if (!gone && gone.error().kind == ErrorKind::kNotFound) {
      return Error(ErrorKind::kNotFound,
                   "there is no secret '" + Ellipsize(SanitizeUtf8(name), 100) + "'");
    }
    PHAROS_RETURN_IF_ERROR(gone);
    return store_.audit().Insert(tx, MakeAudit(who, "secret.deleted", Audited(name), clock_.Now()));
  });
  PHAROS_RETURN_IF_ERROR(deleted);
  if (vault_ == nullptr) return Ok();
  // Others may still lack their key; this one is gone all the same.
  if (const Status status = vault_->Reload(); !status) {
    LogError("secrets could not be reloaded", status.error());
  }
  return Ok();
}

Status SecretService::Reseal(store::Transaction& tx, const std::vector<Secret>& keys,
                             size_t& count) {
  count = 0;
  PHAROS_ASSIGN_OR_RETURN(auto rows, store_.secrets().ListAll(tx));
  for (model::StoredSecret& row : rows) {
    const Secret* key = KeyOf(keys, row.key_mark);
    const std::string bound = Bound(row.org, row.name);
    const auto value = key != nullptr ? Unseal(*key, row.sealed, bound) : std::nullopt;
    if (!value) {
      return Error::Field("secrets", "secret '" + row.name +
                                         "' cannot be opened; delete it or put its key back, then "
                                         "rotate again");
    }
    row.key_mark = MarkOf(keys.front());
    row.sealed = Seal(keys.front(), value->Reveal(), bound);
    PHAROS_RETURN_IF_ERROR(store_.secrets().Upsert(tx, row));
    ++count;
  }
  return Ok();
}

// Both keys first, then the secrets, then the new key alone: whenever it ends, what is needed is
// there. The last step is in a transaction too, so that nobody seals with the old key meanwhile.
Result<size_t> SecretService::Rotate(const model::Principal& who) {
  std::vector<Secret> keys;
  size_t count = 0;
  PHAROS_RETURN_IF_ERROR(store_.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(keys, KeysFor(tx));
    PHAROS_ASSIGN_OR_RETURN(const auto rows, store_.secrets().ListAll(tx));
    // Left by rotations that did not come to their end; nothing is sealed with them.
    std::erase_if(keys, [&](const Secret& key) {
      const std::string mark = MarkOf(key);
      return std::none_of(rows.begin(), rows.end(),
                          [&](const auto& row) { return row.key_mark == mark; });
    });
    keys.insert(keys.begin(), Secret(RandomBytes(kSealKeyBytes)));
    return keys_.Save(keys);
  }));
  PHAROS_RETURN_IF_ERROR(Change([&](store::Transaction& tx) -> Status {
    PHAROS_RETURN_IF_ERROR(Reseal(tx, keys, count));
    Value detail;
    detail.Set("secrets", static_cast<int64_t>(count));
    return store_.audit().Insert(
        tx, MakeAudit(who, "secret.key_rotated", Audited(""), clock_.Now(), {}, std::move(detail)));
  }));
  const std::string mark = MarkOf(keys.front());
  PHAROS_RETURN_IF_ERROR(store_.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(const auto rows, store_.secrets().ListAll(tx));
    const bool all = std::all_of(rows.begin(), rows.end(),
                                 [&](const auto& row) { return row.key_mark == mark; });
    return all ? keys_.Save({keys.front()}) : Ok();
  }));
  return count;
}

}  // namespace pharos::service
