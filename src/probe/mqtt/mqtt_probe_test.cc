#include "probe/mqtt/mqtt_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "net/testing/dialer_fixture.h"
#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"
#include "probe/mqtt/mqtt_packet.h"
#include "probe/testing/child_process.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using testing::HasSubstr;

// Debian's mosquitto with an open listener, one with a password and one with TLS.
class RealBroker {
 public:
  RealBroker() : leaf_(net::MakeTestCertificate()) {
    for (uint16_t& port : ports_) port = FreePort();
    const std::string chain = home_.Write("chain.pem", leaf_.cert_pem);
    const std::string key = home_.Write("key.pem", leaf_.key_pem);
    const std::string users = home_.Write("users", "ada:correct-horse\n");
    ChildProcess hash({"/usr/bin/mosquitto_passwd", "-U", users});
    EXPECT_EQ(hash.Wait(), 0) << hash.Output();
    const std::string rules = home_.Write("rules", "topic read open/#\n");
    const auto listener = [&](int i, const std::string& more) {
      return "listener " + std::to_string(ports_[i]) + " 127.0.0.1\n" + more;
    };
    const std::string config = home_.Write(
        "mosquitto.conf",
        "per_listener_settings true\npersistence false\nlog_dest stderr\n" +
            listener(0, "allow_anonymous true\n") +
            listener(1, "allow_anonymous false\npassword_file " + users + "\n") +
            listener(2, "allow_anonymous true\ncertfile " + chain + "\nkeyfile " + key + "\n"));
    process_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{"/usr/sbin/mosquitto", "-c", config});
    EXPECT_NE(process_->WaitForLine("running"), "") << process_->Output();
  }
  uint16_t open() const { return ports_[0]; }
  uint16_t locked() const { return ports_[1]; }
  uint16_t tls() const { return ports_[2]; }
  const net::TestCertificate& leaf() const { return leaf_; }

 private:
  const net::TestCertificate leaf_;
  TempDirectory home_;
  std::array<uint16_t, 3> ports_{};
  std::unique_ptr<ChildProcess> process_;
};

class MqttProbeNet : public testing::Test {
 protected:
  static Value Spec(uint16_t port, std::string_view more = "{}") {
    Value spec = ParseSpec(more);
    spec.Set("host", "127.0.0.1");
    spec.Set("port", static_cast<int>(port));
    return spec;
  }
  Observation Check(const Value& spec) { return bench_.CheckSpec(spec, "mqtt"); }

  // A message that the broker keeps.
  void Retain(uint16_t port, const std::string& topic, const std::string& text) {
    std::string body(1, '\0');
    body += static_cast<char>(topic.size());
    body += topic + text;
    const std::string publish =
        std::string(1, '\x31') + static_cast<char>(body.size()) + body + MakeMqttPing();
    net::DialRequest request;
    request.host = "127.0.0.1";
    request.port = port;
    request.read_limit = 1000;
    request.turn = [&](const net::DialHeard& heard) {
      net::DialTurn turn;
      const bool ponged = heard.received.find('\xd0') != std::string_view::npos;
      if (ponged) turn.next = net::DialTurn::Next::kFinish;
      if (heard.received.empty()) turn.send = MakeMqttConnect({4, "writer", "", ""}) + publish;
      return turn;
    };
    OneShot<net::DialAnswer> done;
    net_.dialer->Start(std::move(request), [&](net::DialAnswer a) { done.Set(std::move(a)); });
    EXPECT_EQ(done.Take().failure, net::DialFailure::kNone);
  }

  void SetUp() override { bench_.tools.clock = &clock_; }

  const SystemClock clock_;  // certificates of these tests count from now
  RealDialer net_;
  ProbeBench bench_{*net_.dialer};
};

TEST_F(MqttProbeNet, ARealBrokerIsJudged) {
  const RealBroker broker;
  Retain(broker.open(), "open/state", "all is well");
  const net::RefusingPort nobody;
  const struct {
    uint16_t port;
    const char* more;
    Status status;
    const char* message;
  } rows[] = {
      {broker.open(), R"({})", Status::kUp, ""},
      {broker.open(), R"({"version":"5"})", Status::kUp, ""},
      {broker.open(), R"({"topic":"open/state"})", Status::kUp, ""},
      {broker.open(), R"({"topic":"open/+","message":"well","version":"5"})", Status::kUp, ""},
      {broker.open(), R"({"topic":"open/state","message":"on fire"})", Status::kDown,
       "the message on open/state is \"all is well\", expected \"on fire\""},
      {broker.open(), R"({"topic":"open/none","timeout_ms":300})", Status::kDown,
       "(waiting for a message on the topic open/none)"},
      {broker.locked(), R"({"user":"ada","password":"correct-horse"})", Status::kUp, ""},
      {broker.locked(), R"({})", Status::kDown,
       "the broker does not allow this client (not authorised)"},
      {broker.locked(), R"({"user":"ada","password":"wrong-horse"})", Status::kDown,
       "the broker does not allow this client (not authorised)"},
      {broker.locked(), R"({"user":"ada","password":"wrong-horse","version":"5"})", Status::kDown,
       "the broker does not allow this client (not authorised)"},
      {nobody.port(), R"({})", Status::kDown, "connection refused by 127.0.0.1:"},
      {broker.tls(), R"({"tls":true})", Status::kDown, "self-signed"},
      {broker.tls(), R"({"tls":true,"verify_tls":false})", Status::kUp, ""},
      {broker.open(), R"({"tls":true})", Status::kDown, "TLS handshake with 127.0.0.1:"},
  };
  for (const auto& row : rows) {
    const Observation seen = Check(Spec(row.port, row.more));
    EXPECT_EQ(seen.status, row.status) << row.more << seen.message;
    EXPECT_THAT(seen.message, HasSubstr(row.message)) << row.more;
    EXPECT_EQ(seen.latency_ms.has_value(), row.status == Status::kUp);
  }
  Value trusting = Spec(broker.tls(), R"({"tls":true})");
  trusting.Set("ca_pem", broker.leaf().cert_pem);
  EXPECT_EQ(Check(trusting).status, Status::kUp);
  EXPECT_EQ(EvidenceOf(Check(Spec(broker.open(), R"({"topic":"open/state"})")), "message"),
            "all is well");
}

