#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::kener_v4 {

// What `url` members begin with (kener-v4.md 4.6): the site key siteURL without slashes at its end
// when it is an address, otherwise nothing.
Result<std::string> SiteUrl(const Call& call);

}  // namespace pharos::api::kener_v4
