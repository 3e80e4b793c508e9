#include "api/resolver.h"

#include <algorithm>

#include "base/text.h"

namespace pharos::api {
namespace {

// `path` lies at or below `prefix`, cut at a segment boundary.
bool IsBelow(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

bool ReadsHeaderOf(const Dialect& dialect, const http::Request& request) {
  return std::any_of(
      dialect.credentials.begin(), dialect.credentials.end(), [&](const CredentialReader& reader) {
        return reader.kind == CredentialReader::Kind::kHeader && request.HasHeader(reader.header);
      });
}

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

std::string_view BearerToken(const http::Request& request) {
  const std::string_view value = Trim(request.FindHeader("authorization"));
  const size_t blank = value.find(' ');
  if (blank == std::string_view::npos) return {};
  const std::string_view token = value.substr(blank + 1);
  if (!EqualsIgnoreCase(value.substr(0, blank), "bearer")) return {};
  if (token.find(' ') != std::string_view::npos) return {};
  return token;
}

std::string_view ReadCredential(const Dialect& dialect, const http::Request& request) {
  for (const CredentialReader& reader : dialect.credentials) {
    if (reader.kind != CredentialReader::Kind::kHeader) continue;
    if (request.HasHeader(reader.header)) return Trim(request.FindHeader(reader.header));
  }
  for (const CredentialReader& reader : dialect.credentials) {
    if (reader.kind == CredentialReader::Kind::kBearer) return BearerToken(request);
  }
  return {};
}

Result<Resolver> Resolver::Build(const std::vector<Dialect>& dialects, const std::vector<Tie>& ties,
                                 Defaults defaults) {
  Resolver resolver;
  resolver.defaults_ = std::move(defaults);
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
    if (a.mount->lone || b.mount->lone) {
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

const Resolver::Place* Resolver::FindPlace(std::string_view path) const {
  for (const Place& place : places_) {
    if (!IsBelow(path, place.prefix)) continue;
    // A fallback answers for what lies below it, never for the prefix itself.
    if (place.fallback && path.size() == place.prefix.size()) continue;
    return &place;
  }
  return nullptr;
}

bool Resolver::Owns(std::string_view path) const { return FindPlace(path) != nullptr; }

Resolved Resolver::Resolve(const http::Request& request, const KeyDialect& key_dialect) const {
  const std::string_view path = request.path;
  const Place* place = FindPlace(path);
  if (place == nullptr) return {};
  const std::string_view below = path.substr(place->prefix.size());
  // An escape that cannot be decoded makes a path that nobody has (kener-v4.md 2.3).
  const bool sound = path.find('%') == std::string_view::npos || PercentDecode(path).has_value();
  const auto match = [&](const Seat& seat) {
    if (!sound || place->fallback) return RouteMatch{};
    return seat.router->Match(request.method, below, seat.dialect->head_as_get);
  };
  if (place->seats.size() == 1) {
    const Seat& seat = place->seats.front();
    return {seat.dialect, seat.mount, match(seat)};
  }
  std::vector<RouteMatch> matches;
  matches.reserve(place->seats.size());
  for (const Seat& seat : place->seats) matches.push_back(match(seat));
  const Seat* seat = Choose(*place, request, matches, key_dialect);
  const auto index = static_cast<size_t>(seat - place->seats.data());
  return {seat->dialect, seat->mount, std::move(matches[index])};
}

const Resolver::Seat* Resolver::Choose(const Place& place, const http::Request& request,
                                       const std::vector<RouteMatch>& matches,
                                       const KeyDialect& key_dialect) const {
  // The only seat for which `is_theirs` holds, or nullptr.
  const auto only = [&](const auto& is_theirs) -> const Seat* {
    const Seat* found = nullptr;
    for (size_t i = 0; i < place.seats.size(); ++i) {
      if (!is_theirs(i)) continue;
      if (found != nullptr) return nullptr;
      found = &place.seats[i];
    }
    return found;
  };
  if (const Seat* seat = only([&](size_t i) { return matches[i].endpoint != nullptr; })) {
    return seat;
  }
  if (const Seat* seat = only([&](size_t i) { return matches[i].path_known; })) return seat;
  const auto owns = [&](size_t i) {
    const auto& owned = place.seats[i].dialect->owned_paths;
    return std::any_of(owned.begin(), owned.end(),
                       [&](std::string_view prefix) { return IsBelow(request.path, prefix); });
  };
  if (const Seat* seat = only(owns)) return seat;
  if (const Seat* seat = ByCredential(place, request, key_dialect)) return seat;
  const auto wanted = defaults_.find(place.prefix);
  for (const Seat& seat : place.seats) {
    if (wanted != defaults_.end() && seat.dialect->name == wanted->second) return &seat;
  }
  return &place.seats.front();
}

const Resolver::Seat* Resolver::ByCredential(const Place& place, const http::Request& request,
                                             const KeyDialect& key_dialect) const {
  for (const Seat& seat : place.seats) {
    if (ReadsHeaderOf(*seat.dialect, request)) return &seat;
  }
  const std::string_view token = BearerToken(request);
  if (token.empty()) return nullptr;
  const std::string stored = key_dialect(token);
  for (const Seat& seat : place.seats) {
    if (!stored.empty() && seat.dialect->name == stored) return &seat;
  }
  for (const Seat& seat : place.seats) {
    for (const std::string_view prefix : seat.dialect->key_prefixes) {
      if (token.starts_with(prefix)) return &seat;
    }
  }
  for (const Seat& seat : place.seats) {
    if (seat.dialect->answers_unknown_bearer) return &seat;
  }
  return nullptr;
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
