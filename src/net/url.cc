#include "net/url.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"
#include "net/address.h"

namespace pharos::net {
namespace {

constexpr size_t kMaxUrlBytes = 8192;
constexpr size_t kMaxHostBytes = 253;
constexpr size_t kMaxLabelBytes = 63;

Error Bad(std::string message) { return Error(ErrorKind::kInvalid, std::move(message)); }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

uint16_t DefaultPort(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

// A last label that is a number in any C notation makes resolvers read the host as an IPv4 address.
bool EndsInNumber(std::string_view host) {
  const std::string_view label = host.substr(host.rfind('.') + 1);  // npos + 1 == 0
  if (label.empty()) return false;
  if (std::all_of(label.begin(), label.end(), IsDigit)) return true;
  return label.starts_with("0x") &&
         std::all_of(label.begin() + 2, label.end(), [](char c) { return IsHexDigit(c); });
}

Status CheckName(std::string_view host) {
  if (host.size() > kMaxHostBytes) return Bad("the host name is longer than 253 bytes");
  for (std::string_view label : Split(host, '.')) {
    if (label.empty()) return Bad("the host name has an empty part");
    if (label.size() > kMaxLabelBytes) return Bad("a part of the host name is over 63 bytes");
    for (char c : label) {
      if (static_cast<unsigned char>(c) >= 0x80) {
        return Bad("write international host names in their ASCII form (xn--...)");
      }
      if (!IsLower(c) && !IsDigit(c) && c != '-' && c != '_') {
        return Bad("the host name contains a character that is not allowed");
      }
    }
    if (label.front() == '-' || label.back() == '-') {
      return Bad("a part of the host name begins or ends with '-'");
    }
  }
  return Ok();
}

Result<std::string> ParseHost(std::string_view text) {
  if (text.empty()) return Bad("the URL has no host");
  if (text.front() == '[') {
    if (text.back() != ']') return Bad("the IPv6 address lacks its closing bracket");
    const std::string_view inner = text.substr(1, text.size() - 2);
    Result<IpAddress> address = IpAddress::Parse(inner);
    if (!address || inner.find(':') == std::string_view::npos) {
      return Bad("the brackets do not hold an IPv6 address");
    }
    return address->ToString();  // an IPv4-mapped form becomes plain IPv4
  }
  std::string host = AsciiLower(text);
  if (host.ends_with('.')) host.pop_back();  // "localhost." is localhost
  PHAROS_RETURN_IF_ERROR(host.empty() ? Status(Bad("the URL has no host")) : CheckName(host));
  if (EndsInNumber(host) && !IpAddress::Parse(host)) {
    return Bad("write IPv4 addresses as four decimal numbers");
  }
  return host;
}

Result<uint16_t> ParsePort(std::string_view text) {
  const bool digits = !text.empty() && text.size() <= 5 &&
                      std::all_of(text.begin(), text.end(), [](char c) { return IsDigit(c); });
  const std::optional<int64_t> port = digits ? ParseInt(text) : std::nullopt;
  if (!port || *port < 1 || *port > 65535) return Bad("the port is not a number from 1 to 65535");
  return static_cast<uint16_t>(*port);
}

// Where the port's colon stands, npos when there is none.
size_t FindPortColon(std::string_view authority) {
  const size_t bracket = authority.rfind(']');
  return authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
}

std::string EncodeTarget(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string target;
  target.reserve(text.size() + 1);
  if (text.empty() || text.front() != '/') target += '/';
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      target += c;
    } else {
      target += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return target;
}

// RFC 3986 5.2.4 on an absolute path.
std::string RemoveDotSegments(std::string_view path) {
  std::vector<std::string_view> kept;
  const std::vector<std::string_view> parts = Split(path.substr(1), '/');
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool is_last = i + 1 == parts.size();
    const bool is_dots = parts[i] == "." || parts[i] == "..";
    if (parts[i] == ".." && !kept.empty()) kept.pop_back();
    if (!is_dots) kept.push_back(parts[i]);
    if (is_dots && is_last) kept.push_back("");
  }
  std::string out;
  for (std::string_view part : kept) {
    out += '/';
    out += part;
  }
  return out.empty() ? "/" : out;
}

bool HasScheme(std::string_view text) {
  const size_t end = text.find_first_of(":/?#");
  return end != std::string_view::npos && end > 0 && text[end] == ':';
}

std::string MergeReference(const Url& base, std::string_view reference) {
  const std::string_view base_path = std::string_view(base.target).substr(0, base.target.find('?'));
  const size_t path_end = reference.find_first_of("?#");
  const std::string_view path = reference.substr(0, path_end);
  const std::string_view rest =
      path_end == std::string_view::npos ? std::string_view() : reference.substr(path_end);
  if (path.empty()) {
    return rest.starts_with('?') ? std::string(base_path) + std::string(rest) : base.target;
  }
  std::string merged(path);
  if (path.front() != '/') {
    merged = std::string(base_path.substr(0, base_path.rfind('/') + 1)) + merged;
  }
  return RemoveDotSegments(merged) + std::string(rest);
}

}  // namespace

Result<Url> Url::Parse(std::string_view text) {
  if (text.size() > kMaxUrlBytes) return Bad("the URL is longer than 8192 bytes");
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) return Bad("the URL contains a blank or control character");
    if (c == '\\') return Bad("the URL contains a backslash");
  }
  const size_t colon = text.find("://");
  if (colon == std::string_view::npos) return Bad("the URL must begin with http:// or https://");
  Url url;
  url.scheme = AsciiLower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") {
    return Bad("only http and https URLs are allowed");
  }
  std::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const size_t authority_end = rest.find_first_of("/?");
  const std::string_view authority = rest.substr(0, authority_end);
  if (authority.find('@') != std::string_view::npos) {
    return Bad("the URL must not contain a user name or password");
  }
  const size_t port_colon = FindPortColon(authority);
  PHAROS_ASSIGN_OR_RETURN(url.host, ParseHost(authority.substr(0, port_colon)));
  url.port = DefaultPort(url.scheme);
  if (port_colon != std::string_view::npos) {
    PHAROS_ASSIGN_OR_RETURN(url.port, ParsePort(authority.substr(port_colon + 1)));
  }
  url.target = EncodeTarget(authority_end == std::string_view::npos ? std::string_view()
                                                                    : rest.substr(authority_end));
  return url;
}

std::string Url::Authority() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  std::string authority = is_v6 ? "[" + host + "]" : host;
  if (port != DefaultPort(scheme)) authority += ":" + std::to_string(port);
  return authority;
}

std::string Url::ToString() const { return scheme + "://" + Authority() + target; }

Result<Url> ResolveLocation(const Url& base, std::string_view location) {
  std::string reference;
  for (char c : Trim(location)) {
    if (c == ' ') {
      reference += "%20";
    } else {
      reference += c;
    }
  }
  if (reference.empty()) return Bad("the redirect names no target");
  if (reference.size() > kMaxUrlBytes) return Bad("the URL is longer than 8192 bytes");
  if (HasScheme(reference)) return Url::Parse(reference);
  if (reference.starts_with("//")) return Url::Parse(base.scheme + ":" + reference);
  return Url::Parse(base.scheme + "://" + base.Authority() + MergeReference(base, reference));
}

}  // namespace pharos::net
