#include "api/resolver.h"

#include <algorithm>

#include "base/text.h"

namespace pharos::api {
namespace {

bool IsListed(const std::vector<Tie>& ties, std::string_view method, const std::string& a_pattern,
              const std::string& b_pattern, const Dialect& a, const Dialect& b) {
  return std::any_of(ties.begin(), ties.end(), [&](const Tie& tie) {
    const bool names = (tie.first == a.name && tie.second == b.name) ||
                       (tie.first == b.name && tie.second == a.name);
    return names && tie.method == method && PatternsOverlap(tie.pattern, a_pattern) &&
           PatternsOverlap(tie.pattern, b_pattern);
  });
}

}  // namespace

std::string_view ReadCredential(const Dialect& dialect, const http::Request& request) {
  const auto read = [&](const CredentialReader& reader) -> std::string_view {
    switch (reader.kind) {
      case CredentialReader::Kind::kHeader:
        return Trim(request.FindHeader(reader.header));
      case CredentialReader::Kind::kBearer:
        return BearerToken(request);
      case CredentialReader::Kind::kBare: {
        const std::string_view value = Trim(request.FindHeader("authorization"));
        return value.find(' ') == std::string_view::npos ? value : BearerToken(request);
      }
    }
    return {};
  };
  for (const bool headers : {true, false}) {
    for (const CredentialReader& reader : dialect.credentials) {
      if ((reader.kind == CredentialReader::Kind::kHeader) != headers) continue;
      if (const std::string_view text = read(reader); !text.empty()) return text;
    }
  }
  return {};
}

Result<Resolver> Resolver::Build(const std::vector<Dialect>& dialects, const std::vector<Tie>& ties,
                                 Defaults defaults, Hosts hosts) {
  Resolver resolver;
  resolver.defaults_ = std::move(defaults);
  resolver.hosts_ = std::move(hosts);
  for (const auto& [host, name] : resolver.hosts_) {
    const auto is_it = [&](const Dialect& dialect) { return dialect.name == name; };
    if (std::none_of(dialects.begin(), dialects.end(), is_it)) {
      return Error(ErrorKind::kInvalid, "the host " + host + " belongs to no dialect: " + name);
    }
  }
  for (const Dialect& dialect : dialects) {
    for (const Mount& mount : dialect.mounts) {
      const auto key = std::make_pair(&dialect, mount.area);
      if (!resolver.routers_.contains(key)) {
        PHAROS_ASSIGN_OR_RETURN(Router router, Router::Build(dialect.endpoints, mount.area));
        resolver.routers_.emplace(key, std::move(router));
      }
      const auto same = [&](const Place& place) {
        return place.prefix == mount.prefix && place.fallback == mount.fallback;
      };
      auto it = std::find_if(resolver.places_.begin(), resolver.places_.end(), same);
      if (it == resolver.places_.end()) {
        resolver.places_.push_back({mount.prefix, mount.fallback, {}});
        it = std::prev(resolver.places_.end());
      }
      it->seats.push_back({&dialect, &mount, &resolver.routers_.at(key)});
    }
  }
  std::stable_sort(resolver.places_.begin(), resolver.places_.end(),
                   [](const Place& a, const Place& b) {
                     if (a.fallback != b.fallback) return b.fallback;
                     return a.prefix.size() > b.prefix.size();
                   });
  PHAROS_RETURN_IF_ERROR(resolver.CheckTies(ties));
  return resolver;
}

Status Resolver::CheckTies(const std::vector<Tie>& ties) const {
  const auto check = [&](const Place& place, const Seat& a, const Seat& b) -> Status {
    // Mounts with conditions share out the requests between them.
    if (a.mount->when && b.mount->when) return Ok();
    if (a.dialect != b.dialect && (a.mount->lone || b.mount->lone)) {
      return Error(ErrorKind::kInvalid, std::string(a.dialect->name) + " and " +
                                            std::string(b.dialect->name) + " both want " +
                                            std::string(place.prefix) + " for themselves");
    }
    for (const Endpoint& left : a.dialect->endpoints) {
      if (left.area != a.mount->area) continue;
      const std::string left_pattern = std::string(place.prefix) + std::string(left.pattern);
      for (const Endpoint& right : b.dialect->endpoints) {
        if (right.area != b.mount->area || right.method != left.method) continue;
        const std::string right_pattern = std::string(place.prefix) + std::string(right.pattern);
        if (!PatternsOverlap(left_pattern, right_pattern)) continue;
        if (IsListed(ties, left.method, left_pattern, right_pattern, *a.dialect, *b.dialect)) {
          continue;
        }
        return Error(ErrorKind::kInvalid, std::string(a.dialect->name) + " and " +
                                              std::string(b.dialect->name) + " both claim " +
                                              std::string(left.method) + " " + left_pattern +
                                              " and the tie table does not list it");
      }
    }
    return Ok();
  };
  for (const Place& place : places_) {
    if (place.fallback && place.seats.size() > 1) {
      return Error(ErrorKind::kInvalid,
                   "two dialects are the fallback of " + std::string(place.prefix));
    }
    for (size_t i = 0; i < place.seats.size(); ++i) {
      for (size_t j = i + 1; j < place.seats.size(); ++j) {
        PHAROS_RETURN_IF_ERROR(check(place, place.seats[i], place.seats[j]));
      }
    }
  }
  return Ok();
}

std::vector<const Resolver::Seat*> Resolver::FindSeats(const http::Request& request) const {
  std::vector<const Seat*> seats;
  for (const Place& place : places_) {
    if (!IsBelow(request.path, place.prefix)) continue;
    // A fallback answers for what lies below it, never for the prefix itself.
    if (place.fallback && request.path.size() == place.prefix.size()) continue;
    for (const Seat& seat : place.seats) {
      if (!seat.mount->when || seat.mount->when(request)) seats.push_back(&seat);
    }
    if (!seats.empty()) break;
  }
  return seats;
}

bool Resolver::Owns(const http::Request& request) const { return !FindSeats(request).empty(); }

RouteMatch Resolver::Match(const Seat& seat, const http::Request& request) {
  const std::string_view path = request.path;
  // An escape that cannot be decoded makes a path that nobody has (kener-v4.md 2.3).
  const bool sound = path.find('%') == std::string_view::npos || PercentDecode(path).has_value();
  if (!sound || seat.mount->fallback) return {};
  std::string_view below = path.substr(seat.mount->prefix.size());
  if (seat.dialect->ignores_trailing_slash && below.size() > 1 && below.ends_with('/')) {
    below.remove_suffix(1);
  }
  return seat.router->Match(request.method, below, seat.dialect->head_as_get);
}

Resolved Resolver::Resolve(const http::Request& request, const KeyDialect& key_dialect) const {
  const std::vector<const Seat*> seats = FindSeats(request);
  if (seats.empty()) return {};
  if (seats.size() == 1) {
    return {seats[0]->dialect, seats[0]->mount, Match(*seats[0], request)};
  }
  Candidates candidates;
  candidates.reserve(seats.size());
  for (const Seat* seat : seats) candidates.push_back({seat, Match(*seat, request)});
  const Dialect& dialect = Choose(candidates, request, key_dialect);
  // Of several mounts of one dialect the one that knows most of the path.
  Candidate* best = nullptr;
  const auto rank = [](const Candidate& c) {
    return c.match.endpoint != nullptr ? 2 : c.match.path_known ? 1 : 0;
  };
  for (Candidate& candidate : candidates) {
    if (candidate.seat->dialect != &dialect) continue;
    if (best == nullptr || rank(candidate) > rank(*best)) best = &candidate;
  }
  return {&dialect, best->seat->mount, std::move(best->match)};
}

const Dialect& Resolver::Choose(const Candidates& candidates, const http::Request& request,
                                const KeyDialect& key_dialect) const {
  std::vector<Contender> contenders;
  for (const Candidate& candidate : candidates) {
    const auto is_same = [&](const Contender& c) { return c.dialect == candidate.seat->dialect; };
    auto it = std::find_if(contenders.begin(), contenders.end(), is_same);
    if (it == contenders.end()) {
      contenders.push_back({candidate.seat->dialect});
      it = std::prev(contenders.end());
    }
    it->path_known = it->path_known || candidate.match.path_known;
    if (const Endpoint* row = candidate.match.endpoint; row != nullptr) {
      it->has_endpoint = true;
      it->documented = it->documented || !row->extension;
    }
  }
  if (contenders.size() > 1) {
    if (const Dialect* found = ReadSignals(contenders, {request, key_dialect, hosts_})) {
      return *found;
    }
  }
  const auto wanted = defaults_.find(candidates.front().seat->mount->prefix);
  for (const Contender& contender : contenders) {
    if (wanted != defaults_.end() && contender.dialect->name == wanted->second) {
      return *contender.dialect;
    }
  }
  return *contenders.front().dialect;
}

bool Resolver::IsPathPlusSlash(const Resolved& resolved, std::string_view path) const {
  if (path.size() < 2 || path.back() != '/' || resolved.mount->fallback) return false;
  path.remove_suffix(1);
  if (!IsBelow(path, resolved.mount->prefix)) return false;
  if (path.find('%') != std::string_view::npos && !PercentDecode(path)) return false;
  const Router& router = routers_.at({resolved.dialect, resolved.mount->area});
  return router.Match("GET", path.substr(resolved.mount->prefix.size()), true).path_known;
}

}  // namespace pharos::api
