#pragma once

#include <string>

#include "base/time.h"
#include "model/ids.h"

namespace pharos::model {

// A secret of an organisation as it lies in the store: its name, and its value encrypted
// (service/secrets.h). Names are unique in the organisation.
struct StoredSecret {
  OrgId org;
  std::string name;
  std::string key_mark;  // which key it was sealed with
  std::string sealed;
  Timestamp created_at{};
  Timestamp updated_at{};
};

}  // namespace pharos::model
