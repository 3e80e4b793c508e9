#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "base/value.h"
#include "model/ids.h"

namespace pharos::model {

// Persisted: never renumber.
enum class ActorKind : uint8_t { kSystem = 0, kApiKey = 1, kUser = 2 };

// Who changed what, written in the transaction of the change.
struct AuditEntry {
  AuditId id;
  OrgId org;
  std::string uid;
  Timestamp at{};
  ActorKind actor_kind = ActorKind::kSystem;
  std::string actor_id;       // uid of the key or user; empty for the system
  std::string actor;          // key or user name, "cli", "system"
  std::string action;         // "monitor.created": noun and past participle
  std::string resource_kind;  // "monitor", "incident", "status_page" ...
  std::string resource_id;    // its uid
  Value changes;              // {"status": {"old": ..., "new": ...}}, or null; never secrets
  Value detail;               // whatever else is worth knowing; never secrets
};

}  // namespace pharos::model
