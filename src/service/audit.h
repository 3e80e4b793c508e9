#pragma once

#include <string>
#include <string_view>

#include "model/audit_entry.h"
#include "model/principal.h"

namespace pharos::service {

// An audit entry of what a principal did; `detail` must hold no secrets.
inline model::AuditEntry MakeAudit(const model::Principal& who, std::string_view action,
                                   std::string subject, Timestamp at, Value detail = {}) {
  model::AuditEntry entry;
  entry.org = who.org;
  entry.at = at;
  entry.actor = who.name;
  entry.action = std::string(action);
  entry.subject = std::move(subject);
  entry.detail = std::move(detail);
  return entry;
}

}  // namespace pharos::service
