#pragma once

#include <memory>
#include <string>

#include "page/page_server.h"
#include "page/render_page.h"
#include "page/snapshot.h"

namespace pharos::page {

// Renders and compresses everything. The worker's work.
std::shared_ptr<const Snapshot> BuildSnapshot(PageServer::Input input, const std::string& time_zone,
                                              const AssetLinks& links);

}  // namespace pharos::page
