#pragma once

#include <string>

#include "api/endpoint.h"

namespace pharos::api::kodo {

// /api/alerts/webhook (kodo.md 19), with the key of a source; sources and lists are extensions.
Result<std::string> TakeAlert(Call& call);
Result<std::string> ListAlertSources(Call& call);
Result<std::string> CreateAlertSource(Call& call);
Result<std::string> DeleteAlertSource(Call& call);
Result<std::string> ListAlerts(Call& call);
Result<std::string> GetAlert(Call& call);
Result<std::string> AcknowledgeAlert(Call& call);
Result<std::string> ResolveAlertCall(Call& call);

}  // namespace pharos::api::kodo
