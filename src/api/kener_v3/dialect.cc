#include "api/dialect.h"

#include <algorithm>

#include "api/kener/requests.h"
#include "api/kener_v3/envelope.h"
#include "api/kener_v3/routes.h"
#include "api/kener_v3/shapes.h"
#include "api/preflight.h"

namespace pharos::api::kener_v3 {
namespace {

// kener-classic.md A.1: texts without codes, and one text for whatever is wrong with a key.
std::vector<ErrorRow> Errors() {
  return {
      {ErrorKind::kInvalid, 400, "", "Bad request"},
      {ErrorKind::kUnauthenticated, 401, "", "invalid token", true},
      {ErrorKind::kKeyExpired, 401, "", "invalid token", true},
      {ErrorKind::kKeyRevoked, 401, "", "invalid token", true},
      {ErrorKind::kKeyDisabled, 401, "", "invalid token", true},
      {ErrorKind::kForbidden, 403, "", "forbidden", true},
      {ErrorKind::kNotFound, 404, "", "Not Found"},
      {ErrorKind::kConflict, 400, "", "Conflict"},
      {ErrorKind::kTooLarge, 400, "", "Invalid JSON body", true},
      {ErrorKind::kRateLimited, 429, "", "Rate limit exceeded", true},
      {ErrorKind::kUnavailable, 503, "", "The server is busy, try again later"},
      {ErrorKind::kTimeout, 503, "", "The server is busy, try again later"},
      {ErrorKind::kBlocked, 400, "", "Blocked by the outbound policy"},
      {ErrorKind::kInternal, 500, "", "Internal Server Error", true},
  };
}

// GET without a tag is the classic interface's (kener-classic.md B.1).
bool IsOurStatus(const http::Request& request) {
  if (request.method == "POST") return true;
  const auto parameters = http::ParseQuery(request.query);
  const std::string* tag = http::FindParameter(parameters, "tag");
  return tag != nullptr && !tag->empty();
}

// Singular paths are ours, plural ones are not.
bool IsOurs(const http::Request& request) {
  const std::string_view first = kener::SegmentBelowApi(request.path);
  if (first == "status") return IsOurStatus(request);
  return first == "monitor" || first == "incident" || first == "today";
}

// "<tag>:<secret>"; without a colon it is another interface's heartbeat.
bool IsOurHeartbeat(const http::Request& request) {
  constexpr std::string_view kPrefix = "/api/heartbeat/";
  std::string_view rest = request.path;
  const size_t base = rest.find(kPrefix);
  if (base == std::string_view::npos) return false;
  rest.remove_prefix(base + kPrefix.size());
  const bool has_colon = rest.find(':') != std::string_view::npos ||
                         rest.find("%3A") != std::string_view::npos ||
                         rest.find("%3a") != std::string_view::npos;
  return has_colon;
}

}  // namespace

// Called from the line in api/catalog.cc.
Dialect MakeDialect();

Dialect MakeDialect() {
  Dialect d;
  d.name = "kener_v3";
  d.title = "Kener API, versions 2 and 3";
  d.mounts = {
      {.prefix = "/api", .when = IsOurs},
      {.prefix = "/kener/api", .when = IsOurs},
      {.prefix = "/api/heartbeat",
       .area = "push",
       .keyless = true,
       .secret_paths = true,
       .when = IsOurHeartbeat},
      {.prefix = "/kener/api/heartbeat",
       .area = "push",
       .keyless = true,
       .secret_paths = true,
       .when = IsOurHeartbeat},
  };
  d.credentials = {{.kind = CredentialReader::Kind::kBare}};
  d.key_prefixes = {"kener_"};
  d.accepts_keys_of = {"kener_classic", "kener_v4"};
  d.gates = {Gate::kKnownMethod, Gate::kPreflight, Gate::kAuthentication, Gate::kRateLimit,
             Gate::kRoute,       Gate::kMethod,    Gate::kPermission,     Gate::kBody};
  d.methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  // The originals have no limits; what anybody may ask for has one here.
  d.rate_classes = {
      {.name = "ordinary"}, {.name = "heartbeat"}, {.name = "page", .per_minute = 300}};
  d.ignores_trailing_slash = true;
  d.errors = Errors();
  d.texts = {
      .missing_key = "invalid token",
      .unknown_key = "invalid token",
      .unknown_route = "Not Found",
      .wrong_method = "{method} method not allowed",
      .scope_missing = "forbidden",
      .bad_body = "Invalid JSON body",
  };
  d.envelope = PrintFailure;
  d.error_shape = &FailureShape();
  d.preflight = AnswerPreflight;
  d.decorate = Decorate;
  d.endpoints = Endpoints();
  return d;
}

}  // namespace pharos::api::kener_v3
