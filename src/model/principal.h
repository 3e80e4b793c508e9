#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/ids.h"

namespace pharos::model {

// Who asks: the owner of a verified key. Scopes are "resource:action"; "*" stands for any word.
struct Principal {
  OrgId org;
  KeyId key;
  std::string uid;  // of the key; empty for the system itself
  std::string name;
  std::string dialect;
  std::vector<std::string> scopes;
  std::string plan;  // the key's rate class, else the organisation's plan; empty = no limits

  // `scope` is a full "resource:action" without wildcards.
  bool Has(std::string_view scope) const;
};

}  // namespace pharos::model
