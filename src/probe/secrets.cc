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

std::string JsonEscaped(const std::string& value) {
  std::string text;
  JsonWriter(text).String(value);
  return text.substr(1, text.size() - 2);
}

std::string WithoutPadding(std::string text) {
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

// Texts are cut somewhere: what is left of a value at the end is taken out too.
void RedactCutEnd(std::string& text, const std::vector<std::pair<std::string, std::string>>& used) {
  for (const auto& [value, shown] : used) {
    const size_t longest = std::min(value.size(), text.size());
    for (size_t length = longest; length >= kShortestCut; --length) {
      if (!std::string_view(text).ends_with(std::string_view(value).substr(0, length))) continue;
      text.replace(text.size() - length, length, shown);
      return;
    }
  }
}

}  // namespace

std::string SecretExpander::Expand(std::string_view text) {
  return ReplaceReferences(text, [&](std::string_view name) {
    std::optional<std::string> value;
    if (lookup_) value = lookup_(name);
    if (value) Remember(*value, name);
    return value;
  });
}

SecretExpander::~SecretExpander() {
  for (auto& [value, shown] : used_) Secret::Wipe(value);
}

std::vector<std::string> FormsOf(const std::string& value) {
  const std::string encoded = PercentEncode(value);
  const std::string base64 = Base64Encode(value);
  return {value,
          encoded,
          AsciiLower(encoded),
          AsciiLower(value),
          JsonEscaped(value),
          EscapeHtml(value),
          base64,
          WithoutPadding(base64)};
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
    for (size_t at = text.find(value); at != std::string::npos;
         at = text.find(value, at + shown.size())) {
      text.replace(at, value.size(), shown);
    }
  }
  RedactCutEnd(text, used_);
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
