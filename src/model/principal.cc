#include "model/principal.h"

#include <string_view>

namespace pharos::model {
namespace {

bool PartMatches(std::string_view granted, std::string_view asked) {
  return granted == "*" || granted == asked;
}

bool ScopeMatches(std::string_view granted, std::string_view asked) {
  const size_t granted_colon = granted.find(':');
  const size_t asked_colon = asked.find(':');
  if (granted_colon == std::string_view::npos || asked_colon == std::string_view::npos)
    return false;
  return PartMatches(granted.substr(0, granted_colon), asked.substr(0, asked_colon)) &&
         PartMatches(granted.substr(granted_colon + 1), asked.substr(asked_colon + 1));
}

}  // namespace

bool Principal::Has(std::string_view scope) const {
  for (const std::string& granted : scopes) {
    if (ScopeMatches(granted, scope)) return true;
  }
  return false;
}

}  // namespace pharos::model
