#include "probe/mqtt/mqtt_packet.h"

#include <array>
#include <optional>

namespace pharos::probe {
namespace {

constexpr uint8_t kCleanSession = 0x02;
constexpr uint8_t kHasPassword = 0x40;
constexpr uint8_t kHasUser = 0x80;
constexpr uint16_t kKeepAliveSeconds = 120;
constexpr int kMaxLengthBytes = 4;

void AppendShort(std::string& out, size_t number) {
  out += static_cast<char>(number >> 8 & 0xff);
  out += static_cast<char>(number & 0xff);
}

void AppendText(std::string& out, std::string_view text) {
  AppendShort(out, text.size());
  out += text;
}

std::string Packet(uint8_t head, const std::string& body) {
  std::string out(1, static_cast<char>(head));
  size_t left = body.size();
  do {
    const size_t digit = left % 128;
    left /= 128;
    out += static_cast<char>(left > 0 ? digit | 128 : digit);
  } while (left > 0);
  return out + body;
}

uint8_t ByteAt(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

// Reads a number of one to four bytes, seven bits each; nullopt when it is not whole or too long.
std::optional<size_t> ReadLength(std::string_view bytes, size_t& at) {
  size_t value = 0;
  for (int i = 0; i < kMaxLengthBytes && at < bytes.size(); ++i) {
    const uint8_t digit = ByteAt(bytes, at++);
    value |= static_cast<size_t>(digit & 127) << (7 * i);
    if ((digit & 128) == 0) return value;
  }
  return std::nullopt;
}

bool SkipProperties(int version, std::string_view body, size_t& at) {
  if (version < 5) return true;
  const std::optional<size_t> size = ReadLength(body, at);
  if (!size || *size > body.size() - at) return false;
  at += *size;
  return true;
}

struct Reason {
  int code;
  std::string_view text;
};
constexpr std::array kReasonsOfFour = {
    Reason{1, "the broker does not speak this version of MQTT"},
    Reason{2, "the broker refuses the client id"},
    Reason{3, "the broker says that its service is not available"},
    Reason{4, "the broker refuses the user or the password"},
    Reason{5, "the broker does not allow this client (not authorised)"},
};
constexpr std::array kReasonsOfFive = {
    Reason{0x81, "the broker cannot read our packet"},
    Reason{0x82, "the broker sees an error in the protocol"},
    Reason{0x84, "the broker does not speak this version of MQTT"},
    Reason{0x85, "the broker refuses the client id"},
    Reason{0x86, "the broker refuses the user or the password"},
    Reason{0x87, "the broker does not allow this client (not authorised)"},
    Reason{0x88, "the broker says that its service is not available"},
    Reason{0x89, "the broker is busy"},
    Reason{0x8a, "the broker has banned this client"},
    Reason{0x8b, "the broker is shutting down"},
    Reason{0x8c, "the broker asks for another way to log in"},
    Reason{0x8e, "another client took the client id"},
    Reason{0x95, "the broker finds our packet too large"},
    Reason{0x97, "the broker's quota is used up"},
    Reason{0x98, "somebody who runs the broker wanted it"},
    Reason{0x9c, "the broker says: use another server"},
    Reason{0x9d, "the broker has moved"},
    Reason{0x9f, "the broker gets too many connections"},
};

}  // namespace

MqttRead ReadMqttPacket(std::string_view bytes, size_t& at, MqttPacket& packet) {
  if (at + 2 > bytes.size()) return MqttRead::kMore;
  size_t next = at + 1;
  const std::optional<size_t> size = ReadLength(bytes, next);
  if (!size) {
    return next - at > kMaxLengthBytes ? MqttRead::kNonsense : MqttRead::kMore;
  }
  packet.type = ByteAt(bytes, at) >> 4;
  packet.flags = ByteAt(bytes, at) & 0x0f;
  if (packet.type == 0) return MqttRead::kNonsense;
  if (*size > kMaxMqttPacket) return MqttRead::kTooLong;
  if (bytes.size() - next < *size) return MqttRead::kMore;
  packet.body = bytes.substr(next, *size);
  at = next + *size;
  return MqttRead::kPacket;
}

std::string MakeMqttConnect(const MqttConnect& connect) {
  std::string body;
  AppendText(body, "MQTT");
  body += static_cast<char>(connect.version);
  uint8_t flags = kCleanSession;
  if (!connect.user.empty()) flags |= kHasUser;
  if (!connect.password.empty()) flags |= kHasPassword;
  body += static_cast<char>(flags);
  AppendShort(body, kKeepAliveSeconds);
  if (connect.version >= 5) body += '\0';  // no properties
  AppendText(body, connect.client_id);
  if (!connect.user.empty()) AppendText(body, connect.user);
  if (!connect.password.empty()) AppendText(body, connect.password);
  return Packet(0x10, body);
}

std::string MakeMqttSubscribe(int version, std::string_view topic) {
  std::string body;
  AppendShort(body, 1);
  if (version >= 5) body += '\0';
  AppendText(body, topic);
  body += '\0';  // at most once
  return Packet(0x82, body);
}

std::string MakeMqttPing() { return Packet(0xc0, ""); }
std::string MakeMqttDisconnect() { return Packet(0xe0, ""); }

int MqttCode(int version, const MqttPacket& packet) {
  if (packet.type == static_cast<uint8_t>(MqttType::kConnack)) {
    return packet.body.size() < 2 ? -1 : ByteAt(packet.body, 1);
  }
  if (packet.type == static_cast<uint8_t>(MqttType::kSuback)) {
    size_t at = 2;
    if (packet.body.size() < at || !SkipProperties(version, packet.body, at)) return -1;
    return at < packet.body.size() ? ByteAt(packet.body, at) : -1;
  }
  return packet.body.empty() ? 0 : ByteAt(packet.body, 0);
}

std::string MqttReasonText(int code) {
  const auto find = [code](const auto& rows) -> std::string {
    for (const Reason& row : rows) {
      if (row.code == code) return std::string(row.text);
    }
    return "the broker refuses the connection, code " + std::to_string(code);
  };
  return code >= 0x80 ? find(kReasonsOfFive) : find(kReasonsOfFour);
}

bool ReadMqttPublish(int version, const MqttPacket& packet, std::string_view& topic,
                     std::string_view& payload) {
  const std::string_view body = packet.body;
  if (body.size() < 2) return false;
  size_t at = 2;
  const size_t length = static_cast<size_t>(ByteAt(body, 0)) << 8 | ByteAt(body, 1);
  if (length > body.size() - at) return false;
  topic = body.substr(at, length);
  at += length;
  if ((packet.flags & 0x06) != 0) at += 2;  // a number, for messages that want an answer
  if (at > body.size() || !SkipProperties(version, body, at)) return false;
  payload = body.substr(at);
  return true;
}

}  // namespace pharos::probe
