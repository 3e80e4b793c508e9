#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pharos::net {

// A strictly parsed http or https URL. Refused: other schemes, user information, control
// characters, blanks, hosts over 253 bytes, ports outside 1-65535, obscure IPv4 spellings (0x7f.1,
// 017700000001).
struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case, IPv6 without brackets
  uint16_t port = 0;   // always set
  std::string target;  // path and query, at least "/"

  static Result<Url> Parse(std::string_view text);
  std::string ToString() const;
  // "host" or "host:port" as it stands in a Host header.
  std::string Authority() const;
  // Host, port and scheme are those of `other`.
  bool HasSameOrigin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

// The target of a redirect: `location` is absolute or relative to `base` (RFC 3986 5.2). Blanks
// inside are encoded as browsers do; everything else is as strict as Url::Parse.
Result<Url> ResolveLocation(const Url& base, std::string_view location);

}  // namespace pharos::net
