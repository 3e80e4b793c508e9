#pragma once

#include <string>

#include "api/endpoint.h"

namespace pharos::api::kodo {

// /beacon (kodo.md 12); the key is in the body. Management of keys and reading of what came are
// extensions.
Result<std::string> ReportBeacon(Call& call);
Result<std::string> ListBeaconKeys(Call& call);
Result<std::string> CreateBeaconKey(Call& call);
Result<std::string> RevokeBeaconKey(Call& call);
Result<std::string> ListBeaconErrors(Call& call);
Result<std::string> ListBeaconEvents(Call& call);

// /metrics/ingest (kodo.md 13); the key is in a header or in the body. Reading and the thresholds
// of a service are extensions.
Result<std::string> IngestMetrics(Call& call);
Result<std::string> GetServiceMetrics(Call& call);
Result<std::string> SetServiceMetrics(Call& call);

}  // namespace pharos::api::kodo
