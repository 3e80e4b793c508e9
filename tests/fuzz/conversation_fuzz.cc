// What WebSockets, MQTT brokers, mail servers and Redis answer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "probe/mqtt/mqtt_packet.h"
#include "probe/redis/redis_talk.h"
#include "probe/smtp/smtp_talk.h"
#include "probe/websocket/websocket_frame.h"

namespace {

using namespace pharos::probe;

// Each step of a reader moves on, and not beyond the end.
void MustMove(size_t before, size_t at, size_t size) {
  if (at <= before || at > size) std::abort();
}

void FuzzWebSocket(std::string_view bytes) {
  JudgeUpgrade(bytes, "dGhlIHNhbXBsZSBub25jZQ==", "chat");
  for (size_t at = 0;;) {
    const size_t before = at;
    WsFrame frame;
    std::string problem;
    const WsRead read = ReadWsFrame(bytes, at, frame, problem);
    if ((read == WsRead::kBad) == problem.empty()) std::abort();
    if (read != WsRead::kFrame) break;
    MustMove(before, at, bytes.size());
    if (frame.opcode == WsOpcode::kClose) WsCloseText(frame.payload);
  }
}

void FuzzMqtt(std::string_view bytes) {
  for (const int version : {4, 5}) {
    for (size_t at = 0;;) {
      const size_t before = at;
      MqttPacket packet;
      if (ReadMqttPacket(bytes, at, packet) != MqttRead::kPacket) break;
      MustMove(before, at, bytes.size());
      MqttReasonText(MqttCode(version, packet));
      std::string_view topic;
      std::string_view payload;
      if (ReadMqttPublish(version, packet, topic, payload) &&
          topic.size() + payload.size() > packet.body.size()) {
        std::abort();
      }
    }
  }
}

void FuzzLines(std::string_view bytes) {
  for (size_t at = 0;;) {
    const size_t before = at;
    SmtpReply reply;
    if (ReadSmtpReply(bytes, at, reply) != SmtpRead::kReply) break;
    MustMove(before, at, bytes.size());
    if (reply.code < 0 || reply.code > 999 || reply.lines.empty()) std::abort();
    HasCapability(reply.lines, "AUTH LOGIN");
    reply.Shown();
  }
  for (size_t at = 0;;) {
    const size_t before = at;
    RedisReply reply;
    if (ReadRedisReply(bytes, at, reply) != RedisRead::kReply) break;
    MustMove(before, at, bytes.size());
    RedisErrorText("PING", reply.text);
    ParseRedisReplication(reply.text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  FuzzWebSocket(bytes);
  FuzzMqtt(bytes);
  FuzzLines(bytes);
  return 0;
}
