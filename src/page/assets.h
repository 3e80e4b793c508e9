#pragma once

#include <map>
#include <string>

#include "page/page_cache.h"
#include "page/render_page.h"

namespace pharos::page {

// The files of web/page, compressed once at start. Their addresses carry a hash of the content and
// may therefore be kept by browsers for ever. Immutable after construction.
class Assets {
 public:
  Assets();
  // nullptr when there is no such file. `path` is the whole path of the request.
  const CachedReply* Find(const std::string& path) const;
  const AssetLinks& links() const { return links_; }

 private:
  AssetLinks links_;
  std::map<std::string, CachedReply> by_path_;
};

}  // namespace pharos::page
