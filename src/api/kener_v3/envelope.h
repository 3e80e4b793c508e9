#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/dialect.h"
#include "api/kener/errors.h"
#include "base/result.h"
#include "http/message.h"

namespace pharos::api::kener_v3 {

// {"error":"<text>"}, then whatever members Failure::details has.
http::Response PrintFailure(const http::Request& request, const Failure& failure);
void Decorate(const http::Request& request, http::Response& response);

using kener::BadRequest;
using kener::NotFound;

// Unix seconds out of a loose number that is in the range of our times.
std::optional<int64_t> LooseSeconds(const Value* value);
// A text that is not empty.
std::optional<std::string> NonEmptyText(const Value* value);

}  // namespace pharos::api::kener_v3
