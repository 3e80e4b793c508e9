#include "api/catalog.h"

#include <utility>

namespace pharos::api {

// Declared here instead of included: a dialect knows the machinery, never the other way round, and
// the linker finds each one by its line below.
namespace console {
Dialect MakeDialect();
}
namespace is0k {
Dialect MakeDialect();
}
namespace kener_classic {
Dialect MakeDialect();
}
namespace kener_v3 {
Dialect MakeDialect();
}
namespace kener_v4 {
Dialect MakeDialect();
}
namespace kodo {
Dialect MakeDialect();
}

std::vector<Dialect> AllDialects() {
  std::vector<Dialect> all;
  all.push_back(kener_v4::MakeDialect());
  all.push_back(kener_classic::MakeDialect());
  all.push_back(kener_v3::MakeDialect());
  all.push_back(kodo::MakeDialect());
  all.push_back(is0k::MakeDialect());
  all.push_back(console::MakeDialect());
  return all;
}

// Kodo and is0k have the same base path and some of the same nouns (is0k.md 10.1).
std::vector<Tie> AllTies() {
  std::vector<Tie> ties;
  const auto add = [&](std::string_view method, std::string_view pattern) {
    ties.push_back({method, pattern, "kodo", "is0k"});
  };
  add("GET", "/api/v1/incidents");
  add("POST", "/api/v1/incidents");
  add("GET", "/api/v1/incidents/{id}");
  add("POST", "/api/v1/incidents/{id}/updates");
  add("GET", "/api/v1/status-pages");
  add("POST", "/api/v1/status-pages");
  add("GET", "/api/v1/status-pages/{id}");
  add("DELETE", "/api/v1/status-pages/{id}");
  return ties;
}

std::vector<service::SiteEntry> SeededSiteEntries() {
  std::vector<service::SiteEntry> entries;
  for (const Dialect& dialect : AllDialects()) {
    if (!dialect.seed) continue;
    for (service::SiteEntry& entry : dialect.seed()) entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace pharos::api
