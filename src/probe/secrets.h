#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probe/probe.h"

namespace pharos::probe {

// Puts secrets into the texts of one check and takes them out again of everything that people see.
// "$NAME" and "${NAME}" (letters, digits, underscore) are replaced when the look-up knows the name
// and stay as written when it does not (product.md 2.2). Not thread-safe.
class SecretExpander {
 public:
  explicit SecretExpander(const SecretLookup& lookup) : lookup_(lookup) {}

  std::string Expand(std::string_view text);
  // Each value that Expand has put in becomes "$NAME" again, also in its percent-encoded form.
  // Values under 4 bytes are left alone: they protect nothing and would spoil every text.
  std::string Redact(std::string text) const;

 private:
  SecretLookup lookup_;
  std::vector<std::pair<std::string, std::string>> used_;  // value as it may appear, "$NAME"
};

// Whether the text holds something that Expand might replace, so that its final form is not known.
bool MayExpand(std::string_view text);

}  // namespace pharos::probe
