#include "probe/websocket/websocket_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "net/testing/dialer_fixture.h"
#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"
#include "probe/testing/fakes.h"
#include "probe/websocket/websocket_frame.h"

namespace pharos::probe {
namespace {

using namespace std::string_literals;
using model::CheckOutcome;
using model::Status;
using testing::HasSubstr;

// A frame as servers send it: without a mask.
std::string ServerFrame(WsOpcode opcode, std::string_view payload, bool is_final = true) {
  std::string frame = MakeWsFrame(opcode, payload, "\0\0\0\0"s);
  const size_t mask_at = payload.size() <= 125 ? 2 : payload.size() <= 0xffff ? 4 : 10;
  frame.erase(mask_at, 4);
  frame[1] = static_cast<char>(frame[1] & 0x7f);
  if (!is_final) frame[0] = static_cast<char>(frame[0] & 0x7f);
  return frame;
}

std::string KeyOf(std::string_view request) {
  const size_t at = request.find("Sec-WebSocket-Key: ");
  return at == std::string_view::npos ? "" : std::string(request.substr(at + 19, 24));
}

std::string Upgrade(std::string_view request, std::string_view more = "") {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, "
         "Upgrade\r\nSec-WebSocket-Accept: " +
         WsAccept(KeyOf(request)) + "\r\n" + std::string(more) + "\r\n";
}

// One frame of a client, its mask taken off: kind and payload.
std::pair<int, std::string> ReadClientFrame(net::ScriptedConnection& peer) {
  const std::string head = peer.ReadBytes(6);
  if (head.size() < 6) return {-1, ""};
  std::string payload;
  if ((head[1] & 0x7f) > 0) payload = peer.ReadBytes(static_cast<size_t>(head[1] & 0x7f));
  for (size_t i = 0; i < payload.size(); ++i) {
    payload[i] = static_cast<char>(payload[i] ^ head[2 + i % 4]);
  }
  return {head[0] & 0x0f, payload};
}

// A whole server: pongs, echoes texts, answers the close.
void Echo(net::ScriptedConnection& peer, std::string_view more = "") {
  peer.Send(Upgrade(peer.ReadRequest(), more));
  while (true) {
    const auto [kind, payload] = ReadClientFrame(peer);
    if (kind < 0) return;
    if (kind == 9) peer.Send(ServerFrame(WsOpcode::kPong, payload));
    if (kind == 1) peer.Send(ServerFrame(WsOpcode::kText, "echo " + payload));
    if (kind == 8) {
      peer.Send(ServerFrame(WsOpcode::kClose, payload));
      return;
    }
  }
}

class WebSocketProbeNet : public testing::Test {
 protected:
  Observation Check(const net::ScriptedServer& server, std::string_view more = "{}",
                    std::string_view scheme = "ws") {
    Value spec = ParseSpec(more);
    spec.Set("url",
             std::string(scheme) + "://127.0.0.1:" + std::to_string(server.port()) + "/live?x=1");
    return bench_.CheckSpec(spec, "websocket");
  }
  void SetUp() override { bench_.tools.clock = &clock_; }

