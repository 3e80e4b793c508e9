#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/dialect.h"
#include "http/message.h"

namespace pharos::api {

// The header by which a client names the dialect that it speaks, on shared mounts.
inline constexpr std::string_view kDialectHeader = "x-pharos-dialect";

// One of several dialects that may answer a request, and what its routes make of the path.
struct Contender {
  const Dialect* dialect = nullptr;
  bool path_known = false;
  bool has_endpoint = false;  // the method too
  bool documented = false;    // and its clients know of it (Endpoint::extension)
};

// What the signals need beside the request.
struct SignalContext {
  const http::Request& request;
  // The dialect stored with a key text; empty when the key is unknown.
  const std::function<std::string(std::string_view)>& key_dialect;
  const std::map<std::string, std::string, std::less<>>& hosts;
};

// The first of the signals of is0k.md 10.2 that tells whose the request is; nullptr when none does.
const Dialect* ReadSignals(const std::vector<Contender>& contenders, const SignalContext& context);

// `path` lies at or below `prefix`, cut at a segment boundary.
bool IsBelow(std::string_view path, std::string_view prefix);

// The token of "Authorization: Bearer <token>"; empty unless the value is exactly two words
// separated by one blank, the first being "bearer" in any case.
std::string_view BearerToken(const http::Request& request);

}  // namespace pharos::api
