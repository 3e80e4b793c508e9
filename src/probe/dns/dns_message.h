#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pharos::probe {

// Types that a dns monitor may ask for, by their numbers (RFC 1035, 2782, 3596, 8659).
enum class RecordType : uint16_t {
  kA = 1,
  kNs = 2,
  kCname = 5,
  kSoa = 6,
  kPtr = 12,
  kMx = 15,
  kTxt = 16,
  kAaaa = 28,
  kSrv = 33,
  kCaa = 257,
};
std::optional<RecordType> RecordTypeOf(std::string_view name);
const std::vector<std::string_view>& RecordTypeNames();

// A query for `name` with recursion desired and room for 1232 bytes (EDNS). Error: kInvalid when
// the name has empty or overlong labels.
Result<std::string> MakeDnsQuery(uint16_t id, std::string_view name, RecordType type);
// "4.3.2.1.in-addr.arpa" for an address; nullopt for anything else.
std::optional<std::string> ReverseName(std::string_view address);

struct DnsRecord {
  // Ways to write the value, all in lower case and without a final dot; the first one is shown.
  // "10 mx.test" and "mx.test"; texts of several strings joined without and with a blank.
  std::vector<std::string> forms;
  uint32_t ttl_s = 0;
};

struct DnsReply {
  int code = 0;  // 0 = no error, 3 = no such name
  bool truncated = false;
  size_t answers = 0;              // records of any type in the answer section
  std::vector<DnsRecord> records;  // those of the type, at most 100
};

// Whether a datagram answers that very question (id, name and type).
bool IsReplyTo(std::string_view query, std::string_view reply);
// Precondition: IsReplyTo. Error: kInvalid when a record is malformed.
Result<DnsReply> ParseDnsReply(std::string_view reply, RecordType type);
// "NXDOMAIN", "SERVFAIL", ..., "code 17".
std::string DnsCodeName(int code);

// A value as people write it, made comparable: trimmed, lower case, without a final dot, addresses
// in their shortest form.
std::string NormalDnsValue(std::string_view text);

}  // namespace pharos::probe
