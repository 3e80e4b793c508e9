#pragma once

#include <vector>

#include "base/result.h"
#include "model/audit_entry.h"
#include "store/session.h"

namespace pharos::store {

class AuditStore {
 public:
  virtual ~AuditStore() = default;
  virtual Status Insert(Transaction& tx, const model::AuditEntry& entry) = 0;
  // Newest first.
  virtual Result<std::vector<model::AuditEntry>> List(Session& session, model::OrgId org, int limit,
                                                      int offset) = 0;
};

}  // namespace pharos::store
