#include "api/preflight.h"

namespace pharos::api {

http::Response AnswerPreflight(const http::Request&) {
  http::Response response(204);
  response.Add("access-control-allow-origin", "*");
  response.Add("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS");
  response.Add("access-control-allow-headers", "Authorization, X-API-Key, Content-Type");
  response.Add("access-control-max-age", "86400");
  return response;
}

void AllowAnyOrigin(http::Response& response) {
  response.Add("access-control-allow-origin", "*");
  response.Add("access-control-expose-headers",
               "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After");
}

}  // namespace pharos::api
