#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::kener_v4 {

// The maintenance that the path names exists (kener-v4.md 2.2 step 5).
Status MaintenanceExists(Call& call);

// kener-v4.md 10.4 to 10.8.
Result<std::string> ListMaintenances(Call& call);
Result<std::string> CreateMaintenance(Call& call);
Result<std::string> GetMaintenance(Call& call);
Result<std::string> UpdateMaintenance(Call& call);
Result<std::string> DeleteMaintenance(Call& call);

// The event that the path names exists and is of its maintenance; asked before the body (11.5).
Status EventExists(Call& call);

// kener-v4.md 11.3 to 11.7.
Result<std::string> ListEvents(Call& call);
Result<std::string> ListAllEvents(Call& call);
Result<std::string> GetEvent(Call& call);
Result<std::string> UpdateEvent(Call& call);
Result<std::string> DeleteEvent(Call& call);

}  // namespace pharos::api::kener_v4
