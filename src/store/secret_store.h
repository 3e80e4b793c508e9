#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/stored_secret.h"
#include "store/session.h"

namespace pharos::store {

// Encrypted values by organisation and name; the store never sees them in clear.
class SecretStore {
 public:
  virtual ~SecretStore() = default;
  // Adds it or replaces the value, its mark and `updated_at`; `created_at` of a replaced one stays.
  virtual Status Upsert(Transaction& tx, const model::StoredSecret& secret) = 0;
  // Error: kNotFound.
  virtual Status Delete(Transaction& tx, model::OrgId org, std::string_view name) = 0;
  virtual Result<std::optional<model::StoredSecret>> Find(Session& session, model::OrgId org,
                                                          std::string_view name) = 0;
  // By name.
  virtual Result<std::vector<model::StoredSecret>> List(Session& session, model::OrgId org) = 0;
  // Of every organisation: the vault keeps them in memory, sealed.
  virtual Result<std::vector<model::StoredSecret>> ListAll(Session& session) = 0;
};

}  // namespace pharos::store
