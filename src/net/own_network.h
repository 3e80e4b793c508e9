#pragma once

#include <optional>
#include <string>

#include "base/clock.h"

namespace pharos::net {

// What this machine itself says about its network. Not thread-safe.
class OwnNetwork {
 public:
  explicit OwnNetwork(const Clock& clock) : clock_(clock) {}
  // False when there is no route but to ourselves: no interface is up, so nobody can be reached
  // whatever state he is in. Read anew at most once a second; true when it cannot be read.
  bool HasRoute();

  static constexpr const char* kNoRoute = "Monitor was blind: this server has no network route";
  // Of the texts of /proc/net/route and /proc/net/ipv6_route.
  static bool HasRouteIn(const std::string& v4, const std::string& v6);

 private:
  const Clock& clock_;
  std::optional<MonotonicTime> read_at_;
  bool has_route_ = true;
};

}  // namespace pharos::net
