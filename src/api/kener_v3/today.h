#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::kener_v3 {

// What the pages of Kener 2 and 3 asked for to draw their bars (kener-classic.md A.7). Public: of
// hidden and unknown monitors there is no data.
Result<std::string> ReadToday(Call& call);
Result<std::string> ReadAggregate(Call& call);
Result<std::string> ReadIncidentDays(Call& call);

}  // namespace pharos::api::kener_v3
