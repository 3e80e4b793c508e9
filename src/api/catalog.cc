#include "api/catalog.h"

#include <utility>

namespace pharos::api {

// Declared here instead of included: a dialect knows the machinery, never the other way round, and
// the linker finds each one by its line below.
namespace kener_v4 {
Dialect MakeDialect();
}

std::vector<Dialect> AllDialects() {
  std::vector<Dialect> all;
  all.push_back(kener_v4::MakeDialect());
  return all;
}

std::vector<Tie> AllTies() { return {}; }

std::vector<service::SiteEntry> SeededSiteEntries() {
  std::vector<service::SiteEntry> entries;
  for (const Dialect& dialect : AllDialects()) {
    if (!dialect.seed) continue;
    for (service::SiteEntry& entry : dialect.seed()) entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace pharos::api
