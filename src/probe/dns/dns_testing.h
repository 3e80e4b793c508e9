#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pharos::probe {

// Puts replies together for tests.
inline std::string DnsWord(uint32_t n) {
  return {static_cast<char>(n >> 8 & 0xff), static_cast<char>(n & 0xff)};
}

inline std::string DnsName(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    out += static_cast<char>(label.size());
    out += label;
    name.remove_prefix(dot == std::string_view::npos ? name.size() : dot + 1);
  }
  return out + '\0';
}

struct TestRecord {
  uint16_t type = 1;
  std::string data;
};

// A reply to `query` (as MakeDnsQuery writes it); record names point at the question.
inline std::string DnsReplyTo(const std::string& query, const std::vector<TestRecord>& records,
                              uint32_t flags = 0x8180) {
  const size_t end = query.find('\0', 12) + 5;
  std::string out = query.substr(0, 2) + DnsWord(flags) + DnsWord(1) +
                    DnsWord(static_cast<uint32_t>(records.size())) + DnsWord(0) + DnsWord(0) +
                    query.substr(12, end - 12);
  for (const TestRecord& record : records) {
    out += DnsWord(0xc00c) + DnsWord(record.type) + DnsWord(1) + DnsWord(0) + DnsWord(300) +
           DnsWord(static_cast<uint32_t>(record.data.size())) + record.data;
  }
  return out;
}

}  // namespace pharos::probe
