#include "service/safe_html.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <string>

#include "base/text.h"

namespace pharos::service {
namespace {

constexpr std::array<std::string_view, 17> kElements = {
    "script", "iframe",   "frame", "frameset", "object", "embed", "applet", "base",    "meta",
    "link",   "noscript", "form",  "portal",   "svg",    "math",  "xml",    "template"};
constexpr std::array<std::string_view, 3> kSchemes = {"javascript:", "vbscript:", "data:text/html"};

bool IsNameChar(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// The character that "#106;", "#x6a;" or "colon;" names, and the length of that text; 0 = none.
size_t ReadEntity(std::string_view text, char& c) {
  for (const auto& [name, value] :
       {std::pair<std::string_view, char>{"colon;", ':'}, {"tab;", '\t'}, {"newline;", '\n'}}) {
    if (text.starts_with(name)) {
      c = value;
      return name.size();
    }
  }
  if (!text.starts_with('#')) return 0;
  const bool hex = text.size() > 1 && text[1] == 'x';
  size_t at = hex ? 2 : 1;
  const size_t first = at;
  constexpr uint32_t kNoCharacter = 0x110000;
  uint32_t number = 0;
  for (; at < text.size(); ++at) {  // zeros in front may be many
    const char digit = text[at];
    const bool decimal = digit >= '0' && digit <= '9';
    if (!decimal && !(hex && digit >= 'a' && digit <= 'f')) break;
    number =
        number * (hex ? 16 : 10) + static_cast<uint32_t>(decimal ? digit - '0' : digit - 'a' + 10);
    number = std::min(number, kNoCharacter);
  }
  if (at == first || number > 127) return 0;
  c = static_cast<char>(std::tolower(static_cast<int>(number)));
  return at < text.size() && text[at] == ';' ? at + 1 : at;
}

// Lower case with entities of ASCII characters resolved.
std::string Plain(std::string_view html) {
  const std::string lower = AsciiLower(html);
  std::string out;
  out.reserve(lower.size());
  for (size_t i = 0; i < lower.size(); ++i) {
    char c = lower[i];
    if (c == '&') {
      char named = 0;
      if (const size_t length = ReadEntity(std::string_view(lower).substr(i + 1), named)) {
        c = named;
        i += length;
      }
    }
    out += c;
  }
  return out;
}

bool HasForbiddenElement(std::string_view text) {
  for (size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    size_t from = at + 1;
    if (from < text.size() && text[from] == '/') ++from;
    size_t to = from;
    while (to < text.size() && IsNameChar(text[to])) ++to;
    const std::string_view name = text.substr(from, to - from);
    for (const std::string_view element : kElements) {
      if (name == element) return true;
    }
  }
  return false;
}

// " onclick =" inside a tag.
bool HasHandler(std::string_view text) {
  const size_t first_tag = text.find('<');
  for (size_t at = text.find("on"); at != std::string_view::npos; at = text.find("on", at + 2)) {
    if (at == 0 || IsNameChar(text[at - 1]) || text[at - 1] == '-') continue;
    size_t to = at + 2;
    while (to < text.size() && IsNameChar(text[to])) ++to;
    if (to == at + 2) continue;
    while (to < text.size() && std::isspace(static_cast<unsigned char>(text[to])) != 0) ++to;
    if (to < text.size() && text[to] == '=' && first_tag < at) return true;
  }
  return false;
}

// Browsers leave out blanks and control characters inside a scheme.
bool HasForbiddenScheme(std::string_view text) {
  std::string dense;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) > ' ') dense += c;
  }
  for (const std::string_view scheme : kSchemes) {
    if (dense.find(scheme) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

bool IsSafeHtml(std::string_view html) {
  if (html.find('\0') != std::string_view::npos) return false;
  const std::string text = Plain(html);
  return !HasForbiddenElement(text) && !HasHandler(text) && !HasForbiddenScheme(text);
}

}  // namespace pharos::service
