#pragma once

#include <array>
#include <string>
#include <vector>

#include "model/status.h"
#include "service/overview.h"
#include "service/site.h"

namespace pharos::page {

// What the settings of the site (kener-v4.md 13.2) say about the page.
struct SiteLook {
  std::string name = "Pharos";
  std::string title;     // of the window; empty = derived from the name
  std::string subtitle;  // below the name
  std::string theme;     // "light", "dark" or empty: as the reader's system
  bool theme_toggle = true;
  // Colours of badges by status, "#rrggbb".
  std::array<std::string, model::kStatusCount> colors = {"#1b9e53", "#d18700", "#e8590c",
                                                         "#d92d2d", "#2f6fe4", "#9ca3af"};
};
SiteLook ReadSiteLook(const std::vector<service::SiteEntry>& entries);

struct PageLook;

// One line of the page; points into the overview.
struct PageRow {
  const service::MonitorOverview* monitor = nullptr;
  bool bars = true;
};
struct PageGroup {
  std::string name;  // empty when the page is not divided
  std::vector<PageRow> rows;
};

// Bounds of one page: the weight of a page must not grow with the number of monitors without end.
struct PageLimits {
  size_t rows = 1000;
  size_t bars = 200;
  size_t updates_per_incident = 50;
};

// What the renderer lays out. Refers to the overview, which must outlive it.
struct PageModel {
  const service::Overview* overview = nullptr;
  const PageLook* look = nullptr;
  std::string path;      // of the page; empty = home
  std::string css_link;  // of its own style sheet; empty = none
  std::vector<PageGroup> groups;
  size_t left_out = 0;  // monitors beyond the bound, healthy ones first
  PageLimits limits;
  std::string time_zone = "UTC";
};
PageModel BuildPageModel(const service::Overview& overview, const PageLook& look,
                         std::string time_zone, const PageLimits& limits = {});

}  // namespace pharos::page