  const SystemClock clock_;
  RealDialer net_;
  ProbeBench bench_{*net_.dialer};
};

TEST_F(WebSocketProbeNet, OpensPingsAndCloses) {
  net::ScriptedServer server([](net::ScriptedConnection& peer) { Echo(peer); });
  const Observation seen = Check(server, R"({"origin":"https://a.test",)"
                                         R"("headers":[{"name":"X-Key","value":"v1"}]})");
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_TRUE(seen.latency_ms);
  EXPECT_EQ(EvidenceOf(seen, "close"), "answered");
  const std::string request = server.Requests()[0];
  EXPECT_THAT(request, testing::StartsWith("GET /live?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"));
  EXPECT_THAT(request, HasSubstr("Origin: https://a.test\r\nX-Key: v1\r\n"));
  EXPECT_THAT(request, HasSubstr("Sec-WebSocket-Version: 13\r\n"));
}

TEST_F(WebSocketProbeNet, MessagesAreExpected) {
  const struct {
    const char* more;
    Status status;
    const char* message;
  } rows[] = {
      {R"({"send":"hello","expect":"echo hello"})", Status::kUp, ""},
      {R"({"send":"hello","expect_regex":"^echo h.llo$"})", Status::kUp, ""},
      {R"({"send":"hello","expect":"goodbye","timeout_ms":300})", Status::kDown,
       "(waiting for a message with \"goodbye\"; the last was \"echo hello\")"},
      {R"({"expect":"anything","timeout_ms":300})", Status::kDown,
       "(waiting for a message with \"anything\")"},
      {R"({"ping":false})", Status::kUp, ""},
      {R"({"subprotocol":"chat.v2"})", Status::kDown,
       "the server does not speak the subprotocol chat.v2"},
  };
  net::ScriptedServer server([](net::ScriptedConnection& peer) { Echo(peer); });
  for (const auto& row : rows) {
    const Observation seen = Check(server, row.more);
    EXPECT_EQ(seen.status, row.status) << row.more << seen.message;
    EXPECT_THAT(seen.message, HasSubstr(row.message));
  }
  net::ScriptedServer chat(
      [](net::ScriptedConnection& peer) { Echo(peer, "Sec-WebSocket-Protocol: chat.v2\r\n"); });
  EXPECT_EQ(Check(chat, R"({"subprotocol":"chat.v2"})").message, "");
  EXPECT_THAT(Check(chat).message, HasSubstr("chose the subprotocol chat.v2, none was asked for"));
}

TEST_F(WebSocketProbeNet, OtherAnswersAreDown) {
  const struct {
    std::string answer;
    const char* message;
  } rows[] = {
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
       "the server answered 404 Not Found instead of opening a WebSocket"},
      {"HTTP/1.1 200 OK\r\n\r\n", "the server answered 200 OK instead of opening a WebSocket"},
      {"HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
       "the server switched to something else than WebSocket"},
      {"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
       "Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
       "the server's Sec-WebSocket-Accept is wrong"},
      {"220 mail.test\r\n", "this is no web server: it answered \"220 mail.test\""},
      {"HTTP/1.1 101 Switching Prot", "(waiting for the answer to the handshake)"},
      {"", "(waiting for the answer to the handshake)"},
  };
  for (const auto& row : rows) {
    net::ScriptedServer server(net::ScriptedServer::Answer(row.answer));
    const Observation seen = Check(server);
    EXPECT_EQ(seen.status, Status::kDown);
    EXPECT_THAT(seen.message, HasSubstr(row.message)) << row.answer;
  }
  net::ScriptedServer endless([](net::ScriptedConnection& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 101 x\r\n");
    peer.SendForever("X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
  });
  EXPECT_THAT(Check(endless).message, HasSubstr("this is no web server"));
}

TEST_F(WebSocketProbeNet, FramesAreJudged) {
  const struct {
    std::string frames;
    const char* more;
    Status status;
    const char* message;
  } rows[] = {
      {ServerFrame(WsOpcode::kText, "one, ", false) + ServerFrame(WsOpcode::kContinuation, "two"),
       R"({"expect":"one, two"})", Status::kUp, ""},
      {ServerFrame(WsOpcode::kText, std::string(300, 'x') + "end"), R"({"expect":"xend"})",
       Status::kUp, ""},
      {ServerFrame(WsOpcode::kText, std::string(70'000, 'x') + "end"), R"({"expect":"xend"})",
       Status::kUp, ""},
      {ServerFrame(WsOpcode::kClose, "\x03\xf0go away"), "{}", Status::kDown,
       "the server closed the WebSocket: 1008 go away"},
      {ServerFrame(WsOpcode::kClose, ""), "{}", Status::kDown,
       "the server closed the WebSocket: without a code"},
      {MakeWsFrame(WsOpcode::kText, "x", "abcd"), "{}", Status::kDown,
       "the server sent a bad frame: a server must not mask"},
      {"\xf1\x01x", "{}", Status::kDown, "the server sent a bad frame: reserved bits are set"},
      {"\x83\x01x", "{}", Status::kDown, "the server sent a bad frame: unknown kind 3"},
      {"\x89\x7e\x01\x00"s, "{}", Status::kDown,
       "the server sent a bad frame: a control frame is long or in parts"},
      {"\x81\x7f\x00\x00\x00\x00\x7f\xff\xff\xff"s, "{}", Status::kDown,
       "the server sent a bad frame: longer than 128 KiB"},
      {ServerFrame(WsOpcode::kContinuation, "x"), "{}", Status::kDown,
       "the server sent a bad frame: parts of messages are mixed"},
      {"\x81\x05he", R"({"expect":"hello"})", Status::kDown,
       "before the answer (waiting for a message with \"hello\")"},
  };
  for (const auto& row : rows) {
    net::ScriptedServer server([&row](net::ScriptedConnection& peer) {
      peer.Send(Upgrade(peer.ReadRequest()) + row.frames);
      if (row.status == Status::kUp) peer.WaitForClose();
    });
    Value spec = ParseSpec(row.more);
    spec.Set("timeout_ms", 400);
    const Observation seen = Check(server, WriteJson(spec));
    EXPECT_EQ(seen.status, row.status) << row.message << seen.message;
    EXPECT_THAT(seen.message, HasSubstr(row.message));
  }
}

TEST_F(WebSocketProbeNet, PingsOfTheServerAreAnsweredAndFloodsEnd) {
  std::atomic<bool> ponged = false;
  net::ScriptedServer server([&](net::ScriptedConnection& peer) {
    peer.Send(Upgrade(peer.ReadRequest()) + ServerFrame(WsOpcode::kPing, "are you there"));
    const auto [kind, payload] = ReadClientFrame(peer);
    ponged = kind == 10 && payload == "are you there";
    peer.Send(ServerFrame(WsOpcode::kText, "good"));
    peer.WaitForClose();
  });
  EXPECT_EQ(Check(server, R"({"expect":"good","timeout_ms":500})").status, Status::kUp);
  EXPECT_TRUE(ponged);
  net::ScriptedServer flood([](net::ScriptedConnection& peer) {
    peer.Send(Upgrade(peer.ReadRequest()));
    peer.SendForever(ServerFrame(WsOpcode::kText, "spam"));
  });
  EXPECT_THAT(Check(flood, R"({"expect":"good"})").message,
              HasSubstr("none of the first 20 messages has \"good\"; the last was \"spam\""));
}

TEST_F(WebSocketProbeNet, TlsRefusalAndSilence) {
  const net::TestCertificate leaf = net::MakeTestCertificate();
  net::ScriptedServer secure([](net::ScriptedConnection& peer) { Echo(peer); }, leaf.cert_pem,
                             leaf.key_pem);
  Value spec(Value::Object{});
  EXPECT_THAT(Check(secure, "{}", "wss").message, HasSubstr("self-signed"));
  EXPECT_EQ(Check(secure, R"({"verify_tls":false})", "wss").message, "");
  spec.Set("ca_pem", leaf.cert_pem);
  EXPECT_EQ(Check(secure, WriteJson(spec), "wss").status, Status::kUp);
  net::ScriptedServer plain([](net::ScriptedConnection& peer) { Echo(peer); });
  EXPECT_THAT(Check(plain, R"({"timeout_ms":300})", "wss").message, HasSubstr("TLS handshake"));

  net::ScriptedServer silent([](net::ScriptedConnection& peer) { peer.WaitForClose(); });
  const Observation late = Check(silent, R"({"timeout_ms":150})");
  EXPECT_EQ(late.outcome, CheckOutcome::kTimeout);
  EXPECT_THAT(late.message, HasSubstr("in time (waiting for the answer to the handshake)"));
  const net::RefusingPort nobody;
  Value refused;
  refused.Set("url", "ws://127.0.0.1:" + std::to_string(nobody.port()));
  EXPECT_THAT(bench_.CheckSpec(refused, "websocket").message,
              HasSubstr("connection refused by 127.0.0.1:"));
}

TEST(WebSocketProbe, SecretsAreHidden) {
  net::ScriptedServer server(net::ScriptedServer::Answer("HTTP/1.1 401 key hush-hush\r\n\r\n"));
  RealDialer net;
  ProbeBench bench(*net.dialer);
  bench.tools.secrets = [](std::string_view name) -> std::optional<std::string> {
    return name == "KEY" ? std::optional<std::string>("hush-hush") : std::nullopt;
  };
  Value spec;
  spec.Set("url", "ws://127.0.0.1:" + std::to_string(server.port()) + "/?k=$KEY");
  const Observation seen = bench.CheckSpec(spec, "websocket");
  EXPECT_THAT(server.Requests()[0], HasSubstr("?k=hush-hush"));
  EXPECT_THAT(seen.message, HasSubstr("401 key $KEY"));
}

TEST(WebSocketProbe, SpecsAreChecked) {
  const Catalog catalog;
  for (const char* bad :
       {R"({})", R"({"url":"http://a"})", R"({"url":"ws://"})", R"({"url":"ws://a b"})",
        R"({"url":"ws://a","headers":[{"name":"Upgrade","value":"x"}]})",
        R"({"url":"ws://a","headers":[{"name":"Sec-WebSocket-Key","value":"x"}]})",
        R"({"url":"ws://a","headers":[{"name":"X","value":"a\nb"}]})",
        R"({"url":"ws://a","origin":"a\r\nb"})", R"({"url":"ws://a","subprotocol":"a, b"})",
        R"({"url":"ws://a","expect_regex":"("})"}) {
    EXPECT_FALSE(catalog.ValidateSpec("websocket", ParseSpec(bad))) << bad;
  }
  EXPECT_TRUE(catalog.ValidateSpec("websocket", ParseSpec(R"({"url":"WSS://a/x"})")));
  EXPECT_TRUE(catalog.ValidateSpec("websocket", ParseSpec(R"({"url":"ws://$HOST/x"})")));
}

// The example of RFC 6455 1.3.
TEST(WebSocketFrame, AcceptsAreThoseOfTheRfc) {
  EXPECT_EQ(WsAccept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

}  // namespace
}  // namespace pharos::probe
