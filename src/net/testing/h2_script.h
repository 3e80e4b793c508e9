#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/testing/scripted_server.h"

namespace pharos::net {

// HTTP/2 by hand, for servers in tests that break its rules.

enum class H2Frame : uint8_t {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kGoAway = 7,
};
inline constexpr uint8_t kH2EndStream = 1;
inline constexpr uint8_t kH2EndHeaders = 4;
inline constexpr size_t kH2PrefaceBytes = 24;

inline std::string H2Number(uint32_t number) {
  std::string out;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out.push_back(static_cast<char>((number >> shift) & 0xff));
  }
  return out;
}

inline std::string H2Make(H2Frame type, uint8_t flags, uint32_t stream, std::string_view payload) {
  std::string out = H2Number(static_cast<uint32_t>(payload.size())).substr(1);
  out.push_back(static_cast<char>(type));
  out.push_back(static_cast<char>(flags));
  return out + H2Number(stream) + std::string(payload);
}

// Fields as literals without indexing; names and values under 127 bytes.
inline std::string H2Fields(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out.push_back('\0');
    out.push_back(static_cast<char>(name.size()));
    out += name;
    out.push_back(static_cast<char>(value.size()));
    out += value;
  }
  return out;
}

inline std::string H2Headers(const std::vector<std::pair<std::string, std::string>>& fields,
                             bool ends) {
  const auto flags = static_cast<uint8_t>(kH2EndHeaders | (ends ? kH2EndStream : 0));
  return H2Make(H2Frame::kHeaders, flags, 1, H2Fields(fields));
}

inline std::string H2Data(std::string_view bytes, bool ends) {
  return H2Make(H2Frame::kData, ends ? kH2EndStream : 0, 1, bytes);
}

// Takes a client's preface and its first request whole, with settings exchanged. False when the
// peer left or speaks something else.
inline bool H2ReadRequest(ScriptedConnection& connection) {
  const std::string preface = connection.ReadBytes(kH2PrefaceBytes);
  if (!preface.starts_with("PRI * HTTP/2.0")) return false;
  if (!connection.Send(H2Make(H2Frame::kSettings, 0, 0, ""))) return false;
  while (true) {
    const std::string head = connection.ReadBytes(9);
    if (head.size() != 9) return false;
    size_t size = 0;
    for (size_t i = 0; i < 3; ++i) size = (size << 8) | static_cast<unsigned char>(head[i]);
    if (size > 0 && connection.ReadBytes(size).size() != size) return false;
    const bool ends = (static_cast<unsigned char>(head[4]) & kH2EndStream) != 0;
    const auto type = static_cast<H2Frame>(head[3]);
    if (ends && (type == H2Frame::kData || type == H2Frame::kHeaders)) return true;
  }
}

// Answers the first request of each connection with these bytes and waits for the peer to leave.
inline ScriptedServer::Script H2Answer(std::string bytes) {
  return [bytes = std::move(bytes)](ScriptedConnection& connection) {
    if (!H2ReadRequest(connection)) return;
    connection.Send(bytes);
    connection.WaitForClose();
  };
}

}  // namespace pharos::net