TEST_F(MqttProbeNet, WrongAndTruncatedAnswers) {
  using namespace std::string_literals;
  const struct {
    std::string answer;
    const char* more;
    const char* message;
  } rows[] = {
      {"HTTP/1.1 400 Bad Request\r\n\r\n", "{}", "this is no MQTT broker: it answered \"HTTP/1.1"},
      {"\x20\x02\x00\x01"s, "{}", "the broker does not speak this version of MQTT"},
      {"\x20\x02\x00\x03"s, "{}", "the broker says that its service is not available"},
      {"\x20\x02\x00\x04"s, "{}", "the broker refuses the user or the password"},
      {"\x20\x02\x00\x09"s, "{}", "the broker refuses the connection, code 9"},
      {"\x20\x03\x00\x8a\x00"s, R"({"version":"5"})", "the broker has banned this client"},
      {"\x20\x02"s, "{}", "(waiting for the broker's CONNACK)"},
      {"\x20\x02\x00\x00\x90\x03\x00\x01\x80"s, R"({"topic":"a"})",
       "the broker does not let this client read the topic a"},
      {"\x20\x02\x00\x00\x90\x03\x00\x01\x00\x30\x02\xff\xff"s, R"({"topic":"a"})",
       "the broker sent a message that cannot be read"},
      {"\x20\x02\x00\x00\x90\x03\x00\x01\x00\x30\xff\xff\x7f"s, R"({"topic":"a"})",
       "the broker sent a packet of more than 128 KiB"},
      {"\x20\x03\x00\x00\x00\xe0\x01\x89"s, R"({"version":"5"})",
       "the broker ended the session: the broker is busy"},
  };
  for (const auto& row : rows) {
    net::ScriptedServer server([&row](net::ScriptedConnection& peer) {
      peer.ReadBytes(14);
      peer.Send(row.answer);
      if (row.answer.size() > 4) peer.WaitForClose();
    });
    const Observation seen = Check(Spec(server.port(), row.more));
    EXPECT_EQ(seen.status, Status::kDown);
    EXPECT_THAT(seen.message, HasSubstr(row.message));
  }
  net::ScriptedServer silent([](net::ScriptedConnection& peer) { peer.WaitForClose(); });
  const Observation late = Check(Spec(silent.port(), R"({"timeout_ms":150})"));
  EXPECT_EQ(late.outcome, CheckOutcome::kTimeout);
  EXPECT_THAT(late.message, HasSubstr("in time (waiting for the broker's CONNACK)"));
}

TEST(MqttPacket, LengthsAreRead) {
  using namespace std::string_literals;
  const struct {
    std::string bytes;
    MqttRead read;
  } rows[] = {
      {"", MqttRead::kMore},
      {"\x20", MqttRead::kMore},
      {"\x20\x02\x00", MqttRead::kMore},
      {"\x20\x80", MqttRead::kMore},
      {"\x20\xff\xff\xff\xff\x01"s, MqttRead::kNonsense},
      {"\x00\x00"s, MqttRead::kNonsense},
      {"\x30\xff\xff\xff\x7f"s, MqttRead::kTooLong},
      {"\x20\x02\x00\x00"s, MqttRead::kPacket},
  };
  for (const auto& row : rows) {
    size_t at = 0;
    MqttPacket packet;
    EXPECT_EQ(ReadMqttPacket(row.bytes, at, packet), row.read) << row.bytes.size();
  }
}

TEST(MqttProbe, SpecsAreChecked) {
  const Catalog catalog;
  for (const char* bad : {R"({})", R"({"host":"a","version":"4"})",
                          R"({"host":"a","password":"p"})", R"({"host":"a","message":"m"})",
                          R"({"host":"a","topic":"a\u0000b"})", R"({"host":"a","port":70000})"}) {
    EXPECT_FALSE(catalog.ValidateSpec("mqtt", ParseSpec(bad))) << bad;
  }
  FakeDialer dialer;
  ProbeBench bench(dialer);
  bench.CheckSpec(ParseSpec(R"({"host":"a"})"), "mqtt");
  bench.CheckSpec(ParseSpec(R"({"host":"a","tls":true})"), "mqtt");
  EXPECT_EQ(dialer.requests[0].port, 1883);
  EXPECT_EQ(dialer.requests[1].port, 8883);
}

}  // namespace
}  // namespace pharos::probe
