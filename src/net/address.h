#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pharos::net {

// An IPv4 or IPv6 address. IPv4-mapped IPv6 forms are unwrapped when parsed. Value type.
class IpAddress {
 public:
  IpAddress() = default;
  // Strict textual forms only (no decimal, octal, hex or short IPv4 forms). Error: kInvalid.
  static Result<IpAddress> Parse(std::string_view text);
  static IpAddress V4(uint32_t host_order);
  static IpAddress V6(const std::array<uint8_t, 16>& bytes);

  bool IsV4() const { return is_v4_; }
  const std::array<uint8_t, 16>& bytes() const { return bytes_; }  // v4: first four
  std::string ToString() const;
  bool operator==(const IpAddress&) const = default;

 private:
  bool is_v4_ = true;
  std::array<uint8_t, 16> bytes_{};
};

// A network in prefix notation.
class Cidr {
 public:
  static Result<Cidr> Parse(std::string_view text);
  bool Contains(const IpAddress& address) const;

 private:
  IpAddress base_;
  int prefix_bits_ = 0;
};

}  // namespace pharos::net
