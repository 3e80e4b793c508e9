#include "base/references.h"

#include "base/secret.h"

namespace pharos {
namespace {

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

std::string ReplaceReferences(std::string_view text, const ReferenceLookup& lookup) {
  std::string out;
  size_t from = 0;
  for (size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', from)) {
    out.append(text, from, at - from);
    const Reference reference = ReferenceAt(text, at);
    std::optional<std::string> value;
    if (!reference.name.empty() && lookup) value = lookup(reference.name);
    if (!value) {
      out.push_back('$');
      from = at + 1;
      continue;
    }
    out.append(*value);
    Secret::Wipe(*value);
    from = reference.end;
  }
  out.append(text, from);
  return out;
}

bool HasReference(std::string_view text) {
  for (size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    if (!ReferenceAt(text, at).name.empty()) return true;
  }
  return false;
}

}  // namespace pharos
