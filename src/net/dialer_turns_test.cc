#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "net/dialer.h"
#include "net/testing/datagram_server.h"
#include "net/testing/dialer_fixture.h"
#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"

namespace pharos::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using When = DialHeard::When;
using Next = DialTurn::Next;

class DialerTurnsTest : public DialerFixture {
 protected:
  static DialRequest Talk(uint16_t port, std::function<DialTurn(const DialHeard&)> turn) {
    DialRequest request = To(port);
    request.read_limit = 1000;
    request.turn = std::move(turn);
    return request;
  }
};

TEST_F(DialerTurnsTest, SpeaksInTurns) {
  ScriptedServer server([](ScriptedConnection& peer) {
    peer.Send("hello\n");
    if (peer.ReadLine() != "one\n") return;
    peer.Send("two\n");
    peer.ReadLine();
    peer.WaitForClose();
  });
  std::vector<std::string> heard;
  const DialAnswer answer = DialNow(Talk(server.port(), [&heard](const DialHeard& h) -> DialTurn {
    if (h.when == When::kConnected) return {};
    heard.emplace_back(h.received);
    if (h.received == "hello\n") return {.send = "one\n"};
    if (h.received == "hello\ntwo\n") return {.next = Next::kFinish, .send = "bye\n"};
    return {};
  }));
  EXPECT_EQ(answer.failure, DialFailure::kNone) << answer.message;
  EXPECT_EQ(answer.received, "hello\ntwo\n");
  EXPECT_EQ(heard.back(), "hello\ntwo\n");
  EXPECT_FALSE(answer.chain);
}

TEST_F(DialerTurnsTest, WrongAnswersEndsAndExcessAreToldApart) {
  ScriptedServer server([](ScriptedConnection& peer) {
    peer.ReadLine();
    peer.Send("no\n");
  });
  const auto saying = [](DialTurn last) {
    return [last](const DialHeard& h) -> DialTurn {
      return h.when == When::kConnected ? DialTurn{.send = "x\n"} : last;
    };
  };
  const DialAnswer wrong =
      DialNow(Talk(server.port(), saying({.next = Next::kFail, .problem = "it said no"})));
  EXPECT_EQ(wrong.failure, DialFailure::kWrongAnswer);
  EXPECT_EQ(wrong.message, "it said no");
  const DialAnswer ended = DialNow(Talk(server.port(), saying({})));
  EXPECT_EQ(ended.failure, DialFailure::kReset);
  EXPECT_THAT(ended.message, HasSubstr("before the answer"));

  ScriptedServer spam([](ScriptedConnection& peer) { peer.SendForever("spam "); });
  const DialAnswer long_one = DialNow(Talk(spam.port(), saying({})));
  EXPECT_EQ(long_one.failure, DialFailure::kWrongAnswer);
  EXPECT_THAT(long_one.message, HasSubstr("is longer than 1000 bytes"));
  EXPECT_TRUE(long_one.cut_off);

  ScriptedServer silent([](ScriptedConnection& peer) { peer.WaitForClose(); });
  DialRequest request = Talk(silent.port(), saying({}));
  request.timeout = Milliseconds(150);
  EXPECT_EQ(DialNow(request).failure, DialFailure::kTimeout);
}

TEST_F(DialerTurnsTest, AGoodbyeIsNotWaitedForForLong) {
  ScriptedServer server([](ScriptedConnection& peer) {
    peer.Send("hello\n");
    peer.WaitForClose();
  });
  const DialAnswer answer = DialNow(Talk(server.port(), [](const DialHeard& h) -> DialTurn {
    if (h.when == When::kConnected) return {};
    return {.send = "bye\n", .linger = Milliseconds(60)};
  }));
  EXPECT_EQ(answer.failure, DialFailure::kNone) << answer.message;
  EXPECT_LT(answer.phases.total_us, 5'000'000);
}

TEST_F(DialerTurnsTest, TurnsAreBounded) {
  ScriptedServer echo([](ScriptedConnection& peer) {
    while (!peer.ReadLine().empty()) peer.Send("again\n");
  });
  DialRequest request =
      Talk(echo.port(), [](const DialHeard&) -> DialTurn { return {.send = "more\n"}; });
  request.read_limit = 100'000;
  const DialAnswer answer = DialNow(request);
  EXPECT_EQ(answer.failure, DialFailure::kWrongAnswer);
  EXPECT_THAT(answer.message, HasSubstr("does not end"));
}

TEST_F(DialerTurnsTest, LongOnesAreWrittenWhole) {
  const std::string flood(3'000'000, 'x');
  std::atomic<size_t> got = 0;
  ScriptedServer server([&](ScriptedConnection& peer) {
    got = peer.ReadBytes(flood.size()).size();
    peer.Send("thanks\n");
    peer.WaitForClose();
  });
  const DialAnswer answer = DialNow(Talk(server.port(), [&](const DialHeard& h) -> DialTurn {
    if (h.when == When::kConnected) return {.send = flood};
    return {.next = Next::kFinish};
  }));
  EXPECT_EQ(answer.failure, DialFailure::kNone) << answer.message;
  EXPECT_EQ(got, flood.size());
}

