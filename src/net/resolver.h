#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
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
  // Whether a look-up that no server answered is held against our own name service first.
  bool check_service = true;
  Metrics* metrics = nullptr;  // may be absent; outlives the resolver
};

// Names to addresses by c-ares, with the hosts file and search list of the system. Answers are kept
// for as long as their TTL says (at most cache_ttl_max; TTL 0 is not kept); failures are not kept.
// Equal questions in flight share one look-up. Addresses come in the order of preference of RFC
// 6724. Belongs to one event loop: sockets are announced through `watch`, and the loop calls
// OnSocket and OnTimeout. Not thread-safe.
class Resolver {
 public:
  static constexpr const char* kServiceIsDead =
      "Monitor was blind: our own name service does not answer";

  // Both false = stop watching.
  using Watch = std::function<void(int fd, bool readable, bool writable)>;
  using Answer = Result<std::vector<IpAddress>>;
  using Done = std::function<void(const Answer& answer)>;

  static Result<std::unique_ptr<Resolver>> Create(const ResolverSettings& settings, Watch watch,
                                                  const Clock& clock);
  virtual ~Resolver() = default;

  // `ip_version` is 0 (any), 4 or 6. Calls `done` once, possibly before this returns (then the
  // answer is 0), unless cancelled. Errors: kNotFound (no such name or no address of that version),
  // kTimeout (no server answered), kUnavailable (too many look-ups, or the servers refuse; with a
  // time to wait it is our own trouble: too many look-ups, or our name service does not answer at
  // all). The ticket stays valid until `done` is called.
  virtual uint64_t Resolve(const std::string& host, int ip_version, Done done) = 0;
  virtual void Cancel(uint64_t ticket) = 0;

  // Whether our name servers answer at all, whatever they say: asked for the name servers of the
  // root, with one question at a time, whose outcome holds for two seconds (architecture D17). True
  // also when settings say not to ask. Calls back once, possibly before this returns, and never
  // after the resolver is gone.
  virtual void CheckService(std::function<void(bool alive)> done) = 0;

  virtual void OnSocket(int fd, bool readable, bool writable) = 0;
  virtual void OnTimeout() = 0;
  // How long the loop may sleep; nullopt when nothing is pending.
  virtual std::optional<Duration> NextTimeout() const = 0;
};

}  // namespace pharos::net
