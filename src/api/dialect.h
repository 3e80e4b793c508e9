#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/endpoint.h"
#include "api/schema.h"
#include "base/error.h"
#include "base/result.h"
#include "base/value.h"
#include "http/message.h"
#include "model/api_key.h"
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
  // The mount exists only for requests of which this holds; empty = for all. Other mounts of the
  // same prefix, or shorter ones, answer the rest (kener-classic.md B.1).
  std::function<bool(const http::Request&)> when = {};
  // Of errors here, where it is not the dialect's own.
  const Shape* error_shape = nullptr;
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
    kHeader,  // the whole value of `header`; unless empty it takes precedence over the others
    kBare,    // the whole value of Authorization, "Bearer " in front of it left out
  };
  Kind kind = Kind::kBearer;
  std::string_view header = {};
};

// The first row of a dialect is its ordinary class, the last resort for everything. A key whose
// `rate_class` names a row ("business") counts there instead of in the ordinary class; requests
// without a usable key count per client address, in the ordinary class (or
// Dialect::anonymous_rate_class) and in the endpoint's own class where that needs no key.
struct RateClass {
  std::string_view name;  // as endpoints and keys name it: "ordinary"
  int per_minute = 0;     // 0 = no limit, no headers; ApiSettings::rate_limits may set another
  // Above 0: methods other than GET and HEAD have their own counter with this limit.
  int writes_per_minute = 0;
  // Stands in for the row of the same name without a profile while ApiSettings::rate_profiles has
  // this profile for the dialect ("strict", kodo.md 3).
  std::string_view profile = {};
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

// Texts of the gates. {path}, {method} and {scope}, in the dialect's own words, are replaced.
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
  std::string_view area;  // of the mount that the request came by
  Value details;          // Call::failure.details
};

// Looks up what a path parameter names. An error ends the request (usually kNotFound with the
// dialect's text).
struct Parent {
  std::string_view param;  // "monitor_tag"
  bool blocks = false;     // asks the store: runs on a worker
  std::function<Status(Call&)> find;
};

// A word of the dialect's own permission language and the inner scope it stands for
// (architecture D2): {"read:monitors", "monitors:read"}, {"admin", "*:*"}.
struct PermissionWord {
  std::string_view word;
  std::string_view scope;
};

// One API as its clients know it: a value built by api/<name>/dialect.cc. Immutable after start.
struct Dialect {
  std::string_view name;   // as keys store it: "kener_v4"
  std::string_view title;  // of its description: "Kener API v4"
  std::vector<Mount> mounts;

  // What tells its requests from those of other dialects on a shared mount; the resolver asks in
  // the order of is0k.md 10.2, and where nothing tells, the setting api.v1_default does.
  // A header whose value, unless empty, makes the request this dialect's before anything else
  // ("x-api-key").
  std::string_view claims_header = {};
  std::vector<std::string_view> key_prefixes;  // tells whose an unknown bearer text is
  // Prefixes below shared mounts that are this dialect's even where no endpoint matches
  // ("/api/v1/services").
  std::vector<std::string_view> owned_paths;
  bool answers_unknown_bearer = false;  // any Authorization header that nobody else claims
  // Members of a POST body that only this dialect has; each row is a set that must be there whole:
  // {{"monitor_ids"}, {"visibility", "password"}}.
  std::vector<std::vector<std::string_view>> body_keys = {};
  std::vector<std::string_view> query_keys = {};  // parameters that only this dialect has
  bool uuid_ids = false;                          // a UUID in the path is one of its ids

  std::vector<CredentialReader> credentials;
  std::vector<std::string_view> accepts_keys_of;      // dialects whose keys are known here
  std::vector<PermissionWord> permission_words = {};  // empty: its words are the inner scopes

  std::vector<Gate> gates;
  std::vector<std::string_view> methods;  // what kKnownMethod lets pass
  std::vector<Parent> parents;            // asked in this order
  std::vector<RateClass> rate_classes;
  // Where requests without a usable key count; empty = the ordinary class.
  std::string_view anonymous_rate_class = {};
  RateHeaders rate_headers;
  size_t max_body_bytes = 1024 * 1024;
  bool head_as_get = true;
  bool ignores_trailing_slash = false;  // "/monitors/" is "/monitors"
  std::string_view content_type = "application/json";

  std::vector<ErrorRow> errors;  // one row per ErrorKind
  GateTexts texts;
  std::function<http::Response(const http::Request&, const Failure&)> envelope;
  const Shape* error_shape = nullptr;  // of what `envelope` prints
  // Whether this key may use the dialect at all (is0k.md 1.1: plans); may be empty. Asked at
  // kPermission before the scope; may set Call::failure.
  std::function<Status(Call&, const model::ApiKey&)> admit = {};
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

// The dialect's own words for scopes, and back; a scope without a word stays as it is. `ToScope`
// lets pass what is a scope already and is empty for anything unknown.
std::string ToPermissionWord(const Dialect& dialect, std::string_view scope);
std::string ToScope(const Dialect& dialect, std::string_view word);

// A dialect's rows make sense by themselves: scopes and operations are there, handlers match the
// execution, rate classes exist, every kind of error has a row. Error: kInvalid naming the row.
Status CheckDialect(const Dialect& dialect);

// The row of a kind; never null for a checked dialect.
const ErrorRow* FindErrorRow(const Dialect& dialect, ErrorKind kind);

// `text` with {path}, {method} and {scope} replaced.
std::string FillIn(std::string_view text, const http::Request& request, std::string_view scope);

}  // namespace pharos::api
