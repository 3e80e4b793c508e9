#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/crypto.h"
#include "model/audit_entry.h"
#include "model/principal.h"

namespace pharos::service {

// What was touched.
struct AuditedThing {
  std::string_view kind;  // "incident"
  std::string uid;
};

// An audit entry of what a principal did; `changes` and `detail` must hold no secrets. `action` is
// "<noun>.<past participle>".
inline model::AuditEntry MakeAudit(const model::Principal& who, std::string_view action,
                                   AuditedThing thing, Timestamp at, Value changes = {},
                                   Value detail = {}) {
  model::AuditEntry entry;
  entry.org = who.org;
  entry.uid = RandomUuid();
  entry.at = at;
  entry.actor_kind = who.uid.empty() ? model::ActorKind::kSystem : model::ActorKind::kApiKey;
  entry.actor_id = who.uid;
  entry.actor = who.name;
  entry.action = std::string(action);
  entry.resource_kind = std::string(thing.kind);
  entry.resource_id = std::move(thing.uid);
  entry.changes = std::move(changes);
  entry.detail = std::move(detail);
  return entry;
}

// {"<field>": {"old": ..., "new": ...}} is built member by member; equal values are left out.
inline void AddChange(Value& changes, std::string_view field, Value before, Value after) {
  if (before == after) return;
  Value pair;
  pair.Set("old", std::move(before));
  pair.Set("new", std::move(after));
  changes.Set(field, std::move(pair));
}

}  // namespace pharos::service
