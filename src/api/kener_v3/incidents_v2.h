#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::kener_v3 {

// Incidents as Kener 2 knew them, on the same incidents (kener-classic.md A.4).
Result<std::string> ListV2(Call& call);
Result<std::string> CreateV2(Call& call);
Result<std::string> UpdateV2(Call& call);
Result<std::string> ListComments(Call& call);
Result<std::string> AddComment(Call& call);
Result<std::string> SetStatus(Call& call);

// A whole number of the query from 1 to `max`; `fallback` for anything else.
int64_t NumberParameter(const std::vector<std::pair<std::string, std::string>>& parameters,
                        std::string_view name, int64_t fallback, int64_t max);

}  // namespace pharos::api::kener_v3
