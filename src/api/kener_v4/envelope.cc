#include "api/kener_v4/envelope.h"

#include "base/json.h"
#include "base/text.h"

namespace pharos::api::kener_v4 {
namespace {

constexpr std::string_view kJson = "application/json";

http::Response JsonReply(int status, std::string body) {
  http::Response response(status);
  response.Add("content-type", std::string(kJson));
  response.body = std::move(body);
  return response;
}

bool WantsJson(const http::Request& request) {
  const std::string_view accept = Trim(request.FindHeader("accept"));
  return accept == "*/*" || accept.find(kJson) != std::string_view::npos;
}

// What the original's framework says outside the API's own envelope.
http::Response FrameworkReply(const http::Request& request, int status, std::string_view text) {
  if (WantsJson(request)) {
    std::string body;
    JsonWriter(body).BeginObject().Key("message").String(text).EndObject();
    return JsonReply(status, std::move(body));
  }
  const std::string title = std::to_string(status) + " " + EscapeHtml(text);
  return http::Response::Text(status,
                              "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                              "<title>" +
                                  title + "</title></head><body><h1>" + title +
                                  "</h1></body></html>",
                              "text/html; charset=utf-8");
}

bool IsApiPath(std::string_view path) {
  return path.starts_with("/api/") || path.starts_with("/kener/api/");
}

}  // namespace

http::Response PrintFailure(const http::Request& request, const Failure& failure) {
  switch (failure.problem) {
    case Problem::kWrongMethod: {
      http::Response response(failure.status);
      response.Add("allow", failure.allow);
      response.body = failure.message;
      return response;
    }
    case Problem::kCrossSite:
      return http::Response::Text(403, failure.message, "text/plain;charset=UTF-8");
    case Problem::kCrash:
      return FrameworkReply(request, 500, "Internal Error");
    case Problem::kUnknownRoute:
      if (!IsApiPath(request.path)) return FrameworkReply(request, 404, "Not Found");
      break;
    case Problem::kError:
    case Problem::kMissingKey:
    case Problem::kUnusableKey:
    case Problem::kUnknownMethod:
    case Problem::kScopeMissing:
    case Problem::kRateLimited:
    case Problem::kBadBody:
    case Problem::kBodyTooLarge:
    case Problem::kOverloaded:
      break;
  }
  if (failure.status == 500) return FrameworkReply(request, 500, "Internal Error");
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  if (IsApiPath(request.path)) {
    json.Key("error").BeginObject();
    json.Key("code").String(failure.code).Key("message").String(failure.message);
    json.EndObject();
  } else {
    json.Key("error").String(failure.message);  // the push endpoint's plain text (15.1)
  }
  json.EndObject();
  return JsonReply(failure.status, std::move(body));
}

void Decorate(const http::Request&, http::Response& response) {
  if (response.status == 308) response.Add("x-sveltekit-normalize", "1");
}

}  // namespace pharos::api::kener_v4
