#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "base/secret.h"
#include "model/api_key.h"
#include "model/principal.h"
#include "store/store.h"

namespace pharos::service {

// How a dialect's key texts look (architecture D2).
struct KeyFormat {
  std::string_view dialect;
  std::string_view prefix;  // "kener_"
  int hex_digits = 64;      // random part
  int shown_prefix = 10;    // characters kept for lists
};

struct NewKey {
  std::string dialect;
  std::string name;
  std::vector<std::string> scopes;  // empty = {"*:*"}
  std::optional<Timestamp> expires_at;
};

struct CreatedKey {
  model::ApiKey key;
  Secret text;  // shown once
};

// Creates, lists and revokes keys. Works beside a running server on the same data directory.
class KeyService {
 public:
  KeyService(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}
  // Errors: kInvalid (unknown dialect, empty name, malformed scope), kConflict (name taken).
  Result<CreatedKey> Create(model::OrgId org, std::string_view actor, const NewKey& wanted);
  Result<std::vector<model::ApiKey>> List(model::OrgId org) const;
  // By id or by name within the dialect (empty = any). Error: kNotFound.
  Status Revoke(model::OrgId org, std::string_view actor, std::string_view dialect,
                std::string_view id_or_name);

 private:
  store::Store& store_;
  const Clock& clock_;
};

// A key as the verifier found it. Expired, disabled and revoked keys are found too: the dialect
// decides what to say.
struct VerifiedKey {
  model::ApiKey key;
  model::Principal principal;
};

// Verifies key texts from memory: SHA-256, then a lookup by hash; the stored hash is compared in
// constant time. Reloads when the store's change counter moves, so that a key made or revoked by
// the command line works at once. Thread-safe, never blocks.
class KeyVerifier {
 public:
  KeyVerifier(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}
  // nullptr when no such key was ever made.
  std::shared_ptr<const VerifiedKey> Find(std::string_view text) const;
  // kKeyRevoked, kKeyDisabled, kKeyExpired, or success at `now`.
  static Status CheckUsable(const VerifiedKey& key, Timestamp now);
  // Notes a use; at most one write a minute and key, never waited for.
  void NoteUse(const VerifiedKey& key);
  Status Reload();
  // Whether an unknown key is worth a look into the store, because another process may just have
  // made it: true at most fifty times a second, however many wrong keys come in.
  bool MayLookAgain();

 private:
  using ByHash = std::unordered_map<std::string, std::shared_ptr<const VerifiedKey>>;
  store::Store& store_;
  const Clock& clock_;
  std::atomic<int64_t> looked_at_us_{0};  // monotonic
  Guarded<ByHash> keys_;
  Guarded<std::unordered_map<model::KeyId, Timestamp>> noted_;
};

// "resource:action" of lower-case letters, digits, '_' or '*'.
bool IsValidScope(std::string_view scope);
const KeyFormat* FindKeyFormat(std::string_view dialect);

}  // namespace pharos::service
