#pragma once

#include <string>

#include "api/endpoint.h"

namespace pharos::api::kodo {

// /api-keys (kodo.md 2.4): the keys of this dialect.
Result<std::string> ListKeys(Call& call);
Result<std::string> CreateKey(Call& call);
Result<std::string> UpdateKey(Call& call);
Result<std::string> DeleteKey(Call& call);

}  // namespace pharos::api::kodo
