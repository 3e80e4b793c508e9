#include "probe/websocket/websocket_frame.h"

#include <optional>

#include "base/crypto.h"
#include "base/text.h"
#include "probe/conversation.h"

namespace pharos::probe {
namespace {

constexpr size_t kMaxControlPayload = 125;
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

uint8_t ByteAt(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

bool IsKnown(uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

// The value of the first header of this name; nullopt when there is none.
std::optional<std::string_view> Header(std::string_view head, std::string_view name) {
  for (std::string_view line : Split(head, '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (EqualsIgnoreCase(Trim(line.substr(0, colon)), name)) return Trim(line.substr(colon + 1));
  }
  return std::nullopt;
}

bool ListHas(std::string_view list, std::string_view wanted) {
  for (const std::string_view one : Split(list, ',')) {
    if (EqualsIgnoreCase(Trim(one), wanted)) return true;
  }
  return false;
}

}  // namespace

WsRead ReadWsFrame(std::string_view bytes, size_t& at, WsFrame& frame, std::string& problem) {
  const std::string_view rest = bytes.substr(std::min(at, bytes.size()));
  if (rest.size() < 2) return WsRead::kMore;
  const uint8_t first = ByteAt(rest, 0);
  const uint8_t second = ByteAt(rest, 1);
  const uint8_t opcode = first & 0x0f;
  const bool is_control = opcode >= 8;
  if ((first & 0x70) != 0) problem = "reserved bits are set";
  if (!IsKnown(opcode)) problem = "unknown kind " + std::to_string(opcode);
  if ((second & 0x80) != 0) problem = "a server must not mask";
  uint64_t size = second & 0x7f;
  if (is_control && (size > kMaxControlPayload || (first & 0x80) == 0)) {
    problem = "a control frame is long or in parts";
  }
  if (!problem.empty()) return WsRead::kBad;
  const size_t size_bytes = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (rest.size() < 2 + size_bytes) return WsRead::kMore;
  if (size_bytes > 0) size = 0;
  for (size_t i = 0; i < size_bytes; ++i) size = size << 8 | ByteAt(rest, 2 + i);
  if (size > kMaxWsPayload) {
    problem = "longer than 128 KiB";
    return WsRead::kBad;
  }
  if (rest.size() - 2 - size_bytes < size) return WsRead::kMore;
  frame.is_final = (first & 0x80) != 0;
  frame.opcode = static_cast<WsOpcode>(opcode);
  frame.payload = rest.substr(2 + size_bytes, static_cast<size_t>(size));
  at += 2 + size_bytes + static_cast<size_t>(size);
  return WsRead::kFrame;
}

std::string MakeWsFrame(WsOpcode opcode, std::string_view payload, std::string_view mask) {
  std::string out(1, static_cast<char>(0x80 | static_cast<uint8_t>(opcode)));
  const size_t size = payload.size();
  const int size_bytes = size <= kMaxControlPayload ? 0 : size <= 0xffff ? 2 : 8;
  const size_t marker = size_bytes == 0 ? size : size_bytes == 2 ? 126 : 127;
  out += static_cast<char>(0x80 | marker);
  for (int i = size_bytes - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i) & 0xff);
  out += mask;
  for (size_t i = 0; i < size; ++i) out += static_cast<char>(payload[i] ^ mask[i % mask.size()]);
  return out;
}

std::string WsCloseText(std::string_view payload) {
  if (payload.size() < 2) return "without a code";
  const int code = ByteAt(payload, 0) << 8 | ByteAt(payload, 1);
  return ShownText(std::to_string(code) + " " + std::string(payload.substr(2)), 80);
}

std::string WsAccept(std::string_view key) {
  return Base64Encode(Sha1(std::string(key) + std::string(kGuid)));
}

std::string JudgeUpgrade(std::string_view head, std::string_view key,
                         std::string_view subprotocol) {
  const std::string_view line = Trim(head.substr(0, head.find('\n')));
  if (!line.starts_with("HTTP/1.")) {
    return "this is no web server: it answered \"" + ShownText(line, 60) + "\"";
  }
  const size_t blank = line.find(' ');
  const std::string_view status = blank == std::string_view::npos ? "" : line.substr(blank + 1);
  if (!status.starts_with("101")) {
    return "the server answered " + ShownText(status, 60) + " instead of opening a WebSocket";
  }
  if (!EqualsIgnoreCase(Header(head, "upgrade").value_or(""), "websocket") ||
      !ListHas(Header(head, "connection").value_or(""), "upgrade")) {
    return "the server switched to something else than WebSocket";
  }
  if (Header(head, "sec-websocket-accept").value_or("") != WsAccept(key)) {
    return "the server's Sec-WebSocket-Accept is wrong";
  }
  const std::string_view chosen = Header(head, "sec-websocket-protocol").value_or("");
  if (chosen != subprotocol) {
    return chosen.empty() ? "the server does not speak the subprotocol " + ShownText(subprotocol)
                          : "the server chose the subprotocol " + ShownText(chosen, 60) +
                                (subprotocol.empty() ? ", none was asked for"
                                                     : ", asked for " + ShownText(subprotocol, 60));
  }
  if (Header(head, "sec-websocket-extensions")) {
    return "the server uses an extension that was not asked for";
  }
  return {};
}

}  // namespace pharos::probe
