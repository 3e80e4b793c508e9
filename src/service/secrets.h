#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "base/sealed.h"
#include "base/secret.h"
#include "model/principal.h"
#include "model/stored_secret.h"
#include "probe/probe.h"
#include "store/store.h"

namespace pharos::service {

// Where the keys lie that secrets are sealed with: a file beside the data in the program, memory in
// tests. The first key seals; the others only open what was sealed before a rotation that did not
// come to its end. Thread-safe; may block.
class SecretKeys {
 public:
  virtual ~SecretKeys() = default;
  // Empty when there is none. Error: kInvalid, saying what to do, for a file that others may read
  // or that is no key file.
  virtual Result<std::vector<Secret>> Load() = 0;
  // In one step: either the old keys are there or these.
  virtual Status Save(const std::vector<Secret>& keys) = 0;
  // How the place is called in messages: "/var/lib/pharos/secret.key".
  virtual std::string Place() const = 0;
};

// What may be known of a secret: never its value.
struct SecretInfo {
  std::string name;
  Timestamp created_at{};
  Timestamp updated_at{};
};

inline constexpr size_t kMaxSecretName = 64;
inline constexpr size_t kMinSecretBytes = 4;  // shorter ones could not be taken out of messages
inline constexpr size_t kMaxSecretBytes = 16 * 1024;
inline constexpr size_t kMaxSecrets = 1'000;  // per organisation

// Finds the values of "$NAME" for checks (docs/operating/secrets.md): the organisation's own
// secret, else, for the organisation "default" alone, what the operator put into the environment.
// Keeps the sealed values and the keys in memory and opens a value only when it is asked for. Its
// owner reloads it when the store's change counter moves. Thread-safe; only Reload blocks.
class SecretVault : public probe::SecretSource {
 public:
  SecretVault(store::Store& store, SecretKeys& keys, probe::SecretLookup environment)
      : store_(store), keys_(keys), environment_(std::move(environment)) {}
  // A stored secret that cannot be opened hides the environment's of that name.
  std::optional<std::string> Find(model::OrgId org, std::string_view name) const override;
  // Errors: those of SecretKeys; kInvalid when there are secrets and a key for them is missing.
  // What was there before stays then.
  Status Reload();

 private:
  using ByName = std::map<std::string, model::StoredSecret, std::less<>>;
  struct Image {
    std::map<model::OrgId, ByName> secrets;
    std::map<std::string, Secret, std::less<>> keys;  // by mark
    model::OrgId environment_org;

    bool Has(const model::StoredSecret& row) const;
  };

  store::Store& store_;
  SecretKeys& keys_;
  const probe::SecretLookup environment_;
  std::mutex reloading_;  // an older image never replaces a newer one
  Guarded<std::shared_ptr<const Image>> image_{std::make_shared<const Image>()};
};

// Sets, lists, deletes and re-encrypts secrets. Works beside a running server on the same data.
// Blocks on the store. Every change has an audit entry with the name, never the value.
class SecretService {
 public:
  // `vault`, when given, knows every change before the call returns; all outlive the service.
  SecretService(store::Store& store, const Clock& clock, SecretKeys& keys,
                SecretVault* vault = nullptr)
      : store_(store), clock_(clock), keys_(keys), vault_(vault) {}

  // By name.
  Result<std::vector<SecretInfo>> List(const model::Principal& who) const;
  // Adds or replaces. Makes the first key. Errors: kInvalid (name, value), kConflict beyond
  // kMaxSecrets, those of SecretKeys.
  Result<SecretInfo> Set(const model::Principal& who, std::string_view name, const Secret& value);
  // Needs no key. Error: kNotFound.
  Status Delete(const model::Principal& who, std::string_view name);
  // Seals all secrets of all organisations with a new key; returns how many. When it is
  // interrupted, both keys are there and it can be run again. Error: kInvalid when one cannot be
  // opened, and nothing has changed then.
  Result<size_t> Rotate(const model::Principal& who);

 private:
  Status Change(const std::function<Status(store::Transaction&)>& change);
  Result<std::vector<Secret>> KeysFor(store::Session& session);
  Status Reseal(store::Transaction& tx, const std::vector<Secret>& keys, size_t& count);

  store::Store& store_;
  const Clock& clock_;
  SecretKeys& keys_;
  SecretVault* vault_;
};

// A letter or '_', then letters, digits and '_', up to kMaxSecretName.
bool IsSecretName(std::string_view name);

}  // namespace pharos::service
