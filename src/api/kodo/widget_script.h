#pragma once

#include <string_view>

namespace pharos::api::kodo {

// The script behind /widget.js (kodo.md 20): shows a page's status on somebody's own site, asks
// this server and nobody else, and builds its elements without markup in texts.
std::string_view WidgetScript();

}  // namespace pharos::api::kodo
