#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/endpoint.h"
#include "base/error.h"
#include "base/result.h"
#include "http/message.h"
#include "service/site.h"

namespace pharos::api {

// A place in the URL space. Patterns of endpoints hang below `prefix`.
struct Mount {
  std::string_view prefix;     // "/api/v4", without a slash at the end
  std::string_view area = {};  // endpoints of this area hang here
  // This dialect alone answers here, whatever the credentials say (architecture D3).
  bool lone = false;
  // Answers only what no other mount claims: for error shapes of paths that nobody serves.
  bool fallback = false;
  // Paths here that match no endpoint are answered without asking for a key.
  bool keyless = false;
  // Paths here hold secrets, so logs show the prefix alone.
  bool secret_paths = false;
};

// The path as it may stand in a log.
std::string LoggablePath(const Mount& mount, std::string_view path);

// The checks before an endpoint runs. Their order is part of a dialect, since clients see it.
enum class Gate : uint8_t {
  kKnownMethod,    // methods outside Dialect::methods
  kTrailingSlash,  // a known path plus "/" is redirected
  kPreflight,      // Dialect::preflight answers OPTIONS
  kCsrf,           // form posts from a foreign origin
  kAuthentication,
  kRateLimit,
  kRoute,
  kParent,  // the noun that the path names exists
  kMethod,
  kPermission,
  kBody,  // Endpoint::before_body, then size and JSON
};

struct CredentialReader {
  enum class Kind : uint8_t {
    kBearer,  // Authorization: "<bearer, any case> <key>", split at exactly one blank
    kHeader,  // the whole value of `header`; takes precedence over a bearer token
  };
  Kind kind = Kind::kBearer;
  std::string_view header = {};
};

struct RateClass {
  std::string_view name;  // as endpoints name it: "ordinary"
  int per_minute = 0;     // 0 = no limit; ApiSettings::rate_limits may set another number
};

// Names of the rate headers; empty = not sent. They go on every answer, errors included.
struct RateHeaders {
  std::string_view limit = {};
  std::string_view remaining = {};
  std::string_view reset = {};  // Unix seconds at which the window ends
};

// Which check refused, where the kind of error alone does not say it.
enum class Problem : uint8_t {
  kError,  // an Error of a use case or a decoder
  kMissingKey,
  kUnusableKey,
  kCrossSite,
  kUnknownMethod,
  kUnknownRoute,
  kWrongMethod,
  kScopeMissing,
  kRateLimited,
  kBadBody,
  kBodyTooLarge,
  kOverloaded,
  kCrash,  // an exception at the outermost point
};

// How one kind of error looks in a dialect.
struct ErrorRow {
  ErrorKind kind;
  int status;
  std::string_view code;
  std::string_view text = {};
  // `text` replaces the error's own message; otherwise it only stands in for an empty one.
  bool fixed = false;
};

// Texts of the gates. {path}, {method}, {scope} are replaced.
struct GateTexts {
  std::string_view missing_key;
  std::string_view unknown_key;
  std::string_view cross_site = "Cross-site {method} form submissions are forbidden";
  std::string_view unknown_method = "{method} is no method of this API";
  std::string_view unknown_route;
  std::string_view wrong_method;
  std::string_view scope_missing;
  std::string_view rate_limited = "Rate limit exceeded";
  std::string_view bad_body;
  std::string_view overloaded = "The server is busy, try again later";
};

// Everything an envelope may need to print a refusal.
struct Failure {
  Problem problem = Problem::kError;
  int status = 500;
  std::string_view code;
  std::string message;
  std::vector<FieldError> fields;
  std::string allow;      // for kWrongMethod: "GET, POST, HEAD"
  int retry_after_s = 0;  // above 0: the header is added by the machinery
};

// Looks up what a path parameter names. An error ends the request (usually kNotFound with the
// dialect's text).
struct Parent {
  std::string_view param;  // "monitor_tag"
  bool blocks = false;     // asks the store: runs on a worker
  std::function<Status(Call&)> find;
};

// One API as its clients know it: a value built by api/<name>/dialect.cc. Immutable after start.
struct Dialect {
  std::string_view name;  // as keys store it: "kener_v4"
  std::vector<Mount> mounts;
  // Prefixes below shared mounts that are this dialect's even where no endpoint matches
  // ("/api/v1/services").
  std::vector<std::string_view> owned_paths;

  std::vector<CredentialReader> credentials;
  std::vector<std::string_view> key_prefixes;     // tells whose an unknown key text is
  std::vector<std::string_view> accepts_keys_of;  // dialects whose keys are known here
  bool answers_unknown_bearer = false;            // on shared paths (architecture D3)

  std::vector<Gate> gates;
  std::vector<std::string_view> methods;  // what kKnownMethod lets pass
  std::vector<Parent> parents;            // asked in this order
  std::vector<RateClass> rate_classes;
  RateHeaders rate_headers;
  size_t max_body_bytes = 1024 * 1024;
  bool head_as_get = true;
  std::string_view content_type = "application/json";

  std::vector<ErrorRow> errors;  // one row per ErrorKind
  GateTexts texts;
  std::function<http::Response(const http::Request&, const Failure&)> envelope;
  std::function<http::Response(const http::Request&)> preflight = {};        // may be empty
  std::function<void(const http::Request&, http::Response&)> decorate = {};  // may be empty

  std::vector<Endpoint> endpoints;
  // Settings that a fresh organisation's site starts with; may be empty.
  std::function<std::vector<service::SiteEntry>()> seed = {};
};

// Two dialects that claim the same method and path on a shared mount on purpose; credentials
// decide.
struct Tie {
  std::string_view method;
  std::string_view pattern;  // with the mount: "/api/v1/incidents/{id}"
  std::string_view first;
  std::string_view second;
};

// A dialect's rows make sense by themselves: scopes and operations are there, handlers match the
// execution, rate classes exist, every kind of error has a row. Error: kInvalid naming the row.
Status CheckDialect(const Dialect& dialect);

// The row of a kind; never null for a checked dialect.
const ErrorRow* FindErrorRow(const Dialect& dialect, ErrorKind kind);

// `text` with {path}, {method} and {scope} replaced.
std::string FillIn(std::string_view text, const http::Request& request, std::string_view scope);

}  // namespace pharos::api
