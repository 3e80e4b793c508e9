#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pharos::net {

// An ICMP or ICMPv6 echo request with this payload. The checksum of ICMPv6 is the kernel's to set.
std::string MakeEchoRequest(bool is_v4, uint16_t id, uint16_t sequence, std::string_view payload);

// What an echo reply holds; nullopt for any other message. `has_ip_header`: read from a raw IPv4
// socket. The view points into `packet`.
struct EchoReply {
  uint16_t id = 0;
  uint16_t sequence = 0;
  std::string_view payload;
};
std::optional<EchoReply> ParseEchoReply(bool is_v4, bool has_ip_header, std::string_view packet);

}  // namespace pharos::net
