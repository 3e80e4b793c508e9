#pragma once

#include <vector>

#include "base/result.h"
#include "model/principal.h"
#include "service/context.h"
#include "store/audit_store.h"

namespace pharos::service {

using store::AuditQuery;

// Reads who changed what in an organisation. Thread-safe; blocks on the store.
class AuditService {
 public:
  explicit AuditService(const Context& context) : context_(context) {}
  struct Page {
    std::vector<model::AuditEntry> entries;  // newest first
    int64_t total = 0;
  };
  Result<Page> List(const model::Principal& who, const AuditQuery& query) const;

 private:
  Context context_;
};

}  // namespace pharos::service
