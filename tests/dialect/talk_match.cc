#include "talk_match.h"

#include <algorithm>
#include <optional>

#include "base/json.h"
#include "base/text.h"

namespace pharos::talk {
namespace {

// True where `pattern` has a '#' for each digit of `text` and is equal otherwise.
bool LooksLike(std::string_view text, std::string_view pattern) {
  if (text.size() != pattern.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (pattern[i] == '#' ? !digit : text[i] != pattern[i]) return false;
  }
  return true;
}

// Whether a matcher takes the value; nullopt when `text` is no matcher.
std::optional<bool> TryMatcher(std::string_view text, const Value& got) {
  if (text.size() < 3 || text.front() != '<' || text.back() != '>') return std::nullopt;
  const std::string_view rule = text.substr(1, text.size() - 2);
  const std::string_view actual =
      got.IsString() ? std::string_view(got.AsString()) : std::string_view();
  if (rule == "any") return true;
  if (rule == "integer") return got.IsInt();
  if (rule == "number") return got.IsNumber();
  if (rule == "string") return got.IsString();
  if (rule == "object") return got.IsObject();
  if (rule == "list") return got.IsList();
  if (rule == "iso-millis") return LooksLike(actual, "####-##-##T##:##:##.###Z");
  if (rule == "sql-seconds") return LooksLike(actual, "####-##-## ##:##:##");
  if (rule.starts_with("starts ")) return got.IsString() && actual.starts_with(rule.substr(7));
  if (rule.starts_with("ends ")) return got.IsString() && actual.ends_with(rule.substr(5));
  if (rule.starts_with("contains ")) {
    return got.IsString() && actual.find(rule.substr(9)) != std::string_view::npos;
  }
  return std::nullopt;
}

std::string Difference(const std::string& path, const std::string& want, const std::string& got) {
  return (path.empty() ? "." : path) + ": want " + want + ", got " + got;
}

std::string Names(const Value& object) {
  std::string names;
  for (const auto& [name, unused] : object.AsObject()) names += (names.empty() ? "" : ",") + name;
  return names;
}

void CompareInto(const Value& want, const Value& got, MatchMode mode, const std::string& path,
                 std::vector<std::string>& out) {
  const auto below = [&](const std::string& name) {
    return path.empty() ? name : path + "." + name;
  };
  if (want.IsString()) {
    if (const auto fits = TryMatcher(want.AsString(), got)) {
      if (!*fits) out.push_back(Difference(path, want.AsString(), WriteJson(got)));
      return;
    }
  }
  if (want.IsObject() && got.IsObject()) {
    for (const auto& [name, value] : want.AsObject()) {
      if (const Value* member = got.Find(name)) {
        CompareInto(value, *member, mode, below(name), out);
      } else {
        out.push_back(Difference(below(name), WriteJson(value), "nothing"));
      }
    }
    if (mode == MatchMode::kExact && Names(want) != Names(got)) {
      out.push_back(Difference(path, "members " + Names(want), "members " + Names(got)));
    }
    return;
  }
  if (want.IsList() && got.IsList()) {
    const auto& wanted = want.AsList();
    const auto& items = got.AsList();
    if (wanted.size() != items.size()) {
      out.push_back(Difference(path, std::to_string(wanted.size()) + " elements",
                               std::to_string(items.size()) + " elements"));
    }
    for (size_t i = 0; i < std::min(wanted.size(), items.size()); ++i) {
      CompareInto(wanted[i], items[i], mode, below(std::to_string(i)), out);
    }
    return;
  }
  // 100 and 100.0 are one number, as they are in JSON texts without a fraction.
  const bool same =
      want.IsNumber() && got.IsNumber() ? want.AsDouble() == got.AsDouble() : want == got;
  if (!same) out.push_back(Difference(path, WriteJson(want), WriteJson(got)));
}

}  // namespace

std::vector<std::string> Compare(const Value& want, const Value& got, MatchMode mode,
                                 const std::string& path) {
  std::vector<std::string> differences;
  CompareInto(want, got, mode, path, differences);
  return differences;
}

const Value* Locate(const Value& root, std::string_view path) {
  const Value* at = &root;
  if (path == ".") return at;
  for (const std::string_view part : Split(path, '.')) {
    if (at->IsList()) {
      const auto index = ParseInt(part);
      if (!index || *index < 0 || static_cast<size_t>(*index) >= at->AsList().size()) {
        return nullptr;
      }
      at = &at->AsList()[static_cast<size_t>(*index)];
    } else {
      at = at->Find(part);
      if (at == nullptr) return nullptr;
    }
  }
  return at;
}

}  // namespace pharos::talk
