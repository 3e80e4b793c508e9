#pragma once

#include <string>
#include <string_view>

namespace pharos::probe {

// Where registries answer. A table of common top-level domains; everything else goes by the two
// general services, which refer or redirect.

// "https://rdap.example/v1/", to which "domain/<name>" is added; empty when not in the table.
std::string_view RdapBaseFor(std::string_view domain);
inline constexpr std::string_view kGeneralRdapBase = "https://rdap.org/";

// A host name; kGeneralWhoisServer when not in the table.
std::string_view WhoisServerFor(std::string_view domain);
inline constexpr std::string_view kGeneralWhoisServer = "whois.iana.org";

}  // namespace pharos::probe
