#pragma once

#include <string>
#include <string_view>

#include "api/dialect.h"
#include "base/error.h"
#include "http/message.h"

namespace pharos::api::kener_v4 {

// {"error":{"code":...,"message":...}}, plain text for 403 and 405, {"message":"Internal Error"} or
// HTML for uncaught failures (kener-v4.md 2.4, 2.6, 2.7, 19).
http::Response PrintFailure(const http::Request& request, const Failure& failure);

// Headers that the original adds to redirects.
void Decorate(const http::Request& request, http::Response& response);

// 400 with this very text.
Error BadRequest(std::string message);
// 400 about one body field; the text starts with the field's name.
Error BadField(std::string_view field, std::string_view rest);
Error NotFound(std::string message);

}  // namespace pharos::api::kener_v4
