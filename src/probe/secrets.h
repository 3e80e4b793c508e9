#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probe/probe.h"

namespace pharos::probe {

inline constexpr size_t kMaxSecretsOfCheck = 100;
inline constexpr size_t kMaxSecretBytesOfCheck = 1024 * 1024;

// Puts secrets into the texts of one check and takes them out again of everything that people see.
// "$NAME" and "${NAME}" (letters, digits, underscore) are replaced when the look-up knows the name
// and stay as written when it does not (product.md 2.2), or when 100 values or 1 MiB of them are in
// the check's texts already. Not thread-safe.
class SecretExpander {
 public:
  explicit SecretExpander(const SecretLookup& lookup) : lookup_(lookup) {}
  ~SecretExpander();
  SecretExpander(const SecretExpander&) = default;
  SecretExpander& operator=(const SecretExpander&) = default;

  std::string Expand(std::string_view text);
  // Each value that Expand has put in becomes "$NAME" again, also percent-encoded, in base64,
  // escaped as in JSON or HTML, in lower case (as in host names), and where the text ends in the
  // middle of it or goes on with "...". Values under 4 bytes are left alone: they protect nothing
  // and would spoil every text.
  std::string Redact(std::string text) const;

 private:
  void Remember(const std::string& value, std::string_view name);

  SecretLookup lookup_;
  // Of what Expand may still put in: a text of nothing but references must not fill the memory.
  size_t values_left_ = kMaxSecretsOfCheck;
  size_t bytes_left_ = kMaxSecretBytesOfCheck;
  std::vector<std::pair<std::string, std::string>> used_;  // value as it may appear, "$NAME"
};

// A value as targets send it back: as it is, percent-encoded, in base64, escaped as in JSON or
// HTML, in lower case, and without space around it. May hold the same form twice.
std::vector<std::string> FormsOf(const std::string& value);
// Replaces the beginning of `value`, at least `shortest` bytes (1 or more), where a text was cut in
// it: at its end, or before one of the last "..." in it.
void HideCutValue(std::string& text, std::string_view value, std::string_view shown,
                  size_t shortest);

// The tools with the secrets of this organisation and no other; without a source, as they are.
Tools BindSecrets(const Tools& tools, model::OrgId org);

// Whether the text holds something that Expand might replace, so that its final form is not known.
bool MayExpand(std::string_view text);

}  // namespace pharos::probe
