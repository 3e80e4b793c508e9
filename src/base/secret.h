#pragma once

#include <string.h>

#include <string>
#include <utility>

namespace pharos {

// A text that must not reach a log, a reply or a dump by accident: there is no stream output, no
// JSON encoder and no conversion. Reveal() is the one grep-able way out. Its bytes are wiped when
// it goes or takes another value; what was revealed and copied is not.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  ~Secret() { Wipe(text_); }
  Secret(const Secret& other) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { Wipe(other.text_); }
  Secret& operator=(const Secret& other) {
    if (this != &other) *this = Secret(other);
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    Wipe(text_);
    text_ = std::move(other.text_);
    Wipe(other.text_);
    return *this;
  }
  const std::string& Reveal() const { return text_; }
  bool IsEmpty() const { return text_.empty(); }

  // Overwrites all that the string holds and empties it.
  static void Wipe(std::string& text) {
    text.resize(text.capacity());  // never allocates
    explicit_bzero(text.data(), text.size());
    text.clear();
  }

 private:
  std::string text_;
};

}  // namespace pharos
