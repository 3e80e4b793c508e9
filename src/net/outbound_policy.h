#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "net/address.h"

namespace pharos::net {

// Why a connection is made (architecture D14).
enum class Purpose : uint8_t {
  kProbe,     // a configured check: private networks are what people monitor
  kNotify,    // webhooks, channels, single sign-on, imports
  kOnDemand,  // a check that somebody runs without saving it
};

enum class PolicyMode : uint8_t { kTrusted, kUntrusted };

struct OutboundSettings {
  PolicyMode mode = PolicyMode::kTrusted;
  // Networks and host names (exact, or ".suffix") that stay allowed under kUntrusted. They do not
  // lift what is always refused.
  std::vector<Cidr> allowed_networks;
  std::vector<std::string> allowed_hosts;
  // "http://host:port" or "socks5h://host:port"; empty = connect directly. With a proxy the proxy
  // resolves; literal addresses in URLs are still checked here. Ambient proxy variables are
  // ignored.
  std::string proxy_probe;
  std::string proxy_notify;
};

// Decides whether an address may be connected to. Always refused: metadata services, unspecified,
// multicast, broadcast and our own listeners. Refused under kUntrusted unless listed: loopback,
// private, link-local, carrier-grade NAT, benchmark and documentation ranges, and 6to4/NAT64/mapped
// wrappings of any of these. Thread-safe.
class OutboundPolicy {
 public:
  explicit OutboundPolicy(OutboundSettings settings);

  // Error: kBlocked with a text that names the address and the reason.
  Status CheckAddress(Purpose purpose, std::string_view host, const IpAddress& address,
                      uint16_t port) const;
  // What can be said before a name is resolved: names of metadata services are always refused.
  Status CheckHost(std::string_view host) const;
  // Under kUntrusted, HTTP requests to ports where other line protocols listen (mail, Redis, ...)
  // are refused unless the host is listed.
  Status CheckHttpPort(std::string_view host, uint16_t port) const;
  // Our own listening sockets. A monitor may watch them only if `allow_self` was set, which is how
  // an operator watches Pharos itself.
  void AddOwnListener(uint16_t port);
  void set_allow_self(bool allow) { allow_self_ = allow; }
  const std::string& ProxyFor(Purpose purpose) const;

 private:
  bool IsListedHost(std::string_view host) const;
  bool IsListedNetwork(const IpAddress& address) const;
  bool IsOwnListener(const IpAddress& address, uint16_t port) const;

  OutboundSettings settings_;
  bool allow_self_ = false;
  Guarded<std::vector<uint16_t>> own_ports_;
};

}  // namespace pharos::net
