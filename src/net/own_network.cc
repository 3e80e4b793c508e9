#include "net/own_network.h"

#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include "base/text.h"

namespace pharos::net {
namespace {

constexpr Duration kHolds = Seconds(1);
constexpr unsigned kUp = 0x0001;      // RTF_UP
constexpr unsigned kReject = 0x0200;  // RTF_REJECT

std::optional<std::string> ReadAll(const char* path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

bool IsUsable(std::string_view flags_hex) {
  unsigned flags = 0;
  std::from_chars(flags_hex.data(), flags_hex.data() + flags_hex.size(), flags, 16);
  return (flags & kUp) != 0 && (flags & kReject) == 0;
}

std::vector<std::string> Words(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

// Interface, destination, gateway, flags, ...
bool IsWayOutV4(const std::string& line) {
  const auto words = Words(line);
  return words.size() > 3 && words[0] != "lo" && words[0] != "Iface" && IsUsable(words[3]);
}

// Destination, its length, ..., flags, interface. Link-local and multicast lead nowhere by
// themselves.
bool IsWayOutV6(const std::string& line) {
  const auto words = Words(line);
  return words.size() == 10 && words[9] != "lo" && !words[0].starts_with("fe80") &&
         !words[0].starts_with("ff") && IsUsable(words[8]);
}

template <class IsWayOut>
bool AnyLine(const std::string& text, IsWayOut is_way_out) {
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (is_way_out(line)) return true;
  }
  return false;
}

}  // namespace

bool OwnNetwork::HasRouteIn(const std::string& v4, const std::string& v6) {
  return AnyLine(v4, IsWayOutV4) || AnyLine(v6, IsWayOutV6);
}

bool OwnNetwork::HasRoute() {
  const MonotonicTime now = clock_.Monotonic();
  if (read_at_ && now - *read_at_ < kHolds) return has_route_;
  read_at_ = now;
  const auto v4 = ReadAll("/proc/net/route");
  const auto v6 = ReadAll("/proc/net/ipv6_route");
  has_route_ = !v4 || HasRouteIn(*v4, v6.value_or(""));
  return has_route_;
}

}  // namespace pharos::net
