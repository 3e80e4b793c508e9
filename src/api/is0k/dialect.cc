#include "api/dialect.h"

#include "api/is0k/envelope.h"
#include "api/is0k/plans.h"
#include "api/is0k/routes.h"
#include "api/is0k/shapes.h"
#include "api/preflight.h"

namespace pharos::api::is0k {
namespace {

// is0k.md 2.3
std::vector<ErrorRow> Errors() {
  constexpr std::string_view kUnknownKey = "Missing or invalid API key";
  return {
      {ErrorKind::kInvalid, 400, "VALIDATION_ERROR", "Invalid request"},
      {ErrorKind::kUnauthenticated, 401, "UNAUTHORIZED", kUnknownKey},
      {ErrorKind::kKeyExpired, 401, "UNAUTHORIZED", kUnknownKey, true},
      {ErrorKind::kKeyRevoked, 401, "UNAUTHORIZED", kUnknownKey, true},
      {ErrorKind::kKeyDisabled, 401, "UNAUTHORIZED", kUnknownKey, true},
      {ErrorKind::kForbidden, 403, "FORBIDDEN", "Not allowed"},
      {ErrorKind::kNotFound, 404, "NOT_FOUND", "Not found"},
      {ErrorKind::kConflict, 409, "CONFLICT", "Conflict"},
      {ErrorKind::kTooLarge, 413, "PAYLOAD_TOO_LARGE", "The body is too large"},
      {ErrorKind::kRateLimited, 429, "RATE_LIMIT_EXCEEDED", "Rate limit exceeded"},
      {ErrorKind::kUnavailable, 503, "SERVICE_UNAVAILABLE", "The server is busy, try again later"},
      {ErrorKind::kTimeout, 503, "SERVICE_UNAVAILABLE", "The server is busy, try again later"},
      {ErrorKind::kBlocked, 400, "VALIDATION_ERROR", "Blocked by the outbound policy"},
      {ErrorKind::kInternal, 500, "INTERNAL_ERROR", "Internal error", true},
  };
}

// The API is for Pro and above (is0k.md 1.1).
Status Admit(Call& call, const model::ApiKey&) {
  const PlanRules& plan = PlanOfCaller(call);
  if (plan.has_api) return Ok();
  return Coded(call, 403, "API_ACCESS_DENIED",
               "The " + std::string(plan.name) + " plan does not include the API");
}

http::Response PrintAny(const http::Request& request, const Failure& failure) {
  std::string_view code;  // where the kind of error alone does not tell
  if (failure.problem == Problem::kBadBody) code = "INVALID_JSON";
  if (failure.problem == Problem::kWrongMethod) code = "METHOD_NOT_ALLOWED";
  if (code.empty()) return PrintFailure(request, failure);
  Failure told = failure;
  told.code = code;
  return PrintFailure(request, told);
}

}  // namespace

// Called from the line in api/catalog.cc.
Dialect MakeDialect();

Dialect MakeDialect() {
  Dialect d;
  d.name = "is0k";
  d.title = "is0k API";
  d.mounts = {{.prefix = "/api/v1"}, {.prefix = "/is0k/api/v1", .lone = true}};
  d.key_prefixes = {"is0k_"};
  d.owned_paths = {"/api/v1/monitors", "/api/v1/alert-channels"};
  d.answers_unknown_bearer = true;
  d.body_keys = {{"monitor_ids"}, {"status_page_ids"}, {"visibility", "password"}};
  d.query_keys = {"page", "per_page", "severity", "monitor_id"};
  d.credentials = {{.kind = CredentialReader::Kind::kBearer}};
  d.accepts_keys_of = {"is0k"};
  // is0k.md 2.3; the plan is asked with the permission, before the route.
  d.gates = {Gate::kPreflight, Gate::kAuthentication, Gate::kRateLimit, Gate::kPermission,
             Gate::kRoute,     Gate::kMethod,         Gate::kBody};
  // is0k.md 2.4: the plan of the key; without a key the figure of Pro.
  // Hobby and Free are there to be refused (is0k.md 1.1).
  d.rate_classes = {{"ordinary", 1000},   {"pro", 100},   {"business", 500},
                    {"enterprise", 1000}, {"hobby", 100}, {"free", 100}};
  d.anonymous_rate_class = "pro";
  d.rate_headers = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"};
  d.errors = Errors();
  d.texts = {
      .missing_key = "Missing or invalid API key",
      .unknown_key = "Missing or invalid API key",
      .unknown_route = "No route matches {path}",
      .wrong_method = "Method {method} is not allowed here",
      .scope_missing = "This key may not do that: {scope} is missing",
      .bad_body = "The body must be a JSON object",
  };
  d.envelope = PrintAny;
  d.error_shape = &ErrorReply();
  d.admit = Admit;
  d.preflight = AnswerPreflight;
  d.decorate = Decorate;
  d.endpoints = Endpoints();
  return d;
}

}  // namespace pharos::api::is0k
