#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace pharos::probe {

// A regular expression in RE2 syntax: matching takes time linear in the text, whatever the pattern
// and the text (architecture D13). Movable; matching is thread-safe.
class Regex {
 public:
  // Patterns over 1 KiB and such that need over 1 MiB to run are refused. Error: kInvalid.
  static Result<Regex> Compile(std::string_view pattern);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();
  // Anywhere in the text, unless the pattern is anchored.
  bool Matches(std::string_view text) const;

 private:
  explicit Regex(std::unique_ptr<re2::RE2> compiled);
  std::unique_ptr<re2::RE2> compiled_;
};

}  // namespace pharos::probe
