#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/value.h"
#include "model/field_spec.h"
#include "probe/http/json_path.h"
#include "probe/http/keyword_scanner.h"
#include "probe/http/regex.h"
#include "probe/http/status_set.h"

namespace pharos::probe {

enum class HeaderOp : uint8_t { kEquals, kContains, kMatches, kExists, kAbsent };
struct HeaderCheck {
  std::string name;
  HeaderOp op = HeaderOp::kExists;
  std::string value;
  std::optional<Regex> pattern;  // kMatches
};

enum class JsonOp : uint8_t { kEquals, kNotEquals, kContains, kGreater, kLess, kExists, kAbsent };
struct JsonCheck {
  std::string path_text;
  JsonPath path;
  JsonOp op = JsonOp::kExists;
  Value value;  // null, boolean, number or text
};

// The assertion rows of an http spec, compiled (product.md 2.4). Movable; judging is thread-safe.
struct Assertions {
  StatusSet expected_status;
  std::string expected_text;
  bool expects_default = true;  // the built-in rule of product.md 2.3
  std::string keyword;
  std::string keyword_absent;
  std::optional<Regex> body_regex;
  std::optional<Regex> body_regex_absent;
  std::vector<HeaderCheck> header_checks;
  std::vector<JsonCheck> json_checks;

  // Regular expressions and JSON need the text at hand; keywords are found while it passes.
  bool NeedsKeptBody() const {
    return body_regex.has_value() || body_regex_absent.has_value() || !json_checks.empty();
  }
  // Something that only a body can satisfy.
  bool WantsSomethingInBody() const {
    return !keyword.empty() || body_regex.has_value() || !json_checks.empty();
  }
};

// Adds what is wrong to `problems`, by field name ("json_checks[1].path"); what is right is filled
// in regardless. Rows as in http_fields.h.
Assertions CompileAssertions(const Value& spec, std::vector<FieldError>& problems);

// What was seen of a body.
struct BodyView {
  bool keyword_found = false;
  bool forbidden_found = false;  // keyword_absent
  std::string_view kept;         // the first `limit` bytes, when NeedsKeptBody
  bool over_limit = false;       // the body was longer than `limit`
  size_t limit = 0;
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// Each judge returns what is wrong, one text for people per failed assertion; empty when all hold.
std::vector<std::string> JudgeStatus(const Assertions& assertions, int status);
std::vector<std::string> JudgeHeaders(const Assertions& assertions, const HeaderList& headers);
std::vector<std::string> JudgeBody(const Assertions& assertions, const BodyView& body);

}  // namespace pharos::probe
