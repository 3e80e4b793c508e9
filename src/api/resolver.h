#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/dialect.h"
#include "api/router.h"
#include "base/result.h"
#include "http/message.h"

namespace pharos::api {

// The key text that a dialect's readers find in a request; empty when there is none.
std::string_view ReadCredential(const Dialect& dialect, const http::Request& request);
// The token of "Authorization: Bearer <token>"; empty unless the value is exactly two words
// separated by one blank, the first being "bearer" in any case.
std::string_view BearerToken(const http::Request& request);

struct Resolved {
  const Dialect* dialect = nullptr;  // nullptr: no dialect's path
  const Mount* mount = nullptr;
  RouteMatch match;
};

// Chooses the dialect of a request (architecture D3): a mount or path that one dialect owns, then
// the header kind, then the dialect stored with the key, then the key's prefix, then the setting.
// Immutable after Build, thread-safe; borrows the dialects.
class Resolver {
 public:
  // Returns the dialect stored with a key text, empty when the key is unknown.
  using KeyDialect = std::function<std::string(std::string_view key_text)>;
  // Who answers on a shared mount when nothing else decides: {prefix, dialect}.
  using Defaults = std::map<std::string, std::string, std::less<>>;

  // Error: kInvalid naming the first endpoint that two dialects claim without a row in `ties`.
  static Result<Resolver> Build(const std::vector<Dialect>& dialects, const std::vector<Tie>& ties,
                                Defaults defaults);

  Resolved Resolve(const http::Request& request, const KeyDialect& key_dialect) const;
  bool Owns(std::string_view path) const;
  // True when `path` without its last character "/" is a known path of the dialect at that mount.
  bool IsPathPlusSlash(const Resolved& resolved, std::string_view path) const;

 private:
  struct Seat {
    const Dialect* dialect;
    const Mount* mount;
    const Router* router;
  };
  // All seats that share one prefix.
  struct Place {
    std::string_view prefix;
    bool fallback = false;
    std::vector<Seat> seats;
  };
  const Place* FindPlace(std::string_view path) const;
  const Seat* Choose(const Place& place, const http::Request& request,
                     const std::vector<RouteMatch>& matches, const KeyDialect& key_dialect) const;
  const Seat* ByCredential(const Place& place, const http::Request& request,
                           const KeyDialect& key_dialect) const;
  Status CheckTies(const std::vector<Tie>& ties) const;

  std::vector<Place> places_;  // longest prefix first, fallbacks last
  std::map<std::pair<const Dialect*, std::string_view>, Router> routers_;
  Defaults defaults_;
};

}  // namespace pharos::api
