#pragma once

#include <string>
#include <string_view>

#include "api/dialect.h"
#include "api/endpoint.h"
#include "base/error.h"
#include "http/message.h"

namespace pharos::api::kodo {

// {"error":"..."} with "code", "details" and whatever else Failure::details holds; errors with
// fields are {"error":"Invalid request body","code":"INVALID_SCHEMA","details":{...}} (kodo.md 4).
http::Response PrintFailure(const http::Request& request, const Failure& failure);

// What every answer gets: any origin may read it (kodo.md 1.12), unless the endpoint has set its
// own header.
void Decorate(const http::Request& request, http::Response& response);

// What a body that is no JSON is told, with the code of the generic shape (kodo.md 4).
inline constexpr std::string_view kBrokenJson = "Invalid JSON body";

// 400 with this very text and nothing else.
Error BadRequest(std::string text);
// 400 of the generic shape about one member of the body; an empty name means the body itself.
Error BadField(std::string_view field, std::string message);
// 404; `what` is the noun with a capital: "Incident" -> "Incident not found".
Error NotFound(std::string_view what);
// 404 with the noun's own text when `error` says that something is missing; other errors unchanged.
Error NotFoundAs(Error error, std::string_view what);

// The answer to every delete (kodo.md 1.6).
inline constexpr std::string_view kSuccess = R"({"success":true})";

}  // namespace pharos::api::kodo
