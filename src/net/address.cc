#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.h"

namespace pharos::net {
namespace {

constexpr size_t kMaxAddressText = 45;
constexpr std::array<uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

Error BadAddress(std::string_view text) {
  return Error(ErrorKind::kInvalid, "not an IP address: " + Ellipsize(SanitizeUtf8(text), 60));
}

}  // namespace

Result<IpAddress> IpAddress::Parse(std::string_view text) {
  if (text.empty() || text.size() > kMaxAddressText) return BadAddress(text);
  char buffer[kMaxAddressText + 1] = {};
  std::copy(text.begin(), text.end(), buffer);
  if (text.find('\0') != std::string_view::npos) return BadAddress(text);
  // inet_pton refuses leading zeros, hexadecimal, short forms and zone names.
  std::array<uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, buffer, bytes.data()) == 1) {
    IpAddress address;
    address.bytes_ = bytes;
    return address;
  }
  if (inet_pton(AF_INET6, buffer, bytes.data()) == 1) return V6(bytes);
  return BadAddress(text);
}

IpAddress IpAddress::V4(uint32_t host_order) {
  IpAddress address;
  for (size_t i = 0; i < 4; ++i) {
    address.bytes_[i] = static_cast<uint8_t>(host_order >> (24 - 8 * i));
  }
  return address;
}

IpAddress IpAddress::V6(const std::array<uint8_t, 16>& bytes) {
  IpAddress address;
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin())) {
    std::copy(bytes.begin() + 12, bytes.end(), address.bytes_.begin());
    return address;
  }
  address.is_v4_ = false;
  address.bytes_ = bytes;
  return address;
}

std::string IpAddress::ToString() const {
  char buffer[INET6_ADDRSTRLEN] = {};
  inet_ntop(is_v4_ ? AF_INET : AF_INET6, bytes_.data(), buffer, sizeof(buffer));
  return buffer;
}

Result<Cidr> Cidr::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view address_text = text.substr(0, slash);
  Result<IpAddress> address = IpAddress::Parse(address_text);
  if (!address) return Error(std::move(address).error());
  const bool written_as_v6 = address_text.find(':') != std::string_view::npos;
  int64_t bits = written_as_v6 ? 128 : 32;
  if (slash != std::string_view::npos) {
    const std::string_view bits_text = text.substr(slash + 1);
    const std::optional<int64_t> parsed = ParseInt(bits_text);
    if (!parsed || bits_text.size() > 3 || *parsed < 0 || *parsed > bits) {
      return Error(ErrorKind::kInvalid, "not a network prefix: " + Ellipsize(text, 60));
    }
    bits = *parsed;
  }
  if (written_as_v6 && address->IsV4()) {  // ::ffff:a.b.c.d/n means the IPv4 network
    bits -= 96;
    if (bits < 0) {
      return Error(ErrorKind::kInvalid, "prefix too short for an IPv4-mapped network");
    }
  }
  Cidr cidr;
  cidr.base_ = *address;
  cidr.prefix_bits_ = static_cast<int>(bits);
  return cidr;
}

bool Cidr::Contains(const IpAddress& address) const {
  if (address.IsV4() != base_.IsV4()) return false;
  const size_t whole = static_cast<size_t>(prefix_bits_) / 8;
  if (!std::equal(base_.bytes().begin(), base_.bytes().begin() + whole, address.bytes().begin())) {
    return false;
  }
  const int rest = prefix_bits_ % 8;
  if (rest == 0) return true;
  const uint8_t mask = static_cast<uint8_t>(0xff << (8 - rest));
  return (base_.bytes()[whole] & mask) == (address.bytes()[whole] & mask);
}

}  // namespace pharos::net
