#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/time.h"
#include "model/maintenance.h"

namespace pharos::api::kodo {

// Whether planned work takes place at `now`: its own state, and the clock where nobody moved that
// yet.
bool IsRunning(const model::Occurrence& occurrence, Timestamp now);
// What an occurrence is at `now`, told by the clock alike.
model::OccurrenceState StateAt(const model::Occurrence& occurrence, Timestamp now);

// /maintenance (kodo.md 17.1): each one is planned work that takes place once.
Result<std::string> ListMaintenance(Call& call);
Result<std::string> CreateMaintenance(Call& call);
Result<std::string> GetMaintenance(Call& call);
Result<std::string> UpdateMaintenance(Call& call);
Result<std::string> DeleteMaintenance(Call& call);

}  // namespace pharos::api::kodo
