#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/peer_chain.h"

namespace pharos::net {

// What a connection met on its way, for people who ask why a check failed. Collected without
// looking at it, so that a check that goes well pays next to nothing.

// One address that a host stands for, and what came of it.
struct TriedAddress {
  enum class Outcome : uint8_t {
    kNotTried,   // an earlier one answered, or time was up
    kConnected,  // datagrams: written to
    kRefused,
    kNoAnswer,
    kFailed,  // `error` says why, 0 = not known
  };
  IpAddress address;
  Outcome outcome = Outcome::kNotTried;
  int error = 0;  // errno
};
// "connected", "refused", "no answer", "not tried", "failed: No route to host".
std::string TriedText(const TriedAddress& tried);

// The certificates that a server showed, read only when somebody asks.
class ShownChain {
 public:
  virtual ~ShownChain() = default;
  // The server's own first, at most 10.
  virtual std::vector<PeerCertificate> Read() const = 0;
};

// One redirect that was followed or refused.
struct RedirectSeen {
  int status = 0;
  std::string location;  // as the server wrote it, valid UTF-8, at most 500 bytes
};

}  // namespace pharos::net
