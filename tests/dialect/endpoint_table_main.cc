// Writes the table of endpoints into the page of each dialect, between its two marks:
//   pharos_endpoints docs/dialects            writes
//   pharos_endpoints --check docs/dialects    says which pages are not those of this build
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "api/catalog.h"

namespace pharos {
namespace {

constexpr std::string_view kBegin = "<!-- endpoints: written by ./dev gen -->\n";
constexpr std::string_view kEnd = "<!-- /endpoints -->\n";

std::string_view PrefixOf(const api::Dialect& dialect, const api::Endpoint& row) {
  for (const api::Mount& mount : dialect.mounts) {
    if (mount.area == row.area && !mount.fallback) return mount.prefix;
  }
  return {};
}

std::string ScopeCell(std::string_view scope) {
  if (scope == api::kPublicScope) return "none";
  if (scope == api::kAnyKeyScope) return "any key";
  return "`" + std::string(scope) + "`";
}

std::string Table(const api::Dialect& dialect) {
  std::string text = "| Method | Path | Operation | Scope | Rate class |\n|---|---|---|---|---|\n";
  for (const api::Endpoint& row : dialect.endpoints) {
    text += "| " + std::string(row.method) + " | `" + std::string(PrefixOf(dialect, row)) +
            std::string(row.pattern) + "` | " + std::string(row.operation) + " | " +
            ScopeCell(row.scope) + " | " + std::string(row.rate_class) + " |\n";
  }
  return text;
}

std::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The page with the table of today; nullopt when it has no place for one.
std::optional<std::string> WithTable(const std::string& page, const std::string& table) {
  const size_t begin = page.find(kBegin);
  const size_t end = page.find(kEnd);
  if (begin == std::string::npos || end == std::string::npos || end < begin) return std::nullopt;
  return page.substr(0, begin + kBegin.size()) + table + page.substr(end);
}

int Run(const std::string& folder, bool check) {
  int bad = 0;
  for (const api::Dialect& dialect : api::AllDialects()) {
    const std::string path = folder + "/" + std::string(dialect.name) + ".md";
    const std::optional<std::string> page = ReadFile(path);
    const auto wanted = page ? WithTable(*page, Table(dialect)) : std::nullopt;
    if (!wanted) {
      std::fprintf(stderr, "%s: there is no page with the lines\n%s%s", path.c_str(), kBegin.data(),
                   kEnd.data());
      ++bad;
    } else if (*wanted != *page && check) {
      std::fprintf(stderr, "%s: not the endpoints of this build, run ./dev gen\n", path.c_str());
      ++bad;
    } else if (*wanted != *page) {
      std::ofstream(path, std::ios::binary) << *wanted;
    }
  }
  return bad == 0 ? 0 : 1;
}

}  // namespace
}  // namespace pharos

int main(int argc, char** argv) {
  const bool check = argc == 3 && std::string_view(argv[1]) == "--check";
  if (argc != 2 && !check) {
    std::fprintf(stderr, "usage: pharos_endpoints [--check] FOLDER\n");
    return 2;
  }
  return pharos::Run(argv[argc - 1], check);
}
