#pragma once

#include <string>

#include "base/time.h"
#include "model/ids.h"

namespace pharos::model {

// The tenant that owns every other noun (architecture D1). A fresh installation has one, "default".
struct Organisation {
  OrgId id;
  std::string name;  // unique
  std::string plan;  // empty = unlimited
  Timestamp created_at{};
};

}  // namespace pharos::model
