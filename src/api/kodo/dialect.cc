#include "api/dialect.h"

#include <array>

#include "api/kodo/envelope.h"
#include "api/kodo/routes_core.h"
#include "api/kodo/routes_more.h"
#include "api/preflight.h"
#include "api/signals.h"

namespace pharos::api::kodo {
namespace {

// What hangs directly below /api (kodo.md 1.1, 11.1, 12, 13, 19, 20); the rest there is not ours.
bool IsRootPath(const http::Request& request) {
  constexpr std::array<std::string_view, 7> kBranches = {
      "/api/heartbeat", "/api/beacon", "/api/metrics", "/api/alerts",
      "/api/oncall",    "/api/sms",    "/api/public"};
  for (const std::string_view branch : kBranches) {
    if (IsBelow(request.path, branch)) return true;
  }
  return false;
}

std::vector<ErrorRow> Errors() {  // kodo.md 2.1, 4
  return {
      {ErrorKind::kInvalid, 400, "", "Invalid request"},
      {ErrorKind::kUnauthenticated, 401, "UNAUTHORIZED", "Invalid API key"},
      {ErrorKind::kKeyExpired, 401, "UNAUTHORIZED", "API key expired", true},
      {ErrorKind::kKeyRevoked, 401, "UNAUTHORIZED", "Invalid API key", true},
      {ErrorKind::kKeyDisabled, 401, "UNAUTHORIZED", "API key disabled", true},
      {ErrorKind::kForbidden, 403, "", "Not allowed"},
      {ErrorKind::kNotFound, 404, "", "Not found"},
      {ErrorKind::kConflict, 409, "", "Conflict"},
      {ErrorKind::kTooLarge, 413, "", "Payload too large", true},
      {ErrorKind::kRateLimited, 429, "RATE_LIMITED", "Rate limit exceeded"},
      {ErrorKind::kUnavailable, 503, "", "The server is busy, try again later"},
      {ErrorKind::kTimeout, 503, "", "The server is busy, try again later"},
      {ErrorKind::kBlocked, 400, "", "The target is not allowed by the outbound policy"},
      {ErrorKind::kInternal, 500, "", "Internal server error", true},
  };
}

const Shape& ErrorShape() {
  static const Shape details = {
      .name = "KodoErrorDetails",
      .fields = {{.name = "fieldErrors", .type = FieldType::kObject},
                 {.name = "formErrors", .type = FieldType::kList}},
  };
  static const Shape shape = {
      .name = "KodoError",
      .fields = {{.name = "error", .required = true},
                 {.name = "code"},
                 {.name = "details", .type = FieldType::kObject, .shape = &details},
                 {.name = "upgrade_required", .type = FieldType::kBool},
                 {.name = "current_draft_version_id", .nullable = true}},
  };
  return shape;
}

void FillSignals(Dialect& d) {  // is0k.md 10.1, 10.2
  d.claims_header = "x-api-key";
  d.key_prefixes = {"kodo_", "bpk_", "kas_"};
  d.owned_paths = {"/api/v1/services",      "/api/v1/uptime-monitors",
                   "/api/v1/ssl-monitors",  "/api/v1/domain-monitors",
                   "/api/v1/notifications", "/api/v1/webhooks",
                   "/api/v1/maintenance",   "/api/v1/config",
                   "/api/v1/organization",  "/api/v1/audit-log",
                   "/api/v1/api-keys",      "/api/v1/workflows",
                   "/api/v1/heartbeat",     "/api/v1/heartbeat-monitors",
                   "/api/v1/beacon",        "/api/v1/beacon-keys",
                   "/api/v1/metrics",       "/api/v1/alerts",
                   "/api/v1/alert-sources"};
  d.body_keys = {{"services"},      {"service_ids"}, {"status_page_visibility"},
                 {"primary_color"}, {"tagline"},     {"theme_mode"},
                 {"font_family"}};
  d.query_keys = {"limit"};
  d.uuid_ids = true;
}

std::vector<Endpoint> AllEndpoints() {
  std::vector<Endpoint> all = CoreEndpoints();
  for (Endpoint& row : MoreEndpoints()) all.push_back(std::move(row));
  return all;
}

}  // namespace

// Called from the line in api/catalog.cc.
Dialect MakeDialect();

Dialect MakeDialect() {
  Dialect d;
  d.name = "kodo";
  d.title = "Kodo Status API";
  d.mounts = {
      {.prefix = "/api/v1"},
      {.prefix = "/kodo/api/v1", .lone = true},
      {.prefix = "/api", .area = "root", .when = IsRootPath},
      {.prefix = "/kodo/api", .area = "root", .lone = true},
      {.prefix = "/widget.js", .area = "widget", .lone = true},  // kodo.md 20
  };
  FillSignals(d);
  d.credentials = {{.kind = CredentialReader::Kind::kHeader, .header = "x-api-key"},
                   {.kind = CredentialReader::Kind::kBearer}};
  d.accepts_keys_of = {"kodo"};
  // kodo.md 1.10, except that even unknown paths need a key (is0k.md 10.3); plan, existence and
  // conflict are the endpoints' own.
  d.gates = {Gate::kPreflight, Gate::kAuthentication, Gate::kRateLimit, Gate::kRoute,
             Gate::kMethod,    Gate::kPermission,     Gate::kBody};
  d.methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  d.rate_classes = {
      // kodo.md 3
      {.name = "ordinary", .per_minute = 1000},
      {.name = "heartbeat", .per_minute = 10000},
      {.name = "beacon", .per_minute = 0},
      {.name = "ordinary", .per_minute = 100, .writes_per_minute = 30, .profile = "strict"},
      {.name = "heartbeat", .per_minute = 120, .profile = "strict"},
  };
  d.rate_headers = {.limit = "x-ratelimit-limit",
                    .remaining = "x-ratelimit-remaining",
                    .reset = "x-ratelimit-reset"};
  d.max_body_bytes = 1024 * 1024;
  d.errors = Errors();
  d.texts = {
      .missing_key = "API key required",
      .unknown_key = "Invalid API key",
      .unknown_route = "Not found",
      .wrong_method = "Method not allowed",
      .scope_missing = "Insufficient scope: {scope} required",
      .bad_body = kBrokenJson,
  };
  d.envelope = PrintFailure;
  d.error_shape = &ErrorShape();
  d.preflight = AnswerPreflight;
  d.decorate = Decorate;
  d.endpoints = AllEndpoints();
  return d;
}

}  // namespace pharos::api::kodo
