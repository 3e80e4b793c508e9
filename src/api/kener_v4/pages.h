#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::kener_v4 {

// The page that the path names exists (kener-v4.md 2.2 step 5).
Status PageExists(Call& call);

// kener-v4.md 12.3 to 12.7.
Result<std::string> ListPages(Call& call);
Result<std::string> CreatePage(Call& call);
Result<std::string> GetPage(Call& call);
Result<std::string> UpdatePage(Call& call);
Result<std::string> DeletePage(Call& call);

// The path that a text becomes: "My Cool/Page!" -> "my-coolpage" (12.3).
std::string SanitisedPath(std::string_view text);

}  // namespace pharos::api::kener_v4
