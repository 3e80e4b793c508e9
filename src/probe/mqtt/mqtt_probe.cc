#include "probe/mqtt/mqtt_probe.h"

#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "probe/conversation.h"
#include "probe/mqtt/mqtt_packet.h"

namespace pharos::probe {
namespace {

using model::FieldSpec;
using model::FieldType;

constexpr int64_t kPlainPort = 1883;
constexpr int64_t kTlsPort = 8883;
constexpr size_t kShownMessage = 60;

const std::vector<FieldSpec>& MqttFields() {
  static const std::vector<FieldSpec> rows = [] {
    std::vector<FieldSpec> all = WithCommonFields({
        {.name = "host", .required = true, .min = 1, .max = 253, .help = "Name or address."},
        {.name = "port",
         .type = FieldType::kInt,
         .min = 1,
         .max = 65535,
         .help = "Port of the broker. Empty: 1883, with tls 8883."},
        {.name = "tls",
         .type = FieldType::kBool,
         .fallback = false,
         .help = "The port speaks TLS from the first byte."},
        {.name = "version",
         .type = FieldType::kChoice,
         .fallback = "3.1.1",
         .choices = {"3.1.1", "5"},
         .help = "Version of MQTT to speak."},
        {.name = "client_id",
         .fallback = "",
         .max = 64,
         .help = "Name of the client; empty: a new one each time."},
        {.name = "user", .fallback = "", .max = 255, .help = "User; empty: none is sent."},
        {.name = "password",
         .fallback = "",
         .max = 1024,
         .secret = true,
         .help = "Password; empty: none is sent. $NAME is replaced by a secret."},
        {.name = "topic",
         .fallback = "",
         .max = 1024,
         .help = "A topic that must have a retained message (or get one in time)."},
        {.name = "message",
         .fallback = "",
         .max = 4096,
         .help = "Text that the message of topic must contain; empty: any message will do."},
        IpVersionRow(),
    });
    for (FieldSpec& row : TlsRows()) all.push_back(std::move(row));
    return all;
  }();
  return rows;
}

struct MqttWish {
  MqttConnect connect;
  std::string topic;
  std::string message;
  bool verify_tls = true;
};

// CONNECT, then SUBSCRIBE and a message or PINGREQ, then DISCONNECT.
class MqttTalk : public Conversation {
 public:
  explicit MqttTalk(MqttWish wish) : wish_(std::move(wish)) {}

  net::DialTurn Next(const net::DialHeard& heard) override {
    if (heard.when != net::DialHeard::When::kReceived) {
      at_ = 0;
      const std::string trouble = wish_.verify_tls ? ChainTrouble(heard.chain) : std::string();
      if (!trouble.empty()) return Wrong(trouble);
      return Say(MakeMqttConnect(wish_.connect), "the broker's CONNACK");
    }
    std::string send;
    while (true) {
      MqttPacket packet;
      net::DialTurn turn;
      switch (ReadMqttPacket(heard.received, at_, packet)) {
        case MqttRead::kMore:
          if (LooksForeign(heard.received)) return NoBroker(heard.received);
          turn.send = std::move(send);
          return turn;
        case MqttRead::kNonsense:
          return NoBroker(heard.received);
        case MqttRead::kTooLong:
          if (!connected_) return NoBroker(heard.received);
          return Wrong("the broker sent a packet of more than 128 KiB");
        case MqttRead::kPacket:
          break;
      }
      turn = Take(packet, heard.received);
      send += turn.send;
      if (turn.next == net::DialTurn::Next::kWait) continue;
      turn.send = std::move(send);
      return turn;
    }
  }

  const std::string& seen() const { return seen_; }
  bool connected() const { return connected_; }

 private:
  // Nothing but a CONNACK may come first.
  bool LooksForeign(std::string_view received) const {
    return !connected_ && !received.empty() && static_cast<uint8_t>(received[0]) != 0x20;
  }
  net::DialTurn NoBroker(std::string_view received) const {
    return Wrong("this is no MQTT broker: it answered \"" + ShownText(received, kShownMessage) +
                 "\"");
  }

  net::DialTurn Take(const MqttPacket& packet, std::string_view received) {
    const int version = wish_.connect.version;
    if (!connected_) {
      const int code = MqttCode(version, packet);
      if (packet.type != static_cast<uint8_t>(MqttType::kConnack) || code < 0) {
        return NoBroker(received);
      }
      if (code != 0) return Wrong(MqttReasonText(code));
      connected_ = true;
      if (wish_.topic.empty()) return Say(MakeMqttPing(), "the answer to PINGREQ");
      return Say(MakeMqttSubscribe(version, wish_.topic), "the answer to SUBSCRIBE");
    }
    switch (static_cast<MqttType>(packet.type)) {
      case MqttType::kPingresp:
        return wish_.topic.empty() ? Finish(MakeMqttDisconnect()) : WaitMore();
      case MqttType::kSuback: {
        const int code = MqttCode(version, packet);
        if (code < 0 || code >= 0x80) {
          return Wrong("the broker does not let this client read the topic " +
                       ShownText(wish_.topic, kShownMessage));
        }
        Await("a message on the topic " + ShownText(wish_.topic, kShownMessage));
        return WaitMore();
      }
      case MqttType::kPublish:
        return TakeMessage(packet);
      case MqttType::kDisconnect: {
        const int code = MqttCode(version, packet);
        return Wrong("the broker ended the session: " + MqttReasonText(code));
      }
      case MqttType::kConnack:
        break;
    }
    return WaitMore();
  }

