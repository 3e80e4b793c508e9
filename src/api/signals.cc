#include "api/signals.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/json.h"
#include "base/text.h"

namespace pharos::api {
namespace {

// Bodies above this do not help to choose: they are parsed on the loop, before anybody proved who
// they are.
constexpr size_t kMaxPeekedBody = 64 * 1024;

// The only contender of which `is_theirs` holds, or nullptr.
template <typename IsTheirs>
const Dialect* Only(const std::vector<Contender>& contenders, const IsTheirs& is_theirs) {
  const Dialect* found = nullptr;
  for (const Contender& contender : contenders) {
    if (!is_theirs(contender)) continue;
    if (found != nullptr) return nullptr;
    found = contender.dialect;
  }
  return found;
}

const Dialect* ByName(const std::vector<Contender>& contenders, std::string_view name) {
  if (name.empty()) return nullptr;
  return Only(contenders,
              [&](const Contender& c) { return EqualsIgnoreCase(c.dialect->name, name); });
}

bool Sends(const http::Request& request, std::string_view header) {
  return !header.empty() && request.HasHeader(header);
}

// Rows 1 to 3: the credentials, and before them the explicit word.
const Dialect* ByCredential(const std::vector<Contender>& contenders,
                            const SignalContext& context) {
  const http::Request& request = context.request;
  const std::string_view wanted = Trim(request.FindHeader(kDialectHeader));
  if (const Dialect* found = ByName(contenders, wanted)) return found;
  const auto claims = [&](const Contender& c) {
    return Sends(request, c.dialect->claims_header) &&
           !Trim(request.FindHeader(c.dialect->claims_header)).empty();
  };
  if (const Dialect* found = Only(contenders, claims)) return found;
  const std::string_view token = BearerToken(request);
  if (token.empty()) return nullptr;
  if (const Dialect* found = ByName(contenders, context.key_dialect(token))) return found;
  return Only(contenders, [&](const Contender& c) {
    const auto& prefixes = c.dialect->key_prefixes;
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](std::string_view prefix) { return token.starts_with(prefix); });
  });
}

// Rows 4 and 5: whose path and method it is.
const Dialect* ByRoute(const std::vector<Contender>& contenders, const http::Request& request) {
  const auto owns = [&](const Contender& c) {
    const auto& owned = c.dialect->owned_paths;
    return std::any_of(owned.begin(), owned.end(),
                       [&](std::string_view prefix) { return IsBelow(request.path, prefix); });
  };
  const auto knows_path = [](const Contender& c) { return c.path_known; };
  const auto has_endpoint = [](const Contender& c) { return c.has_endpoint; };
  const auto documented = [](const Contender& c) { return c.documented; };
  if (const Dialect* found = Only(contenders, documented)) return found;
  if (const Dialect* found = Only(contenders, has_endpoint)) return found;
  if (const Dialect* found = Only(contenders, knows_path)) return found;
  return Only(contenders, owns);
}

// Rows 6 and 7: where the request was sent, and by which header it would have proved itself.
const Dialect* ByHeader(const std::vector<Contender>& contenders, const SignalContext& context) {
  const http::Request& request = context.request;
  if (!context.hosts.empty()) {
    std::string host = AsciiLower(Trim(request.FindHeader("host")));
    const size_t colon = host.rfind(':');
    if (colon != std::string::npos && host.find(']', colon) == std::string::npos) {
      host.resize(colon);
    }
    const auto it = context.hosts.find(host);
    if (it != context.hosts.end()) {
      if (const Dialect* found = ByName(contenders, it->second)) return found;
    }
  }
  if (request.HasHeader("authorization")) {
    const auto answers = [](const Contender& c) { return c.dialect->answers_unknown_bearer; };
    if (const Dialect* found = Only(contenders, answers)) return found;
  }
  return Only(contenders,
              [&](const Contender& c) { return Sends(request, c.dialect->claims_header); });
}

const Dialect* ByBody(const std::vector<Contender>& contenders, const http::Request& request) {
  if (request.method != "POST" || request.body.empty()) return nullptr;
  if (request.body.size() > kMaxPeekedBody) return nullptr;
  const auto looks_for_keys = [](const Contender& c) { return !c.dialect->body_keys.empty(); };
  if (std::none_of(contenders.begin(), contenders.end(), looks_for_keys)) return nullptr;
  const Result<Value> body = ParseJson(request.body);
  if (!body || !body->IsObject()) return nullptr;
  return Only(contenders, [&](const Contender& c) {
    const auto& sets = c.dialect->body_keys;
    return std::any_of(sets.begin(), sets.end(), [&](const auto& names) {
      return std::all_of(names.begin(), names.end(),
                         [&](std::string_view name) { return body->Find(name) != nullptr; });
    });
  });
}

const Dialect* ByQuery(const std::vector<Contender>& contenders, const http::Request& request) {
  if (request.query.empty()) return nullptr;
  const auto parameters = http::ParseQuery(request.query);
  return Only(contenders, [&](const Contender& c) {
    const auto& names = c.dialect->query_keys;
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
      return http::FindParameter(parameters, name) != nullptr;
    });
  });
}

bool IsUuid(std::string_view text) {
  constexpr std::array<size_t, 4> kDashes = {8, 13, 18, 23};
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = std::find(kDashes.begin(), kDashes.end(), i) != kDashes.end();
    const char c = text[i];
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (is_dash ? c != '-' : !is_hex) return false;
  }
  return true;
}

const Dialect* ByIds(const std::vector<Contender>& contenders, const http::Request& request) {
  const std::vector<std::string_view> segments = Split(request.path, '/');
  if (std::none_of(segments.begin(), segments.end(), IsUuid)) return nullptr;
  return Only(contenders, [](const Contender& c) { return c.dialect->uuid_ids; });
}

}  // namespace

const Dialect* ReadSignals(const std::vector<Contender>& contenders, const SignalContext& context) {
  if (const Dialect* found = ByCredential(contenders, context)) return found;
  if (const Dialect* found = ByRoute(contenders, context.request)) return found;
  if (const Dialect* found = ByHeader(contenders, context)) return found;
  if (const Dialect* found = ByBody(contenders, context.request)) return found;
  if (const Dialect* found = ByQuery(contenders, context.request)) return found;
  return ByIds(contenders, context.request);
}

bool IsBelow(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

std::string_view BearerToken(const http::Request& request) {
  const std::string_view value = Trim(request.FindHeader("authorization"));
  const size_t blank = value.find(' ');
  if (blank == std::string_view::npos) return {};
  const std::string_view token = value.substr(blank + 1);
  if (!EqualsIgnoreCase(value.substr(0, blank), "bearer")) return {};
  if (token.find(' ') != std::string_view::npos) return {};
  return token;
}

}  // namespace pharos::api
