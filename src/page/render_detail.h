#pragma once

#include <string>
#include <string_view>

#include "page/page_look.h"
#include "page/render_page.h"
#include "service/overview.h"

namespace pharos::page {

// Small pages beside the status page. All texts are shown as plain text.

// One message, for errors.
std::string RenderMessagePage(std::string_view heading, std::string_view text,
                              const AssetLinks& links);
// One incident, or one occurrence of planned work, with everything that is known of it.
std::string RenderIncidentPage(const service::IncidentOverview& incident, const PageLook& look,
                               const AssetLinks& links);
std::string RenderMaintenancePage(const service::MaintenanceOverview& maintenance,
                                  const PageLook& look, const AssetLinks& links);
// Asks for the password of a page. `action` is where the form goes.
std::string RenderDoorPage(const PageLook& look, std::string_view hint, std::string_view action,
                           bool wrong, const AssetLinks& links);

}  // namespace pharos::page
