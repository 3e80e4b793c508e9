#pragma once

#include <string>

#include "model/page.h"
#include "page/page_model.h"

namespace pharos::page {

// A message above everything else.
struct Announcement {
  std::string text;  // empty = none
  std::string kind;  // "info", "success", "warning", "critical", "maintenance"
};

// How one page looks: its own settings, then the site's. Texts are cleaned, addresses are http(s)
// or local.
struct PageLook {
  std::string title;  // of the window
  std::string heading;
  std::string subtitle;  // one paragraph or more
  std::string logo;      // address of a picture; empty = ours
  std::string favicon;
  std::string language = "en";
  std::string theme;  // "light", "dark" or empty: as the reader's system
  bool theme_toggle = true;
  bool centered = false;
  bool branding = true;
  bool history = true;  // bars of days
  Announcement announcement;
  std::string css;  // a style sheet of its own; empty = none
};
PageLook ReadPageLook(const model::Page& page, const SiteLook& site);

// True for "#RRGGBB".
bool IsHexColor(std::string_view text);
// An address that may stand in `src` or `href`: http, https, or a path of this server.
bool IsSafeAddress(std::string_view text);

}  // namespace pharos::page
