#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/audit_entry.h"
#include "store/session.h"

namespace pharos::store {

// Empty texts and absent values do not filter.
struct AuditQuery {
  std::string resource_kind = {};
  std::string resource_id = {};
  std::optional<model::ActorKind> actor_kind = {};
  std::string action = {};
  std::optional<Timestamp> from = {};  // at or after
  std::optional<Timestamp> to = {};    // before
  int limit = 50;
  int offset = 0;
};

class AuditStore {
 public:
  virtual ~AuditStore() = default;
  virtual Status Insert(Transaction& tx, const model::AuditEntry& entry) = 0;
  // Newest first.
  virtual Result<std::vector<model::AuditEntry>> List(Session& session, model::OrgId org,
                                                      const AuditQuery& query) = 0;
  virtual Result<int64_t> Count(Session& session, model::OrgId org, const AuditQuery& query) = 0;
};

}  // namespace pharos::store