TEST_F(DialerTurnsTest, TlsBeginsInTheMiddleAndPlainTextIsForgotten) {
  const TestCertificate leaf = MakeTestCertificate();
  ScriptedServer server(
      [](ScriptedConnection& peer) {
        peer.Send("plain\n");
        if (peer.ReadLine() != "tls\n") return;
        if (!peer.StartTls()) return;
        if (peer.ReadLine() == "secret\n") peer.Send("ok\n");
        peer.WaitForClose();
      },
      leaf.cert_pem, leaf.key_pem);
  server.LetTlsWait();
  std::vector<When> whens;
  const DialAnswer answer = DialNow(Talk(server.port(), [&](const DialHeard& h) -> DialTurn {
    if (whens.empty() || whens.back() != h.when) whens.push_back(h.when);
    if (h.when == When::kConnected) return {};
    if (h.when == When::kSecured) {
      EXPECT_TRUE(h.chain != nullptr && !h.chain->certificates.empty());
      EXPECT_EQ(h.received, "");
      return {.send = "secret\n"};
    }
    if (h.received == "plain\n") return {.send = "tls\n", .start_tls = true};
    return {.next = h.received == "ok\n" ? Next::kFinish : Next::kWait};
  }));
  EXPECT_EQ(answer.failure, DialFailure::kNone) << answer.message;
  EXPECT_EQ(answer.received, "ok\n");
  EXPECT_TRUE(answer.chain);
  EXPECT_GE(answer.phases.tls_us, 0);
  EXPECT_THAT(whens,
              ElementsAre(When::kConnected, When::kReceived, When::kSecured, When::kReceived));
}

TEST_F(DialerTurnsTest, AnUpgradeWithoutTlsBehindItFails) {
  ScriptedServer server([](ScriptedConnection& peer) {
    peer.ReadLine();
    peer.Send("250 injected\r\n250 injected\r\n");
    peer.WaitForClose();
  });
  const DialAnswer answer = DialNow(Talk(server.port(), [](const DialHeard&) -> DialTurn {
    return {.send = "tls\n", .start_tls = true};
  }));
  EXPECT_EQ(answer.failure, DialFailure::kTlsHandshake);
  EXPECT_THAT(answer.message, HasSubstr("does not speak TLS"));
}

TEST_F(DialerTurnsTest, TheChainIsThereBeforeTheFirstWord) {
  const TestCertificate leaf = MakeTestCertificate();
  ScriptedServer server([](ScriptedConnection& peer) { peer.WaitForClose(); }, leaf.cert_pem,
                        leaf.key_pem);
  DialRequest request = Talk(server.port(), [](const DialHeard& h) -> DialTurn {
    const bool is_bad = h.chain != nullptr && !h.chain->findings.empty();
    return {.next = is_bad ? Next::kFail : Next::kWait, .problem = "not trusted"};
  });
  request.transport = Transport::kTls;
  EXPECT_EQ(DialNow(request).message, "not trusted");
}

TEST_F(DialerTurnsTest, DatagramsGoBackAndForthAndAgainWhenLost) {
  std::atomic<int> lost = 2;
  DatagramServer server([&](const std::string& datagram) -> std::vector<std::string> {
    if (datagram == "hi" && --lost >= 0) return {};
    if (datagram == "hi") return {"challenge"};
    return {"part 1", "part 2"};
  });
  std::vector<std::string> parts;
  DialRequest request = Talk(server.port(), [&](const DialHeard& h) -> DialTurn {
    if (h.when == When::kConnected) return {.send = "hi"};
    if (h.received == "challenge") return {.send = "answer"};
    parts.emplace_back(h.received);
    return {.next = parts.size() == 2 ? Next::kFinish : Next::kWait};
  });
  request.transport = Transport::kUdp;
  request.resend_after = Milliseconds(50);
  const DialAnswer answer = DialNow(request);
  EXPECT_EQ(answer.failure, DialFailure::kNone) << answer.message;
  EXPECT_THAT(parts, ElementsAre("part 1", "part 2"));
  EXPECT_EQ(answer.received, "part 2");
  EXPECT_EQ(server.Count(), 4u);
}

TEST_F(DialerTurnsTest, SilentDatagramsTimeOut) {
  DatagramServer server([](const std::string&) { return std::vector<std::string>{}; });
  DialRequest request =
      Talk(server.port(), [](const DialHeard&) -> DialTurn { return {.send = "hi"}; });
  request.transport = Transport::kUdp;
  request.timeout = Milliseconds(200);
  request.resend_after = Milliseconds(60);
  EXPECT_EQ(DialNow(request).failure, DialFailure::kTimeout);
  EXPECT_GE(server.Count(), 3u);
}

}  // namespace
}  // namespace pharos::net
