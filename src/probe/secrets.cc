#include "probe/secrets.h"

#include <algorithm>

#include "base/text.h"

namespace pharos::probe {
namespace {

constexpr size_t kShortestRedacted = 4;

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The name behind the '$' at `at` and where the text goes on; an empty name when there is none.
struct Reference {
  std::string_view name;
  size_t end = 0;
};
Reference ReferenceAt(std::string_view text, size_t at) {
  size_t begin = at + 1;
  const bool braced = begin < text.size() && text[begin] == '{';
  if (braced) ++begin;
  size_t end = begin;
  while (end < text.size() && IsNameByte(text[end])) ++end;
  const std::string_view name = text.substr(begin, end - begin);
  if (!braced) return {name, end};
  if (end >= text.size() || text[end] != '}') return {};
  return {name, end + 1};
}

}  // namespace

std::string SecretExpander::Expand(std::string_view text) {
  std::string out;
  size_t from = 0;
  for (size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', from)) {
    out.append(text, from, at - from);
    const Reference reference = ReferenceAt(text, at);
    std::optional<std::string> value;
    if (!reference.name.empty() && lookup_) value = lookup_(reference.name);
    if (!value) {
      out.push_back('$');
      from = at + 1;
      continue;
    }
    out.append(*value);
    from = reference.end;
    if (value->size() >= kShortestRedacted) {
      const std::string shown = "$" + std::string(reference.name);
      used_.emplace_back(PercentEncode(*value), shown);
      used_.emplace_back(std::move(*value), shown);
    }
  }
  out.append(text, from);
  // Longest first, so that a value that contains another one does not leave its rest behind.
  std::stable_sort(used_.begin(), used_.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  return out;
}

std::string SecretExpander::Redact(std::string text) const {
  for (const auto& [value, shown] : used_) {
    for (size_t at = text.find(value); at != std::string::npos;
         at = text.find(value, at + shown.size())) {
      text.replace(at, value.size(), shown);
    }
  }
  return text;
}

bool MayExpand(std::string_view text) {
  for (size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    if (!ReferenceAt(text, at).name.empty()) return true;
  }
  return false;
}

}  // namespace pharos::probe
