#include "cli/evidence_text.h"

#include <algorithm>
#include <cstdio>

#include "base/time.h"

namespace pharos::cli {
namespace {

constexpr int kNameWidth = 14;

std::string Milliseconds(int64_t us) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms", static_cast<double>(us) / 1000);
  return text;
}

std::string Words(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string Indented(const std::string& text, size_t by) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += std::string(by, ' ');
  }
  return out;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> EvidenceLines(const model::CheckEvidence& seen) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const std::string& one : seen.attempts) lines.emplace_back("earlier try", one);
  for (const auto& one : seen.redirects) {
    lines.emplace_back("redirect", std::to_string(one.status) + " to " + one.location);
  }
  for (const auto& one : seen.addresses) {
    lines.emplace_back("address", one.address + ": " + one.outcome);
  }
  for (const auto& [name, us] : seen.phases) lines.emplace_back(Words(name), Milliseconds(us));
  for (const auto& one : seen.chain) {
    lines.emplace_back("certificate", one.subject + ", by " + one.issuer + ", from " +
                                          FormatIsoSeconds(one.valid_from) + " to " +
                                          FormatIsoSeconds(one.valid_to));
  }
  if (seen.status != 0) {
    lines.emplace_back("answer", "HTTP/" + seen.http_version + " " + std::to_string(seen.status));
  }
  for (const auto& [name, value] : seen.headers) lines.emplace_back("header", name + ": " + value);
  if (seen.body_bytes >= 0) {
    std::string text = std::to_string(seen.body_bytes) + " bytes";
    if (!seen.body.empty()) text += ", beginning with\n" + seen.body;
    lines.emplace_back("body", text);
  }
  for (const auto& [name, value] : seen.facts) {
    if (name != "body") lines.emplace_back(name, value);
  }
  return lines;
}

void PrintEvidence(const model::CheckEvidence& seen, int indent) {
  for (const auto& [name, text] : EvidenceLines(seen)) {
    const std::string shown =
        Indented(text, static_cast<size_t>(indent) + static_cast<size_t>(kNameWidth) + 1);
    std::printf("%*s%-*s %s\n", indent, "", kNameWidth, name.c_str(), shown.c_str());
  }
}

}  // namespace pharos::cli
