// What registries answer: WHOIS text, RDAP objects and their dates.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "probe/domain/public_suffixes.h"
#include "probe/domain/rdap.h"
#include "probe/domain/registration.h"
#include "probe/domain/whois.h"

namespace {

void Check(const pharos::probe::Registration& found) {
  if (found.nameservers.size() > pharos::probe::kMaxRegistrationItems) std::abort();
  if (found.status.size() > pharos::probe::kMaxRegistrationItems) std::abort();
  if (found.registrar.size() > 253 || found.registrar_url.size() > 253) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Check(pharos::probe::ParseWhois(text).registration);
  if (const auto found = pharos::probe::ParseRdap(text, "shop.test")) Check(*found);
  pharos::probe::ParseRegistryDate(text);
  pharos::probe::IsRegistrableDomain(text);
  return 0;
}
