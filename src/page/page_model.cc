#include "page/page_model.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "page/page_look.h"

namespace pharos::page {
namespace {

using model::Status;

constexpr size_t kMaxNameBytes = 200;
constexpr size_t kMaxSubtitleBytes = 500;

void ReadColors(const Value& value, SiteLook& look) {
  const std::pair<const char*, Status> names[] = {{"UP", Status::kUp},
                                                  {"DEGRADED", Status::kDegraded},
                                                  {"DOWN", Status::kDown},
                                                  {"MAINTENANCE", Status::kMaintenance}};
  for (const auto& [name, status] : names) {
    const std::string color = value.StringOr(name, "");
    if (IsHexColor(color)) look.colors[static_cast<size_t>(status)] = color;
  }
}

std::string TextOf(const Value& value, size_t max_bytes) {
  if (!value.IsString()) return {};
  return Ellipsize(SanitizeUtf8(Trim(value.AsString())), max_bytes);
}

// Which monitors a page that cannot show all of them shows: those in trouble before the others, in
// page order.
std::vector<bool> ChooseRows(const std::vector<service::MonitorOverview>& monitors, size_t limit) {
  std::vector<bool> chosen(monitors.size(), monitors.size() <= limit);
  if (monitors.size() <= limit) return chosen;
  for (const bool troubled : {true, false}) {
    for (size_t i = 0; i < monitors.size() && limit > 0; ++i) {
      const bool in_trouble =
          model::Severity(monitors[i].state.shown) > model::Severity(Status::kUp);
      if (chosen[i] || in_trouble != troubled) continue;
      chosen[i] = true;
      --limit;
    }
  }
  return chosen;
}

}  // namespace

SiteLook ReadSiteLook(const std::vector<service::SiteEntry>& entries) {
  SiteLook look;
  for (const service::SiteEntry& entry : entries) {
    const Value& value = entry.value;
    if (entry.key == "siteName") {
      if (std::string name = TextOf(value, kMaxNameBytes); !name.empty()) {
        look.name = std::move(name);
      }
    } else if (entry.key == "title") {
      look.title = TextOf(value, kMaxNameBytes);
    } else if (entry.key == "hero" && value.IsObject()) {
      if (const Value* text = value.Find("subtitle")) {
        look.subtitle = TextOf(*text, kMaxSubtitleBytes);
      }
    } else if (entry.key == "theme" && value.IsString()) {
      const std::string& theme = value.AsString();
      if (theme == "light" || theme == "dark") look.theme = theme;
    } else if (entry.key == "themeToggle" && value.IsString()) {
      look.theme_toggle = value.AsString() != "NO" && !value.AsString().empty();
    } else if (entry.key == "colors" && value.IsObject()) {
      ReadColors(value, look);
    }
  }
  return look;
}

PageModel BuildPageModel(const service::Overview& overview, const PageLook& look,
                         std::string time_zone, const PageLimits& limits) {
  PageModel page;
  page.overview = &overview;
  page.look = &look;
  page.limits = limits;
  page.time_zone = std::move(time_zone);
  const std::vector<bool> chosen = ChooseRows(overview.monitors, limits.rows);
  std::set<std::string_view> categories;
  for (const auto& entry : overview.monitors) categories.insert(entry.monitor->category);
  const bool divided = categories.size() > 1;
  size_t shown = 0;
  for (size_t i = 0; i < overview.monitors.size(); ++i) {
    if (!chosen[i]) {
      ++page.left_out;
      continue;
    }
    const service::MonitorOverview& entry = overview.monitors[i];
    const std::string& name = entry.monitor->category;
    auto group = std::find_if(page.groups.begin(), page.groups.end(),
                              [&](const PageGroup& g) { return !divided || g.name == name; });
    if (group == page.groups.end()) {
      page.groups.push_back({divided ? name : "", {}});
      group = std::prev(page.groups.end());
    }
    group->rows.push_back({&entry, look.history && shown < limits.bars});
    ++shown;
  }
  return page;
}

}  // namespace pharos::page
