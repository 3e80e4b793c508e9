#pragma once

#include "http/message.h"

namespace pharos::api {

// The answer to OPTIONS on shared paths, the same for every dialect there (is0k.md 10.2): any
// origin, all six methods, the headers that any of them reads, no cookies.
http::Response AnswerPreflight(const http::Request& request);

// Lets any origin read the answer and its rate headers; for Dialect::decorate.
void AllowAnyOrigin(http::Response& response);

}  // namespace pharos::api
