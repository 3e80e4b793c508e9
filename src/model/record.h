#pragma once

#include <string>

#include "base/time.h"
#include "base/value.h"
#include "model/ids.h"

namespace pharos::model {

// A small noun that is stored whole: no query looks at its fields. Design versions, workflows and
// their runs, alert sources and alerts, on-call policies, beacon keys and groups, phone subscribers
// are kept so; the service that owns a collection knows its fields.
struct Record {
  RecordId id;
  OrgId org;
  std::string collection;  // "workflows"
  std::string uid;         // random UUID
  std::string key;         // unique in the organisation's collection; empty = none
  std::string parent;      // uid of what it belongs to; empty = none
  Value data;              // object
  Timestamp created_at{};
  Timestamp updated_at{};
};

}  // namespace pharos::model
