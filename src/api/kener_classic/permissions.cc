#include "api/kener_classic/permissions.h"

#include <algorithm>

namespace pharos::api::kener_classic {

std::vector<PermissionWord> PermissionWords() {
  return {
      {"read:monitors", "monitors:read"},     {"write:monitors", "monitors:write"},
      {"delete:monitors", "monitors:delete"}, {"read:incidents", "incidents:read"},
      {"write:incidents", "incidents:write"}, {"admin", "*:*"},
      {"admin", "incidents:delete"},  // no other word grants it
  };
}

std::vector<std::string> PermissionsOf(const std::vector<std::string>& scopes) {
  const std::vector<PermissionWord> words = PermissionWords();
  std::vector<std::string> permissions;
  permissions.reserve(scopes.size());
  for (const std::string& scope : scopes) {
    const auto row = std::find_if(words.begin(), words.end(),
                                  [&](const PermissionWord& word) { return word.scope == scope; });
    const bool has_word = row != words.end() && (row->word != "admin" || scope == "*:*");
    permissions.push_back(has_word ? std::string(row->word) : scope);
  }
  return permissions;
}

}  // namespace pharos::api::kener_classic
