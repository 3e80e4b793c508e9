#pragma once

#include "base/result.h"
#include "service/context.h"

namespace pharos::service {

// Loads the image of what masks monitors (incidents and maintenances of all organisations) from the
// store: at start and after each commit that touched them. Thread-safe; blocks on the store.
Status ReloadOverlays(const Context& context);

// Has monitors without checks of their own (kind "manual") show at once what the overlays make of
// them, rather than at their next minute. After ReloadOverlays; does not wait.
void ShowOverlays(const Context& context, model::OrgId org);

}  // namespace pharos::service
