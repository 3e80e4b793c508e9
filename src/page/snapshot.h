#pragma once

#include <string>
#include <unordered_map>

#include "page/page_cache.h"
#include "page/page_model.h"

namespace pharos::page {

// Everything visitors can ask for, at one moment. Immutable; shared between the request loops while
// the worker builds the next one.
struct Snapshot {
  service::Overview overview;
  SiteLook look;
  std::unordered_map<std::string, size_t> by_tag;  // index into overview.monitors
  std::string version;
  CachedReply page;
};

}  // namespace pharos::page
