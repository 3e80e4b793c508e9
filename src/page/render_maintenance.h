#pragma once

#include <string_view>
#include <vector>

#include "page/html_writer.h"
#include "service/overview.h"

namespace pharos::page {

// A section with a card per occurrence; nothing when there are none. `heading` is plain text.
void WriteMaintenances(HtmlWriter& html, std::string_view heading,
                       const std::vector<service::MaintenanceOverview>& list);

}  // namespace pharos::page
