#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pharos::probe {

// The few packets of MQTT 3.1.1 (version 4) and 5 that a check needs.

enum class MqttType : uint8_t {
  kConnack = 2,
  kPublish = 3,
  kSuback = 9,
  kPingresp = 13,
  kDisconnect = 14,
};

// One packet off the wire; `body` borrows.
struct MqttPacket {
  uint8_t type = 0;
  uint8_t flags = 0;
  std::string_view body;
};
enum class MqttRead : uint8_t { kPacket, kMore, kNonsense, kTooLong };
inline constexpr size_t kMaxMqttPacket = 128 * 1024;
// Reads the packet at `at` and moves it on.
MqttRead ReadMqttPacket(std::string_view bytes, size_t& at, MqttPacket& packet);

struct MqttConnect {
  int version = 4;
  std::string client_id;
  std::string user;
  std::string password;
};
std::string MakeMqttConnect(const MqttConnect& connect);
std::string MakeMqttSubscribe(int version, std::string_view topic);
std::string MakeMqttPing();
std::string MakeMqttDisconnect();

// The code of a CONNACK, SUBACK or DISCONNECT; -1 when the packet is malformed.
int MqttCode(int version, const MqttPacket& packet);
// Why a broker did not let us in or threw us out, in plain words: "the broker refuses the user or
// the password".
std::string MqttReasonText(int code);

// Topic and payload of a PUBLISH; false when it is malformed.
bool ReadMqttPublish(int version, const MqttPacket& packet, std::string_view& topic,
                     std::string_view& payload);

}  // namespace pharos::probe
