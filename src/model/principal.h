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
  std::string name;
  std::string dialect;
  std::vector<std::string> scopes;

  // `scope` is a full "resource:action" without wildcards.
  bool Has(std::string_view scope) const;
};

}  // namespace pharos::model
