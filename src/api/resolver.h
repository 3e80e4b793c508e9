#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/dialect.h"
#include "api/router.h"
#include "api/signals.h"
#include "base/result.h"
#include "http/message.h"

namespace pharos::api {

// The key text that a dialect's readers find in a request; empty when there is none.
std::string_view ReadCredential(const Dialect& dialect, const http::Request& request);

struct Resolved {
  const Dialect* dialect = nullptr;  // nullptr: no dialect's path
  const Mount* mount = nullptr;
  RouteMatch match;
};

// Chooses the dialect of a request (architecture D3): the longest mount that takes it, and where
// several dialects share that, the first signal of is0k.md 10.2 that tells. Immutable after Build,
// thread-safe; borrows the dialects.
class Resolver {
 public:
  // Returns the dialect stored with a key text, empty when the key is unknown.
  using KeyDialect = std::function<std::string(std::string_view key_text)>;
  // Who answers on a shared mount when nothing else decides: {prefix, dialect}.
  using Defaults = std::map<std::string, std::string, std::less<>>;
  // Whose requests to a host are: {host in lower case, dialect}.
  using Hosts = std::map<std::string, std::string, std::less<>>;

  // Errors: kInvalid naming the first endpoint that two dialects claim without a row in `ties`, or
  // a dialect of `hosts` that does not exist.
  static Result<Resolver> Build(const std::vector<Dialect>& dialects, const std::vector<Tie>& ties,
                                Defaults defaults, Hosts hosts = {});

  Resolved Resolve(const http::Request& request, const KeyDialect& key_dialect) const;
  bool Owns(const http::Request& request) const;
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
  // What the seats that take a request make of it.
  struct Candidate {
    const Seat* seat;
    RouteMatch match;
  };
  using Candidates = std::vector<Candidate>;

  // The seats of the longest prefix that has any for this request; empty when nobody has.
  std::vector<const Seat*> FindSeats(const http::Request& request) const;
  static RouteMatch Match(const Seat& seat, const http::Request& request);
  const Dialect& Choose(const Candidates& candidates, const http::Request& request,
                        const KeyDialect& key_dialect) const;
  Status CheckTies(const std::vector<Tie>& ties) const;

  std::vector<Place> places_;  // longest prefix first, fallbacks last
  std::map<std::pair<const Dialect*, std::string_view>, Router> routers_;
  Defaults defaults_;
  Hosts hosts_;
};

}  // namespace pharos::api
