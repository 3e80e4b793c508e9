#include "net/outbound_policy.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"

namespace pharos::net {
namespace {

struct NamedRange {
  const char* prefix;
  const char* what;
};

struct ParsedRange {
  Cidr network;
  const char* what;
};

// Refused in every mode: nothing that somebody wants to watch lives here.
constexpr NamedRange kNever[] = {
    {"0.0.0.0/8", "unspecified address"},
    {"::/128", "unspecified address"},
    {"224.0.0.0/4", "multicast address"},
    {"ff00::/8", "multicast address"},
    {"255.255.255.255/32", "broadcast address"},
    // Instance metadata: AWS, Google, Azure, DigitalOcean, OpenStack; AWS containers; Alibaba;
    // Azure's wire server; Oracle; AWS and Google over IPv6.
    {"169.254.169.0/24", "cloud metadata service"},
    {"169.254.170.0/24", "cloud metadata service"},
    {"100.100.100.200/32", "cloud metadata service"},
    {"168.63.129.16/32", "cloud metadata service"},
    {"192.0.0.192/32", "cloud metadata service"},
    {"fd00:ec2::/32", "cloud metadata service"},
    {"fd20:ce::254/128", "cloud metadata service"},
};

// Refused under kUntrusted unless listed; from the special-purpose registries of IANA.
constexpr NamedRange kPrivate[] = {
    {"127.0.0.0/8", "loopback address"},
    {"::1/128", "loopback address"},
    {"10.0.0.0/8", "private address"},
    {"172.16.0.0/12", "private address"},
    {"192.168.0.0/16", "private address"},
    {"fc00::/7", "private address"},
    {"fec0::/10", "private address"},
    {"169.254.0.0/16", "link-local address"},
    {"fe80::/10", "link-local address"},
    {"100.64.0.0/10", "carrier-grade NAT address"},
    {"198.18.0.0/15", "benchmark address"},
    {"2001:2::/48", "benchmark address"},
    {"192.0.0.0/24", "special-purpose address"},
    {"192.88.99.0/24", "special-purpose address"},
    {"192.0.2.0/24", "documentation address"},
    {"198.51.100.0/24", "documentation address"},
    {"203.0.113.0/24", "documentation address"},
    {"2001:db8::/32", "documentation address"},
    {"3fff::/20", "documentation address"},
    {"240.0.0.0/4", "reserved address"},
    {"::/96", "reserved address"},
    {"100::/64", "reserved address"},
    {"2001:10::/28", "reserved address"},
    {"2001:20::/28", "reserved address"},
    {"5f00::/16", "reserved address"},
    {"64:ff9b:1::/48", "private address"},
};

constexpr std::string_view kMetadataHosts[] = {
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "instance-data",
    "instance-data.ec2.internal",
    "metadata.azure.internal",
    "metadata.packet.net",
};

// The "bad ports" of the Fetch standard, and the data stores that answer to text lines.
constexpr uint16_t kOtherProtocolPorts[] = {
    1,    7,    9,    11,   13,   15,   17,   19,   20,   21,    22,    23,    25,   37,   42,
    43,   53,   69,   77,   79,   87,   95,   101,  102,  103,   104,   109,   110,  111,  113,
    115,  117,  119,  123,  135,  137,  139,  143,  161,  179,   389,   427,   465,  512,  513,
    514,  515,  526,  530,  531,  532,  540,  548,  554,  556,   563,   587,   601,  636,  989,
    990,  993,  995,  1719, 1720, 1723, 2049, 3306, 3659, 4045,  4190,  5060,  5061, 5432, 6000,
    6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211, 27017,
};

template <size_t N>
std::vector<ParsedRange> ParseAll(const NamedRange (&ranges)[N]) {
  std::vector<ParsedRange> parsed;
  for (const NamedRange& range : ranges) {
    Result<Cidr> network = Cidr::Parse(range.prefix);
    if (network) parsed.push_back({*network, range.what});
  }
  return parsed;
}

const std::vector<ParsedRange>& NeverRanges() {
  static const std::vector<ParsedRange> ranges = ParseAll(kNever);
  return ranges;
}

const std::vector<ParsedRange>& PrivateRanges() {
  static const std::vector<ParsedRange> ranges = ParseAll(kPrivate);
  return ranges;
}

const char* FindRange(const std::vector<ParsedRange>& ranges, const IpAddress& address) {
  for (const ParsedRange& range : ranges) {
    if (range.network.Contains(address)) return range.what;
  }
  return nullptr;
}

// The address itself and every IPv4 address that a translator or tunnel would read out of it.
class AddressViews {
 public:
  explicit AddressViews(const IpAddress& address) {
    Add(address);
    if (address.IsV4()) return;
    const std::array<uint8_t, 16>& b = address.bytes();
    const auto begins = [&](std::initializer_list<uint8_t> prefix) {
      return std::equal(prefix.begin(), prefix.end(), b.begin());
    };
    if (begins({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) && !IsTiny(b)) AddV4(b, 12);  // compatible
    if (begins({0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0})) AddV4(b, 12);          // SIIT
    if (begins({0x00, 0x64, 0xff, 0x9b})) {                                        // NAT64
      AddV4(b, 12);
      // RFC 6052 with a /48 prefix; zero when the network uses its last 32 bits instead.
      const uint32_t middle = Word(b[6], b[7], b[9], b[10]);
      if (b[5] == 1 && middle > 0xffff) Add(IpAddress::V4(middle));
    }
    if (begins({0x20, 0x02})) AddV4(b, 2);  // 6to4
    if (begins({0x20, 0x01, 0, 0})) {       // Teredo: server, and the client inverted
      AddV4(b, 4);
      Add(IpAddress::V4(~Word(b[12], b[13], b[14], b[15])));
    }
    if ((b[8] & 0xfd) == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe) AddV4(b, 12);  // ISATAP
  }

  const IpAddress* begin() const { return views_.data(); }
  const IpAddress* end() const { return views_.data() + count_; }

 private:
  static uint32_t Word(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
    return static_cast<uint32_t>(a) << 24 | static_cast<uint32_t>(b) << 16 |
           static_cast<uint32_t>(c) << 8 | d;
  }
  // ::0 to ::ffff are the unspecified and loopback addresses, not compatible forms.
  static bool IsTiny(const std::array<uint8_t, 16>& b) { return b[12] == 0 && b[13] == 0; }
  void Add(const IpAddress& address) { views_[count_++] = address; }
  void AddV4(const std::array<uint8_t, 16>& b, size_t at) {
    Add(IpAddress::V4(Word(b[at], b[at + 1], b[at + 2], b[at + 3])));
  }

  std::array<IpAddress, 6> views_;
  size_t count_ = 0;
};

IpAddress FromSockaddr(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof(v4));
    return IpAddress::V4(ntohl(v4.sin_addr.s_addr));
  }
  sockaddr_in6 v6;
  std::memcpy(&v6, address, sizeof(v6));
  std::array<uint8_t, 16> bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return IpAddress::V6(bytes);
}

bool IsAddressOfThisHost(const IpAddress& address) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return false;
  bool found = false;
  for (const ifaddrs* entry = list; entry != nullptr && !found; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr) continue;
    const int family = entry->ifa_addr->sa_family;
    found = (family == AF_INET || family == AF_INET6) && FromSockaddr(entry->ifa_addr) == address;
  }
  freeifaddrs(list);
  return found;
}

