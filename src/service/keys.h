#pragma once

#include <functional>
#include <memory>
#include <mutex>
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

// How a dialect's key texts look (architecture D2). Any stored text is accepted, whatever its form.
struct KeyFormat {
  enum class Alphabet : uint8_t { kHex, kBase62 };
  std::string_view dialect;
  std::string_view prefix;  // "kener_"
  int random_length = 64;   // characters after the prefix
  Alphabet alphabet = Alphabet::kHex;
  // What lists show of a text: its first characters, this, and its last characters.
  int shown_front = 10;
  std::string_view shown_middle = {};
  int shown_back = 0;
};

struct NewKey {
  std::string dialect;
  std::string name;
  std::vector<std::string> scopes;  // empty = {"*:*"}
  std::optional<Timestamp> expires_at;
  std::string rate_class = {};  // of the dialect; empty = its default
};

struct CreatedKey {
  model::ApiKey key;
  Secret text;  // shown once
};

// What a change of a key sets; what is absent stays.
struct KeyChange {
  std::optional<bool> enabled;
  std::optional<std::string> name;
  std::optional<std::vector<std::string>> scopes;
  std::optional<std::optional<Timestamp>> expires_at;
  std::optional<std::string> rate_class;
};

class KeyVerifier;

// Creates, lists, changes, revokes and removes keys. Works beside a running server on the same data
// directory. Blocks on the store.
class KeyService {
 public:
  // `verifier`, when given, knows every change before the call returns; it outlives the service.
  KeyService(store::Store& store, const Clock& clock, KeyVerifier* verifier = nullptr)
      : store_(store), clock_(clock), verifier_(verifier) {}
  // Errors: kInvalid (unknown dialect, empty name, malformed scope), kConflict (name taken).
  Result<CreatedKey> Create(const model::Principal& who, const NewKey& wanted);
  Result<CreatedKey> Create(model::OrgId org, std::string_view actor, const NewKey& wanted);
  // Oldest first, revoked ones too.
  Result<std::vector<model::ApiKey>> List(model::OrgId org) const;
  // By uid. Error: kNotFound.
  Result<model::ApiKey> Find(model::OrgId org, std::string_view uid) const;
  // By id, uid or name within the dialect (empty = any), revoked ones only when no other fits.
  // Error: kNotFound.
  Result<model::ApiKey> FindByWord(model::OrgId org, std::string_view dialect,
                                   std::string_view word) const;
  // Errors: kNotFound (also for revoked keys, which stay as they are), kInvalid, kConflict.
  Result<model::ApiKey> Update(const model::Principal& who, std::string_view uid,
                               const KeyChange& change);
  // Removes the row, so that the text is unknown from now on. Error: kNotFound.
  Status Delete(const model::Principal& who, std::string_view uid);
  // The row stays and the key is refused as revoked. By id, uid or name within the dialect (empty =
  // any). Error: kNotFound.
  Status Revoke(model::OrgId org, std::string_view actor, std::string_view dialect,
                std::string_view word);

 private:
  // Runs the change and shows it to the verifier.
  Status Change(const std::function<Status(store::Transaction&)>& change);

  store::Store& store_;
  const Clock& clock_;
  KeyVerifier* verifier_;
};

// A key as the verifier found it. Expired, disabled and revoked keys are found too: the dialect
// decides what to say.
struct VerifiedKey {
  model::ApiKey key;
  model::Principal principal;
};

// Verifies key texts from memory: SHA-256, then a lookup by hash; the stored hash is compared in
// constant time. Its owner reloads it when the store's change counter moves, and for a text that is
// not found, since the command line may have made the key a moment ago. Thread-safe; only Reload
// blocks.
class KeyVerifier {
 public:
  KeyVerifier(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}
  // nullptr when no such key was ever made.
  std::shared_ptr<const VerifiedKey> Find(std::string_view text) const;
  // kKeyRevoked, kKeyDisabled, kKeyExpired, or success at `now`.
  static Status CheckUsable(const VerifiedKey& key, Timestamp now);
  // Notes a use; at most one write a minute and key, never waited for.
  void NoteUse(const VerifiedKey& key);
  // Reads all keys from the store. What was there when it was called is found afterwards, also
  // when several threads reload at once.
  Status Reload();

 private:
  using ByHash = std::unordered_map<std::string, std::shared_ptr<const VerifiedKey>>;
  store::Store& store_;
  const Clock& clock_;
  std::mutex reloading_;  // an older image never replaces a newer one
  Guarded<ByHash> keys_;
  Guarded<std::unordered_map<model::KeyId, Timestamp>> noted_;
};

// "resource:action" of lower-case letters, digits, '_' or '*'.
bool IsValidScope(std::string_view scope);
// What a list shows of a key text.
std::string ShownPart(const KeyFormat& format, std::string_view text);
const KeyFormat* FindKeyFormat(std::string_view dialect);

}  // namespace pharos::service
