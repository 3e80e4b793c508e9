#include "api/dialect.h"

#include <iterator>
#include <utility>

#include "api/console/envelope.h"
#include "api/console/tables.h"

namespace pharos::api::console {
namespace {

std::vector<ErrorRow> Errors() {
  return {
      {ErrorKind::kInvalid, 400, "invalid", "Invalid request"},
      {ErrorKind::kUnauthenticated, 401, "unauthenticated", "Unknown key"},
      {ErrorKind::kKeyExpired, 401, "key_expired", "This key has expired", true},
      {ErrorKind::kKeyRevoked, 401, "key_revoked", "This key was revoked", true},
      {ErrorKind::kKeyDisabled, 401, "key_disabled", "This key is disabled", true},
      {ErrorKind::kForbidden, 403, "forbidden", "Not allowed"},
      {ErrorKind::kNotFound, 404, "not_found", "Not found"},
      {ErrorKind::kConflict, 409, "conflict", "Exists already"},
      {ErrorKind::kTooLarge, 413, "too_large", "The body is too large"},
      {ErrorKind::kRateLimited, 429, "rate_limited", "Too many requests, try again later"},
      {ErrorKind::kUnavailable, 503, "unavailable", "The server is busy, try again later"},
      {ErrorKind::kTimeout, 503, "unavailable", "The server is busy, try again later"},
      {ErrorKind::kBlocked, 400, "blocked", "Blocked by the outbound policy"},
      {ErrorKind::kInternal, 500, "internal", "Internal error", true},
  };
}

std::vector<Endpoint> Endpoints() {
  std::vector<Endpoint> all;
  for (const auto table : {KindEndpoints, MonitorEndpoints, ActionEndpoints, SecretEndpoints,
                           HistoryEndpoints, EvidenceEndpoints}) {
    std::vector<Endpoint> rows = table();
    all.insert(all.end(), std::make_move_iterator(rows.begin()),
               std::make_move_iterator(rows.end()));
  }
  return all;
}

}  // namespace

// Called from the line in api/catalog.cc.
Dialect MakeDialect();

Dialect MakeDialect() {
  Dialect d;
  d.name = "console";
  d.title = "Pharos console API";
  d.mounts = {{.prefix = "/console/api/v1", .lone = true}};
  d.key_prefixes = {"pharos_"};
  d.credentials = {{.kind = CredentialReader::Kind::kBearer}};
  d.accepts_keys_of = {"console"};
  d.gates = {Gate::kAuthentication, Gate::kRateLimit, Gate::kRoute, Gate::kMethod,
             Gate::kPermission,     Gate::kParent,    Gate::kBody};
  d.parents = {{.param = "tag", .find = MonitorExists}};
  // "probe": requests that make this server call somebody.
  d.rate_classes = {{"ordinary", 1200}, {"probe", 120}};
  d.rate_headers = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"};
  d.errors = Errors();
  d.texts = {
      .missing_key = "Send a key: Authorization: Bearer pharos_...",
      .unknown_key = "This key is unknown",
      .unknown_route = "There is nothing at {path}",
      .wrong_method = "{method} is not allowed here",
      .scope_missing = "This key lacks the scope {scope}",
      .rate_limited = "Too many requests, try again later",
      .bad_body = "The body must be a JSON object",
  };
  d.envelope = PrintFailure;
  d.error_shape = &ErrorReply();
  d.endpoints = Endpoints();
  return d;
}

}  // namespace pharos::api::console
