#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pharos::probe {

// Framing and handshake of WebSocket (RFC 6455), the client's side.

enum class WsOpcode : uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

struct WsFrame {
  bool is_final = false;
  WsOpcode opcode = WsOpcode::kText;
  std::string_view payload;  // borrows
};
inline constexpr size_t kMaxWsPayload = 128 * 1024;
enum class WsRead : uint8_t { kFrame, kMore, kBad };
// Reads the frame at `at` and moves it on; `problem` says what is bad about it.
WsRead ReadWsFrame(std::string_view bytes, size_t& at, WsFrame& frame, std::string& problem);

// A final frame, masked with `mask` (four bytes), as clients must.
std::string MakeWsFrame(WsOpcode opcode, std::string_view payload, std::string_view mask);

// "1008 policy violation" from the payload of a close frame; "without a code".
std::string WsCloseText(std::string_view payload);

// What Sec-WebSocket-Accept must be for this key.
std::string WsAccept(std::string_view key);

// What is wrong with the answer to the handshake; empty when the connection is a WebSocket now.
// `head` ends with the blank line; `subprotocol` is the one asked for, may be empty.
std::string JudgeUpgrade(std::string_view head, std::string_view key, std::string_view subprotocol);

}  // namespace pharos::probe
