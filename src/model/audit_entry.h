#pragma once

#include <string>

#include "base/time.h"
#include "base/value.h"
#include "model/ids.h"

namespace pharos::model {

// Who changed what, written in the transaction of the change.
struct AuditEntry {
  AuditId id;
  OrgId org;
  Timestamp at{};
  std::string actor;    // key or user name, "cli", "system"
  std::string action;   // "monitor.create"
  std::string subject;  // "monitor:web-shop"
  Value detail;         // never secrets
};

}  // namespace pharos::model
