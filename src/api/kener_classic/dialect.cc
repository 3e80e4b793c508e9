#include "api/dialect.h"

#include "api/kener/requests.h"
#include "api/kener_classic/envelope.h"
#include "api/kener_classic/incidents.h"
#include "api/kener_classic/monitors.h"
#include "api/kener_classic/permissions.h"
#include "api/kener_classic/routes.h"
#include "api/kener_classic/shapes.h"
#include "api/preflight.h"

namespace pharos::api::kener_classic {
namespace {

Status MonitorExists(Call& call) {
  PHAROS_RETURN_IF_ERROR(FindMonitor(call));
  return Ok();
}

// kener-classic.md 3.4.
std::vector<ErrorRow> Errors() {
  return {
      {ErrorKind::kInvalid, 400, "INVALID_REQUEST", "Invalid request"},
      {ErrorKind::kUnauthenticated, 401, "UNAUTHORIZED", "Invalid API key provided"},
      {ErrorKind::kKeyExpired, 401, "KEY_EXPIRED", "API key has expired", true},
      {ErrorKind::kKeyRevoked, 401, "KEY_REVOKED", "API key has been revoked", true},
      {ErrorKind::kKeyDisabled, 401, "KEY_REVOKED", "API key has been disabled", true},
      {ErrorKind::kForbidden, 403, "FORBIDDEN", "Not allowed"},
      {ErrorKind::kNotFound, 404, "NOT_FOUND", "Not found"},
      {ErrorKind::kConflict, 409, "CONFLICT", "Conflict"},
      {ErrorKind::kTooLarge, 400, "INVALID_REQUEST", "The body is too large", true},
      {ErrorKind::kRateLimited, 429, "RATE_LIMITED", "Rate limit exceeded"},
      {ErrorKind::kUnavailable, 503, "SERVICE_UNAVAILABLE", "The server is busy, try again later"},
      {ErrorKind::kTimeout, 503, "SERVICE_UNAVAILABLE", "The server is busy, try again later"},
      {ErrorKind::kBlocked, 400, "INVALID_REQUEST", "Blocked by the outbound policy"},
      {ErrorKind::kInternal, 500, "INTERNAL_ERROR", "Internal error", true},
  };
}

// GET with a tag and POST are Kener v3's (kener-classic.md B.1).
bool IsOurStatus(const http::Request& request) {
  if (request.method == "POST") return false;
  const auto parameters = http::ParseQuery(request.query);
  const std::string* tag = http::FindParameter(parameters, "tag");
  return tag == nullptr || tag->empty();
}

// The first segments that this dialect owns (kener-classic.md 1), below whichever mount.
bool IsOurs(const http::Request& request) {
  const std::string_view first = kener::SegmentBelowApi(request.path);
  if (first == "status") return IsOurStatus(request);
  return first == "me" || first == "monitors" || first == "incidents";
}

}  // namespace

// Called from the line in api/catalog.cc.
Dialect MakeDialect();

Dialect MakeDialect() {
  Dialect d;
  d.name = "kener_classic";
  d.title = "Kener classic API";
  d.mounts = {
      {.prefix = "/api", .when = IsOurs},
      {.prefix = "/kener/api", .when = IsOurs},
      {.prefix = "/api", .fallback = true},  // B.1: 401 without a key, 404 with one
      {.prefix = "/kener/api", .fallback = true},
  };
  d.credentials = {{.kind = CredentialReader::Kind::kBearer}};
  d.key_prefixes = {"kener_"};
  d.accepts_keys_of = {"kener_classic", "kener_v4"};
  d.permission_words = PermissionWords();
  // kener-classic.md 3.4, "order of evaluation".
  d.gates = {Gate::kKnownMethod, Gate::kPreflight, Gate::kAuthentication,
             Gate::kRateLimit,   Gate::kRoute,     Gate::kMethod,
             Gate::kPermission,  Gate::kParent,    Gate::kBody};
  d.methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  d.parents = {{.param = "monitor_id", .find = MonitorExists},
               {.param = "incident_id", .blocks = true, .find = IncidentExists}};
  d.rate_classes = {{.name = "ordinary", .per_minute = 100}};
  d.rate_headers = {.limit = "X-RateLimit-Limit",
                    .remaining = "X-RateLimit-Remaining",
                    .reset = "X-RateLimit-Reset"};
  d.ignores_trailing_slash = true;
  d.content_type = "application/json; charset=utf-8";
  d.errors = Errors();
  d.texts = {
      .missing_key = "Missing or invalid authorization header",
      .unknown_key = "Invalid API key provided",
      .unknown_method = "{method} is not a method of this API",
      .unknown_route = "No API route matches '{path}'",
      .wrong_method = "{method} is not allowed here",
      .scope_missing = "API key lacks the '{scope}' permission",
      .bad_body = "The body must be valid JSON",
  };
  d.envelope = PrintFailure;
  d.error_shape = &FailureShape();
  d.preflight = AnswerPreflight;
  d.decorate = Decorate;
  d.endpoints = Endpoints();
  return d;
}

}  // namespace pharos::api::kener_classic
