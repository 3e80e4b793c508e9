#pragma once

#include <string>

#include "service/overview.h"

namespace pharos::page {

// What a page's feed tells of: its incidents with their updates, and planned work.
struct Feed {
  const std::string& title;
  const std::string& site_url;  // "https://status.example.org"; empty = addresses without host
  std::string page_address;     // "/partners"
  const service::Overview& overview;
};

// Newest first, at most 50 entries. Texts are escaped for XML.
std::string RenderRss(const Feed& feed);
std::string RenderAtom(const Feed& feed);

}  // namespace pharos::page
