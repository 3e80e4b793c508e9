#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/api_key.h"
#include "store/session.h"

namespace pharos::store {

class KeyStore {
 public:
  virtual ~KeyStore() = default;
  // Error: kConflict when a living key of that organisation and dialect has the name.
  virtual Result<model::ApiKey> Insert(Transaction& tx, model::ApiKey key) = 0;
  virtual Result<std::vector<model::ApiKey>> List(Session& session, model::OrgId org) = 0;
  // Every key of every organisation, revoked ones too: the verifier keeps them in memory.
  virtual Result<std::vector<model::ApiKey>> ListAll(Session& session) = 0;
  virtual Result<std::optional<model::ApiKey>> Find(Session& session, model::OrgId org,
                                                    model::KeyId id) = 0;
  virtual Status Delete(Transaction& tx, model::OrgId org, model::KeyId id) = 0;
  // Error: kNotFound.
  virtual Status Update(Transaction& tx, const model::ApiKey& key) = 0;
  // Sets last_used_at where it is older; never creates.
  virtual Status TouchLastUsed(Transaction& tx, model::KeyId id, Timestamp at) = 0;
};

}  // namespace pharos::store
