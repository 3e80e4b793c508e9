#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::is0k {

// is0k.md 6.
Result<std::string> ListPages(Call& call);
Result<std::string> CreatePage(Call& call);
Result<std::string> GetPage(Call& call);
Result<std::string> UpdatePage(Call& call);
Result<std::string> DeletePage(Call& call);

}  // namespace pharos::api::is0k
