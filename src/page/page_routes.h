#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pharos::page {

// What an address of the public pages means (product.md 7.1, kodo.md 20).
struct PageRoute {
  enum class What : uint8_t {
    kPage,
    kRss,
    kAtom,
    kBadge,   // of the whole page
    kUnlock,  // the form of a private page
    kIncident,
    kMaintenance,
  };
  What what = What::kPage;
  std::string page;  // its path; empty = home, or the page of the host
  int64_t id = 0;    // of the last two
};
// nullopt for an address that means nothing.
std::optional<PageRoute> ParsePageRoute(std::string_view path);

}  // namespace pharos::page
