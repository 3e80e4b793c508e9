#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::kener_v4 {

// Site configuration (kener-v4.md 13.3 to 13.5).
Result<std::string> ListSite(Call& call);
Status CheckSiteKey(Call& call);
Result<std::string> GetSiteKey(Call& call);
Result<std::string> SetSiteKey(Call& call);

}  // namespace pharos::api::kener_v4
