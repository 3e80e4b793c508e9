// What name servers and pinged hosts answer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/icmp_echo.h"
#include "probe/dns/dns_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using pharos::probe::RecordType;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto query = pharos::probe::MakeDnsQuery(0x1234, "shop.test", RecordType::kA);
  if (!query) std::abort();
  pharos::probe::IsReplyTo(*query, bytes);
  for (const std::string_view name : pharos::probe::RecordTypeNames()) {
    const auto reply = pharos::probe::ParseDnsReply(bytes, *pharos::probe::RecordTypeOf(name));
    if (!reply) continue;
    if (reply->records.size() > 100) std::abort();
    for (const auto& record : reply->records) {
      if (record.forms.empty() || record.forms.front().empty()) std::abort();
    }
  }
  for (const bool is_v4 : {false, true}) {
    for (const bool has_header : {false, true}) {
      pharos::net::ParseEchoReply(is_v4, has_header, bytes);
    }
  }
  return 0;
}
