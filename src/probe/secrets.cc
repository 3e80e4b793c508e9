#include "probe/secrets.h"

#include <algorithm>

#include "base/json.h"
#include "base/references.h"
#include "base/secret.h"
#include "base/text.h"

namespace pharos::probe {
namespace {

constexpr size_t kShortestRedacted = 4;
constexpr size_t kShortestCut = 6;  // of a value at the end of a text
constexpr int kMaxCuts = 9;         // looked at: the end of a text and the last "..." in it

std::string JsonEscaped(const std::string& value) {
  std::string text;
  JsonWriter(text).String(value);
  return text.substr(1, text.size() - 2);
}

std::string WithoutPadding(std::string text) {
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

std::string SecretExpander::Expand(std::string_view text) {
  return ReplaceReferences(text, [&](std::string_view name) {
    std::optional<std::string> value;
    if (lookup_ && values_left_ > 0) value = lookup_(name);
    if (!value) return value;
    if (value->size() > bytes_left_) {
      Secret::Wipe(*value);
      return std::optional<std::string>();
    }
    --values_left_;
    bytes_left_ -= value->size();
    Remember(*value, name);
    return value;
  });
}

SecretExpander::~SecretExpander() {
  for (auto& [value, shown] : used_) Secret::Wipe(value);
}

std::vector<std::string> FormsOf(const std::string& value) {
  const std::string encoded = PercentEncode(value);
  const std::string base64 = Base64Encode(value);
  const std::string json = JsonEscaped(value);
  const std::string_view trimmed = Trim(value);
  return {value,
          encoded,
          AsciiLower(encoded),
          Replaced(encoded, "%20", "+"),
          AsciiLower(value),
          json,
          Replaced(json, "/", "\\/"),
          EscapeHtml(value),
          base64,
          WithoutPadding(base64),
          trimmed.size() < kShortestRedacted ? value : std::string(trimmed)};
}

void HideCutValue(std::string& text, std::string_view value, std::string_view shown,
                  size_t shortest) {
  if (value.size() <= shortest) return;
  size_t end = text.size();
  for (int cut = 0; cut < kMaxCuts; ++cut) {
    const std::string_view before = std::string_view(text).substr(0, end);
    for (size_t size = std::min(value.size() - 1, end); size >= shortest; --size) {
      if (!before.ends_with(value.substr(0, size))) continue;
      end -= size;
      text.replace(end, size, shown);
      break;
    }
    if (end == 0) return;
    end = text.rfind("...", end - 1);
    if (end == std::string::npos) return;
  }
}

void SecretExpander::Remember(const std::string& value, std::string_view name) {
  if (value.size() < kShortestRedacted) return;
  const std::string shown = "$" + std::string(name);
  for (const std::string& form : FormsOf(value)) {
    const bool known = std::any_of(used_.begin(), used_.end(),
                                   [&](const auto& pair) { return pair.first == form; });
    if (!known) used_.emplace_back(form, shown);
  }
  // Longest first, so that a value that contains another one does not leave its rest behind.
  std::stable_sort(used_.begin(), used_.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

std::string SecretExpander::Redact(std::string text) const {
  for (const auto& [value, shown] : used_) {
    text = Replaced(std::move(text), value, shown);
  }
  for (const auto& [value, shown] : used_) HideCutValue(text, value, shown, kShortestCut);
  return text;
}

Tools BindSecrets(const Tools& tools, model::OrgId org) {
  Tools bound = tools;
  if (tools.secret_source == nullptr) return bound;
  bound.secrets = [source = tools.secret_source, org](std::string_view name) {
    return source->Find(org, name);
  };
  return bound;
}

bool MayExpand(std::string_view text) { return HasReference(text); }

}  // namespace pharos::probe
