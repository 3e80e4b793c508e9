#pragma once

#include <string>
#include <string_view>

#include "page/page_model.h"

namespace pharos::page {

// Addresses of the embedded files, with a hash of their content in the name.
struct AssetLinks {
  std::string css;
  std::string js;
};

struct RenderedPage {
  std::string html;
  std::string title;
  std::string version;  // changes exactly when something visible changes; sent over /live
};

// The whole status page. Pure: the same model gives the same bytes.
RenderedPage RenderPage(const PageModel& model, const AssetLinks& links);

}  // namespace pharos::page