  net::DialTurn TakeMessage(const MqttPacket& packet) {
    std::string_view topic;
    std::string_view payload;
    if (!ReadMqttPublish(wish_.connect.version, packet, topic, payload)) {
      return Wrong("the broker sent a message that cannot be read");
    }
    seen_ = ShownText(payload, kShownMessage);
    if (payload.find(wish_.message) != std::string_view::npos) {
      return Finish(MakeMqttDisconnect());
    }
    const bool is_one_topic = wish_.topic.find_first_of("+#") == std::string::npos;
    if (is_one_topic) {
      return Wrong("the message on " + ShownText(wish_.topic, kShownMessage) + " is \"" + seen_ +
                   "\", expected \"" + ShownText(wish_.message, kShownMessage) + "\"");
    }
    Await("a message with \"" + ShownText(wish_.message, kShownMessage) + "\"");
    return WaitMore();
  }

  const MqttWish wish_;
  size_t at_ = 0;
  bool connected_ = false;
  std::string seen_;
};

class MqttProbe : public Probe {
 public:
  MqttProbe() {
    descriptor_.kind = "mqtt";
    descriptor_.title = "MQTT broker";
    descriptor_.posture =
        "The broker gets CONNECT, PINGREQ or one SUBSCRIBE, DISCONNECT; nothing is published and "
        "no session is kept. User and password go out after the certificate was judged. At most "
        "256 KiB are read, packets over 128 KiB refused, texts cut, secrets taken out of messages "
        "and evidence. The address passes the policy.";
    descriptor_.fields = MqttFields();
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateCommon(spec, problems);
    const SpecReader reader(spec, MqttFields());
    ValidateHost(reader, "host", problems);
    ValidateTlsRows(reader, problems);
    if (reader.Text("user").empty() && !reader.Text("password").empty()) {
      problems.push_back({"user", "must be given with password"});
    }
    if (reader.Text("topic").empty() && !reader.Text("message").empty()) {
      problems.push_back({"topic", "must be given with message"});
    }
    for (const char* field : {"topic", "client_id", "user"}) {
      if (reader.Text(field).find('\0') != std::string::npos) {
        problems.push_back({field, "must not hold a null character"});
      }
    }
  }

  void Start(const Value& spec, net::Purpose purpose, const Tools& tools,
             Done done) const override {
    if (tools.dialer == nullptr) return done(NoDialer());
    const SpecReader reader(spec, MqttFields());
    auto secrets = std::make_shared<SecretExpander>(tools.secrets);
    const bool tls = reader.Bool("tls");
    MqttWish wish;
    wish.connect.version = reader.Text("version") == "5" ? 5 : 4;
    wish.connect.client_id = reader.Text("client_id");
    if (wish.connect.client_id.empty()) {
      wish.connect.client_id = "pharos-" + HexLower(RandomBytes(7));
    }
    wish.connect.user = secrets->Expand(reader.Text("user"));
    wish.connect.password = secrets->Expand(reader.Text("password"));
    wish.topic = reader.Text("topic");
    wish.message = reader.Text("message");
    wish.verify_tls = reader.Bool("verify_tls");
    const Login login{wish.connect.user, wish.connect.password};
    net::DialRequest request = MakeDialRequest(reader, spec, purpose, tools.clock->Now());
    if (request.port == 0) request.port = static_cast<uint16_t>(tls ? kTlsPort : kPlainPort);
    if (tls) request.transport = net::Transport::kTls;
    auto talk = std::make_shared<MqttTalk>(std::move(wish));
    Converse(*tools.dialer, std::move(request), talk,
             [common = ReadCommon(spec), talk, secrets, login,
              done = std::move(done)](const net::DialAnswer& answer) {
               Observation observation = JudgeConversation(common, answer);
               if (talk->connected()) observation.evidence.emplace_back("connected", "yes");
               if (!talk->seen().empty())
                 observation.evidence.emplace_back("message", talk->seen());
               HideLogin(*secrets, login, observation);
               done(std::move(observation));
             });
  }

 private:
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Probe> MakeMqttProbe() { return std::make_unique<MqttProbe>(); }

}  // namespace pharos::probe
