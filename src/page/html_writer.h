#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace pharos::page {

// Builds HTML (or SVG) in one string. Markup can only come from literals of our own source;
// whatever is not a literal has to go through Text or Attr and is escaped there, so a hostile name
// cannot become markup. Not thread-safe.
class HtmlWriter {
 public:
  explicit HtmlWriter(size_t expected_bytes = 4096) { out_.reserve(expected_bytes); }

  // Markup as written in the source. A variable text does not compile here.
  template <size_t N>
  HtmlWriter& Raw(const char (&markup)[N]) {
    out_.append(markup, N - 1);
    return *this;
  }
  // Text between tags. Invalid UTF-8 is repaired, so that no reader disagrees with us about where a
  // tag begins.
  HtmlWriter& Text(std::string_view text) {
    if (IsValidUtf8(text)) {
      AppendHtml(out_, text);
    } else {
      AppendHtml(out_, SanitizeUtf8(text));
    }
    return *this;
  }
  HtmlWriter& Number(int64_t number) {
    out_ += std::to_string(number);
    return *this;
  }
  // ` name="value"`, with the value escaped and always quoted.
  template <size_t N>
  HtmlWriter& Attr(const char (&name)[N], std::string_view value) {
    out_ += ' ';
    out_.append(name, N - 1);
    out_ += "=\"";
    Text(value);
    out_ += '"';
    return *this;
  }
  template <size_t N>
  HtmlWriter& Attr(const char (&name)[N], int64_t value) {
    return Attr(name, std::to_string(value));
  }
  // Appends what another writer built.
  HtmlWriter& Append(const HtmlWriter& other) {
    out_ += other.out_;
    return *this;
  }

  const std::string& text() const { return out_; }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace pharos::page
