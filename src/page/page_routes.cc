#include "page/page_routes.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace pharos::page {
namespace {

using What = PageRoute::What;

bool IsPagePath(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::optional<PageRoute> NumberedRoute(What what, std::string_view text) {
  const auto id = ParseInt(text);
  if (!id || *id < 1) return std::nullopt;
  return PageRoute{what, "", *id};
}

std::optional<What> PartOfPage(std::string_view name) {
  if (name == "rss" || name == "rss.xml") return What::kRss;
  if (name == "atom" || name == "atom.xml") return What::kAtom;
  if (name == "badge.svg") return What::kBadge;
  if (name == "unlock") return What::kUnlock;
  return std::nullopt;
}

}  // namespace

std::optional<PageRoute> ParsePageRoute(std::string_view path) {
  if (path == "/") return PageRoute{};
  if (path == "/rss.xml") return PageRoute{What::kRss, "", 0};
  if (path == "/atom.xml") return PageRoute{What::kAtom, "", 0};
  std::vector<std::string_view> parts = Split(path.substr(1), '/');
  if (parts.size() == 2 && parts[0] == "incidents") {
    return NumberedRoute(What::kIncident, parts[1]);
  }
  if (parts.size() == 2 && parts[0] == "maintenances") {
    return NumberedRoute(What::kMaintenance, parts[1]);
  }
  // Before a page's path; but "/status/rss.xml" is a part of the page "status".
  if (parts.size() > 1 && parts[0] == "status" && (parts.size() > 2 || IsPagePath(parts[1]))) {
    parts.erase(parts.begin());
  }
  if (!IsPagePath(parts[0]) || parts.size() > 2) return std::nullopt;
  PageRoute route{What::kPage, std::string(parts[0]), 0};
  if (parts.size() == 1) return route;
  const auto part = PartOfPage(parts[1]);
  if (!part) return std::nullopt;
  route.what = *part;
  return route;
}

}  // namespace pharos::page
