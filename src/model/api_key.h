#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/ids.h"

namespace pharos::model {

// One credential of one dialect in one organisation (architecture D2). The text itself is shown
// once and never stored; `sha256` is 32 raw bytes of its hash.
struct ApiKey {
  KeyId id;
  std::string uid;  // random UUID
  OrgId org;
  std::string dialect;  // "kener_v4", "kener_classic", "kodo", "is0k"
  std::string name;     // unique per organisation and dialect among keys that are not revoked
  std::string prefix;   // first characters of the text, for recognising it in lists
  std::string sha256;
  std::vector<std::string> scopes;  // "resource:action" with '*' wildcards
  std::string rate_class;           // empty = the dialect's default
  std::optional<Timestamp> expires_at;
  std::optional<Timestamp> disabled_at;
  std::optional<Timestamp> revoked_at;
  std::optional<Timestamp> last_used_at;  // at most one write a minute
  Timestamp created_at{};
};

}  // namespace pharos::model
