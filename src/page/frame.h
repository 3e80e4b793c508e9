#pragma once

#include <string>
#include <string_view>

#include "page/html_writer.h"
#include "page/page_look.h"
#include "page/render_page.h"

namespace pharos::page {

// What stands around the content of every page.
struct Frame {
  std::string_view title;         // of the window
  std::string_view version = {};  // empty: the page does not keep itself fresh
  std::string_view path = {};     // of the page that it belongs to; empty = home
  std::string_view css_link = {};
  std::string_view time_zone = {};  // whose days are counted; empty = no days on it
};

void WriteHead(HtmlWriter& html, const Frame& frame, const PageLook& look, const AssetLinks& links);
void WriteFooter(HtmlWriter& html, const Frame& frame, const PageLook& look);
// Where a page is: "/" or "/partners".
std::string PageAddress(std::string_view path);

}  // namespace pharos::page
