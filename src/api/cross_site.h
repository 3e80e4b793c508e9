#pragma once

#include <cstdint>

#include "http/message.h"

namespace pharos::api {

enum class CrossSite : uint8_t { kFine, kForeign, kUnreadable };

// Judges requests that a browser form of another site could send: POST, PUT, PATCH or DELETE with a
// form media type and an Origin whose host is not the request's (kener-v4.md 2.7).
CrossSite JudgeFormPost(const http::Request& request);

}  // namespace pharos::api
