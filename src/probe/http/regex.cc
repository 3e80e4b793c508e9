#include "probe/http/regex.h"

#include <re2/re2.h>

#include <string>
#include <utility>

#include "base/text.h"

namespace pharos::probe {
namespace {

constexpr size_t kMaxPatternBytes = 1024;
constexpr int64_t kMaxMemoryBytes = 1024 * 1024;

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Regex::Regex(std::unique_ptr<re2::RE2> compiled) : compiled_(std::move(compiled)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::Compile(std::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes) {
    return Error(ErrorKind::kInvalid, "pattern is longer than 1024 bytes");
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemoryBytes);
  options.set_never_capture(true);
  auto compiled = std::make_unique<re2::RE2>(Piece(pattern), options);
  if (!compiled->ok()) {
    return Error(ErrorKind::kInvalid,
                 "is not a regular expression: " + Ellipsize(SanitizeUtf8(compiled->error()), 120));
  }
  return Regex(std::move(compiled));
}

bool Regex::Matches(std::string_view text) const {
  return re2::RE2::PartialMatch(Piece(text), *compiled_);
}

}  // namespace pharos::probe
