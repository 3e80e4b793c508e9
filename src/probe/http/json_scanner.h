#pragma once

#include <string_view>

namespace pharos::probe {

// Steps over JSON text (RFC 8259) without building anything. Every step says whether the text was
// right so far; after a false answer the position is where it went wrong. Borrows the text.
class JsonScanner {
 public:
  static constexpr int kMaxDepth = 64;

  explicit JsonScanner(std::string_view text, size_t at = 0) : text_(text), at_(at) {}

  size_t at() const { return at_; }
  bool AtEnd() const { return at_ >= text_.size(); }
  // The next byte, 0 at the end.
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  bool Take(char c) {
    if (Peek() != c || AtEnd()) return false;
    ++at_;
    return true;
  }
  void SkipBlanks();
  bool SkipString();
  // Blanks before it, then a whole value; `depth` is how deep the value stands.
  bool SkipValue(int depth = 0);

  // After '[' or '{': calls fn(*this, key) at the start of each value, where key is the raw member
  // name without quotes ("" in lists). fn must move behind the value; false ends the walk.
  template <class Fn>
  bool ForEachChild(bool object, Fn&& fn);

 private:
  bool SkipDigits();
  bool SkipNumber();
  bool SkipWord(std::string_view word);

  std::string_view text_;
  size_t at_;
};

template <class Fn>
bool JsonScanner::ForEachChild(bool object, Fn&& fn) {
  const char close = object ? '}' : ']';
  SkipBlanks();
  if (Take(close)) return true;
  while (true) {
    std::string_view key;
    if (object) {
      SkipBlanks();
      const size_t begin = at_;
      if (!SkipString()) return false;
      key = text_.substr(begin + 1, at_ - begin - 2);
      SkipBlanks();
      if (!Take(':')) return false;
    }
    SkipBlanks();
    if (!fn(*this, key)) return false;
    SkipBlanks();
    if (Take(close)) return true;
    if (!Take(',')) return false;
  }
}

}  // namespace pharos::probe
