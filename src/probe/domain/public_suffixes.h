#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace pharos::probe {

// Below which names registries register: "com", "co.uk", "*.ck" (the public suffix list; the part
// about registries, not the private one, since github.io is itself a registered domain). Immutable,
// thread-safe.
class PublicSuffixes {
 public:
  // Reads the format of publicsuffix.org. Lines that make no sense are left out.
  static PublicSuffixes Parse(std::string_view text);
  // The system's list (Debian: publicsuffix), read once; without it, the most common suffixes.
  static const PublicSuffixes& System();

  // The registered part of a name: "shop.co.uk" of "www.shop.co.uk". Empty when the name is itself
  // a suffix. `domain` is in lower case without a final dot.
  std::string_view RegisteredPartOf(std::string_view domain) const;

 private:
  enum class Rule : uint8_t { kPlain = 1, kWildcard = 2, kException = 4 };
  std::unordered_map<std::string, uint8_t> rules_;
};

// Whether this is a name that somebody registers: no protocol, no port, no subdomain, no suffix
// alone ("kodo.md 10"). Letters of any case; international names in their xn-- form.
bool IsRegistrableDomain(std::string_view text);

}  // namespace pharos::probe
