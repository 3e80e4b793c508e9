#pragma once

#include <string>
#include <utility>

namespace pharos {

// A text that must not reach a log, a reply or a dump by accident: there is no stream output, no
// JSON encoder and no conversion. Reveal() is the one grep-able way out.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  const std::string& Reveal() const { return text_; }
  bool IsEmpty() const { return text_.empty(); }

 private:
  std::string text_;
};

}  // namespace pharos
