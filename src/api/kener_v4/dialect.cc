#include "api/dialect.h"

#include "api/kener_v4/envelope.h"
#include "api/kener_v4/incidents.h"
#include "api/kener_v4/maintenances.h"
#include "api/kener_v4/monitors.h"
#include "api/kener_v4/pages.h"
#include "api/kener_v4/routes.h"
#include "api/kener_v4/shapes.h"
#include "api/kener_v4/site_keys.h"

namespace pharos::api::kener_v4 {
namespace {

Status MonitorExists(Call& call) {
  PHAROS_RETURN_IF_ERROR(FindMonitor(call));
  return Ok();
}

// kener-v4.md 19; rows without a precedent there are explained in kener_v4-differences.md.
std::vector<ErrorRow> Errors() {
  return {
      {ErrorKind::kInvalid, 400, "BAD_REQUEST", "Bad request"},
      {ErrorKind::kUnauthenticated, 401, "UNAUTHORIZED", "Invalid API key"},
      {ErrorKind::kKeyExpired, 401, "UNAUTHORIZED", "Invalid API key", true},
      {ErrorKind::kKeyRevoked, 401, "UNAUTHORIZED", "Invalid API key", true},
      {ErrorKind::kKeyDisabled, 401, "UNAUTHORIZED", "Invalid API key", true},
      {ErrorKind::kForbidden, 403, "FORBIDDEN", "Not allowed"},
      {ErrorKind::kNotFound, 404, "NOT_FOUND", "Not found"},
      {ErrorKind::kConflict, 400, "BAD_REQUEST", "Conflict"},
      {ErrorKind::kTooLarge, 400, "BAD_REQUEST", "Invalid JSON body"},
      {ErrorKind::kRateLimited, 429, "RATE_LIMITED", "Rate limit exceeded"},
      {ErrorKind::kUnavailable, 503, "SERVICE_UNAVAILABLE", "The server is busy, try again later"},
      {ErrorKind::kTimeout, 503, "SERVICE_UNAVAILABLE", "The server is busy, try again later"},
      {ErrorKind::kBlocked, 400, "BAD_REQUEST", "Blocked by the outbound policy"},
      {ErrorKind::kInternal, 500, "INTERNAL_ERROR", "Internal Error", true},
  };
}

}  // namespace

// Called from the line in api/catalog.cc.
Dialect MakeDialect();

Dialect MakeDialect() {
  Dialect d;
  d.name = "kener_v4";
  d.title = "Kener API v4";
  d.mounts = {
      {.prefix = "/api/v4"},
      {.prefix = "/kener/api/v4", .lone = true},
      {.prefix = "/ext/heartbeat",
       .area = "push",
       .keyless = true,
       .secret_paths = true,
       .error_shape = &PushErrorReply()},
  };
  d.credentials = {{.kind = CredentialReader::Kind::kBearer}};
  d.key_prefixes = {"kener_"};
  d.accepts_keys_of = {"kener_v4", "kener_classic"};
  // kener-v4.md 2.2; permission has no precedent and stands where the handler would begin.
  d.gates = {Gate::kKnownMethod, Gate::kTrailingSlash, Gate::kCsrf,   Gate::kAuthentication,
             Gate::kRateLimit,   Gate::kRoute,         Gate::kParent, Gate::kMethod,
             Gate::kPermission,  Gate::kBody};
  d.methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  d.parents = {{.param = "monitor_tag", .find = MonitorExists},
               {.param = "incident_id", .blocks = true, .find = IncidentExists},
               {.param = "maintenance_id", .blocks = true, .find = MaintenanceExists},
               {.param = "page_path", .blocks = true, .find = PageExists}};
  d.rate_classes = {{"ordinary", 0}, {"heartbeat", 0}};
  d.max_body_bytes = 3 * 1024 * 1024;
  d.errors = Errors();
  d.texts = {
      .missing_key = "Missing or invalid authorization header",
      .unknown_key = "Invalid API key",
      .unknown_route = "No API route matches '{path}'",
      .wrong_method = "{method} method not allowed",
      .scope_missing = "API key lacks the scope '{scope}'",
      .bad_body = "Invalid JSON body",
  };
  d.envelope = PrintFailure;
  d.error_shape = &ErrorReply();
  d.decorate = Decorate;
  d.endpoints = Endpoints();
  d.seed = SiteSeed;
  return d;
}

}  // namespace pharos::api::kener_v4
