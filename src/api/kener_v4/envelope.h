#pragma once

#include "api/dialect.h"
#include "api/kener/errors.h"
#include "http/message.h"

namespace pharos::api::kener_v4 {

// {"error":{"code":...,"message":...}}, plain text for 403 and 405, {"message":"Internal Error"} or
// HTML for uncaught failures (kener-v4.md 2.4, 2.6, 2.7, 19).
http::Response PrintFailure(const http::Request& request, const Failure& failure);

// Headers that the original adds to redirects.
void Decorate(const http::Request& request, http::Response& response);

using kener::BadField;
using kener::BadRequest;
using kener::NotFound;

}  // namespace pharos::api::kener_v4