Error Blocked(std::string_view host, const IpAddress& address, std::string_view why) {
  const std::string text = address.ToString();
  std::string message = "refused by the outbound policy: " + text;
  if (!host.empty() && host != text) message += " (" + std::string(host) + ")";
  return Error(ErrorKind::kBlocked, message + " is " + std::string(why));
}

std::string WithArticle(const char* what) {
  const bool is_vowel = std::string_view("aeiou").find(*what) != std::string_view::npos;
  return std::string(is_vowel ? "an " : "a ") + what;
}

}  // namespace

OutboundPolicy::OutboundPolicy(OutboundSettings settings) : settings_(std::move(settings)) {}

Status OutboundPolicy::CheckHost(std::string_view host) const {
  std::string name = AsciiLower(host);
  if (name.ends_with('.')) name.pop_back();
  if (std::find(std::begin(kMetadataHosts), std::end(kMetadataHosts), name) ==
      std::end(kMetadataHosts)) {
    return Ok();
  }
  return Error(ErrorKind::kBlocked,
               "refused by the outbound policy: " + name + " is a cloud metadata service");
}

Status OutboundPolicy::CheckHttpPort(std::string_view host, uint16_t port) const {
  if (settings_.mode == PolicyMode::kTrusted || IsListedHost(host)) return Ok();
  if (!std::binary_search(std::begin(kOtherProtocolPorts), std::end(kOtherProtocolPorts), port)) {
    return Ok();
  }
  return Error(ErrorKind::kBlocked, "refused by the outbound policy: port " + std::to_string(port) +
                                        " belongs to another protocol");
}

