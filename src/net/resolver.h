#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/address.h"

namespace pharos::net {

struct ResolverSettings {
  std::vector<std::string> servers;  // "127.0.0.1" or "127.0.0.1:53"; empty = /etc/resolv.conf
  size_t max_cached = 50'000;
  size_t max_pending = 20'000;  // different names being looked up at once
  Duration cache_ttl_max = Minutes(5);
  Duration try_timeout = Seconds(2);  // doubled by c-ares at each further round of tries
  int tries = 3;
};

// Names to addresses by c-ares, with the hosts file and search list of the system. Answers are kept
// for as long as their TTL says (at most cache_ttl_max; TTL 0 is not kept); failures are not kept.
// Equal questions in flight share one look-up. Addresses come in the order of preference of RFC
// 6724. Belongs to one event loop: sockets are announced through `watch`, and the loop calls
// OnSocket and OnTimeout. Not thread-safe.
class Resolver {
 public:
  // Both false = stop watching.
  using Watch = std::function<void(int fd, bool readable, bool writable)>;
  using Answer = Result<std::vector<IpAddress>>;
  using Done = std::function<void(const Answer& answer)>;

  static Result<std::unique_ptr<Resolver>> Create(const ResolverSettings& settings, Watch watch,
                                                  const Clock& clock);
  virtual ~Resolver() = default;

  // `ip_version` is 0 (any), 4 or 6. Calls `done` once, possibly before this returns (then the
  // answer is 0), unless cancelled. Errors: kNotFound (no such name or no address of that version),
  // kTimeout (no server answered), kUnavailable (too many look-ups, or the servers refuse). The
  // ticket stays valid until `done` is called.
  virtual uint64_t Resolve(const std::string& host, int ip_version, Done done) = 0;
  virtual void Cancel(uint64_t ticket) = 0;

  virtual void OnSocket(int fd, bool readable, bool writable) = 0;
  virtual void OnTimeout() = 0;
  // How long the loop may sleep; nullopt when nothing is pending.
  virtual std::optional<Duration> NextTimeout() const = 0;
};

}  // namespace pharos::net
