#include "probe/domain/registries.h"

#include <algorithm>

#include "base/text.h"

namespace pharos::probe {
namespace {

struct Registry {
  std::string_view tld;
  std::string_view rdap;   // empty = none known
  std::string_view whois;  // empty = ask the general one
};

constexpr std::string_view kIdentityDigital = "https://rdap.identitydigital.services/rdap/";
constexpr std::string_view kGoogle = "https://pubapi.registry.google/rdap/";

constexpr Registry kRegistries[] = {
    {"com", "https://rdap.verisign.com/com/v1/", "whois.verisign-grs.com"},
    {"net", "https://rdap.verisign.com/net/v1/", "whois.verisign-grs.com"},
    {"org", "https://rdap.publicinterestregistry.org/rdap/", "whois.publicinterestregistry.org"},
    {"info", kIdentityDigital, "whois.nic.info"},
    {"io", kIdentityDigital, "whois.nic.io"},
    {"ai", kIdentityDigital, "whois.nic.ai"},
    {"me", kIdentityDigital, "whois.nic.me"},
    {"dev", kGoogle, "whois.nic.google"},
    {"app", kGoogle, "whois.nic.google"},
    {"page", kGoogle, "whois.nic.google"},
    {"xyz", "https://rdap.centralnic.com/xyz/", "whois.nic.xyz"},
    {"biz", "", "whois.nic.biz"},
    {"us", "", "whois.nic.us"},
    {"co", "", "whois.registry.co"},
    {"tv", "", "whois.nic.tv"},
    {"uk", "https://rdap.nominet.uk/uk/", "whois.nic.uk"},
    {"de", "https://rdap.denic.de/", "whois.denic.de"},
    {"fr", "https://rdap.nic.fr/", "whois.nic.fr"},
    {"nl", "https://rdap.sidn.nl/", "whois.domain-registry.nl"},
    {"eu", "", "whois.eu"},
    {"it", "", "whois.nic.it"},
    {"es", "", "whois.nic.es"},
    {"pt", "", "whois.dns.pt"},
    {"ch", "https://rdap.nic.ch/", "whois.nic.ch"},
    {"li", "https://rdap.nic.li/", "whois.nic.li"},
    {"at", "", "whois.nic.at"},
    {"be", "", "whois.dns.be"},
    {"se", "", "whois.iis.se"},
    {"no", "https://rdap.norid.no/", "whois.norid.no"},
    {"dk", "", "whois.punktum.dk"},
    {"fi", "https://rdap.fi/rdap/rdap/", "whois.fi"},
    {"pl", "https://rdap.dns.pl/", "whois.dns.pl"},
    {"cz", "https://rdap.nic.cz/", "whois.nic.cz"},
    {"ca", "https://rdap.ca.fury.ca/rdap/", "whois.cira.ca"},
    {"au", "https://rdap.cctld.au/rdap/", "whois.auda.org.au"},
    {"br", "https://rdap.registro.br/", "whois.registro.br"},
    {"jp", "", "whois.jprs.jp"},
    {"cn", "", "whois.cnnic.cn"},
    {"in", "", "whois.nixiregistry.in"},
    {"ru", "", "whois.tcinet.ru"},
};

const Registry* FindRegistry(std::string_view domain) {
  const std::string tld = AsciiLower(domain.substr(domain.rfind('.') + 1));
  const auto found = std::find_if(std::begin(kRegistries), std::end(kRegistries),
                                  [&](const Registry& row) { return row.tld == tld; });
  return found == std::end(kRegistries) ? nullptr : &*found;
}

}  // namespace

std::string_view RdapBaseFor(std::string_view domain) {
  const Registry* registry = FindRegistry(domain);
  return registry != nullptr ? registry->rdap : std::string_view();
}

std::string_view WhoisServerFor(std::string_view domain) {
  const Registry* registry = FindRegistry(domain);
  return registry != nullptr ? registry->whois : kGeneralWhoisServer;
}

}  // namespace pharos::probe