Status OutboundPolicy::CheckAddress(Purpose purpose, std::string_view host,
                                    const IpAddress& address, uint16_t port) const {
  static_cast<void>(purpose);  // both modes treat every purpose alike (architecture D14)
  PHAROS_RETURN_IF_ERROR(CheckHost(host));
  const AddressViews views(address);
  for (const IpAddress& view : views) {
    if (const char* what = FindRange(NeverRanges(), view)) {
      return Blocked(host, address, WithArticle(what));
    }
    if (!allow_self_ && IsOwnListener(view, port)) {
      return Blocked(host, address, "this server itself (port " + std::to_string(port) + ")");
    }
  }
  if (settings_.mode == PolicyMode::kTrusted) return Ok();
  if (IsListedHost(host) || IsListedNetwork(address)) return Ok();
  for (const IpAddress& view : views) {
    if (IsListedNetwork(view)) continue;
    if (const char* what = FindRange(PrivateRanges(), view)) {
      return Blocked(host, address, WithArticle(what));
    }
  }
  return Ok();
}

void OutboundPolicy::AddOwnListener(uint16_t port) {
  own_ports_.Write([&](std::vector<uint16_t>& ports) {
    if (std::find(ports.begin(), ports.end(), port) == ports.end()) ports.push_back(port);
  });
}

const std::string& OutboundPolicy::ProxyFor(Purpose purpose) const {
  switch (purpose) {
    case Purpose::kProbe:
    case Purpose::kOnDemand:
      return settings_.proxy_probe;
    case Purpose::kNotify:
      break;
  }
  return settings_.proxy_notify;
}

bool OutboundPolicy::IsListedHost(std::string_view host) const {
  return std::any_of(settings_.allowed_hosts.begin(), settings_.allowed_hosts.end(),
                     [&](const std::string& listed) {
                       if (!listed.starts_with('.')) return EqualsIgnoreCase(host, listed);
                       return host.size() > listed.size() &&
                              EqualsIgnoreCase(host.substr(host.size() - listed.size()), listed);
                     });
}

bool OutboundPolicy::IsListedNetwork(const IpAddress& address) const {
  return std::any_of(settings_.allowed_networks.begin(), settings_.allowed_networks.end(),
                     [&](const Cidr& network) { return network.Contains(address); });
}

bool OutboundPolicy::IsOwnListener(const IpAddress& address, uint16_t port) const {
  const bool own_port = own_ports_.Read([&](const std::vector<uint16_t>& ports) {
    return std::find(ports.begin(), ports.end(), port) != ports.end();
  });
  if (!own_port) return false;
  const char* range = FindRange(PrivateRanges(), address);
  const bool is_loopback = range != nullptr && std::string_view(range) == "loopback address";
  return is_loopback || IsAddressOfThisHost(address);
}

}  // namespace pharos::net
