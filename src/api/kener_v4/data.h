#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::kener_v4 {

// Samples of one monitor (kener-v4.md 7.3 to 7.6).
Result<std::string> ReadRange(Call& call);
Result<std::string> WriteRange(Call& call);
// 7.6: the timestamp is judged before the body.
Status CheckTimestamp(Call& call);
Result<std::string> ReadPoint(Call& call);
Result<std::string> WritePoint(Call& call);

}  // namespace pharos::api::kener_v4
