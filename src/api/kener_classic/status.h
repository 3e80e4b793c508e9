#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::kener_classic {

// GET /me: the key that asks, in this dialect's permission words (kener-classic.md 6.1).
Result<std::string> ReadMe(Call& call);
// GET /status: everything public at a glance (6.13).
Result<std::string> ReadStatus(Call& call);

}  // namespace pharos::api::kener_classic
