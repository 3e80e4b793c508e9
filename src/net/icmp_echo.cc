#include "net/icmp_echo.h"

namespace pharos::net {
namespace {

constexpr size_t kHeaderBytes = 8;
constexpr uint8_t kRequestV4 = 8;
constexpr uint8_t kReplyV4 = 0;
constexpr uint8_t kRequestV6 = 128;
constexpr uint8_t kReplyV6 = 129;

uint8_t Byte(std::string_view text, size_t at) { return static_cast<uint8_t>(text[at]); }

uint16_t Word(std::string_view text, size_t at) {
  return static_cast<uint16_t>(Byte(text, at) << 8 | Byte(text, at + 1));
}

void PutWord(std::string& text, size_t at, uint16_t value) {
  text[at] = static_cast<char>(value >> 8);
  text[at + 1] = static_cast<char>(value & 0xff);
}

// RFC 1071.
uint16_t Checksum(std::string_view text) {
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < text.size(); i += 2) sum += Word(text, i);
  if (text.size() % 2 == 1) sum += static_cast<uint32_t>(Byte(text, text.size() - 1)) << 8;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

}  // namespace

std::string MakeEchoRequest(bool is_v4, uint16_t id, uint16_t sequence, std::string_view payload) {
  std::string packet(kHeaderBytes, '\0');
  packet[0] = static_cast<char>(is_v4 ? kRequestV4 : kRequestV6);
  PutWord(packet, 4, id);
  PutWord(packet, 6, sequence);
  packet += payload;
  if (is_v4) PutWord(packet, 2, Checksum(packet));
  return packet;
}

std::optional<EchoReply> ParseEchoReply(bool is_v4, bool has_ip_header, std::string_view packet) {
  if (has_ip_header) {
    if (packet.empty()) return std::nullopt;
    const size_t header = static_cast<size_t>(Byte(packet, 0) & 0x0f) * 4;
    if (header < 20 || packet.size() < header) return std::nullopt;
    packet.remove_prefix(header);
  }
  if (packet.size() < kHeaderBytes) return std::nullopt;
  if (Byte(packet, 0) != (is_v4 ? kReplyV4 : kReplyV6) || Byte(packet, 1) != 0) return std::nullopt;
  return EchoReply{Word(packet, 4), Word(packet, 6), packet.substr(kHeaderBytes)};
}

}  // namespace pharos::net
