#include "net/dialer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "net/testing/datagram_server.h"
#include "net/testing/dialer_fixture.h"
#include "net/testing/scripted_dns.h"
#include "net/testing/scripted_server.h"

namespace pharos::net {
namespace {

using testing::HasSubstr;

class DialerTest : public DialerFixture {
 protected:
  static ScriptedServer::Script Greeting(std::string text) {
    return [text = std::move(text)](ScriptedConnection& peer) {
      if (!peer.ReadLine().empty()) peer.Send(text);
    };
  }
};

TEST_F(DialerTest, ConnectsAndMeasures) {
  ScriptedServer server([](ScriptedConnection& peer) { peer.WaitForClose(); });
  const DialAnswer answer = DialNow(To(server.port()));
  EXPECT_EQ(answer.failure, DialFailure::kNone) << answer.message;
  EXPECT_EQ(answer.remote_address, "127.0.0.1");
  EXPECT_EQ(answer.phases.resolve_us, -1);
  EXPECT_GE(answer.phases.connect_us, 0);
  EXPECT_EQ(answer.phases.tls_us, -1);
  EXPECT_GE(answer.phases.total_us, answer.phases.connect_us);
  EXPECT_FALSE(answer.chain);
}

TEST_F(DialerTest, SaysAndHears) {
  ScriptedServer server(Greeting("hello\r\n"));
  DialRequest request = To(server.port());
  request.send = "who?\r\n";
  request.read_limit = 100;
  const DialAnswer answer = DialNow(request);
  EXPECT_EQ(answer.failure, DialFailure::kNone) << answer.message;
  EXPECT_EQ(answer.received, "hello\r\n");
  EXPECT_FALSE(answer.cut_off);
  EXPECT_GE(answer.phases.first_byte_us, 0);
  EXPECT_THAT(server.Requests(), testing::ElementsAre("who?\r\n"));
}

TEST_F(DialerTest, StopsAtTheLimitOfAnEndlessAnswer) {
  ScriptedServer server([](ScriptedConnection& peer) { peer.SendForever("spam "); });
  DialRequest request = To(server.port());
  request.read_limit = 70'001;
  const DialAnswer answer = DialNow(request);
  EXPECT_EQ(answer.failure, DialFailure::kNone);
  EXPECT_EQ(answer.received.size(), 70'001u);
  EXPECT_TRUE(answer.cut_off);
}

TEST_F(DialerTest, StopsWhenItHasEnough) {
  ScriptedServer server([](ScriptedConnection& peer) {
    peer.Send("220 ready\r\n");
    peer.WaitForClose();
  });
  DialRequest request = To(server.port());
  request.read_limit = 1000;
  request.enough = [](std::string_view text) { return text.ends_with("\r\n"); };
  EXPECT_EQ(DialNow(request).received, "220 ready\r\n");
}

TEST_F(DialerTest, AnEndBeforeEnoughIsAFailure) {
  ScriptedServer server([](ScriptedConnection& peer) { peer.Send("22"); });
  DialRequest request = To(server.port());
  request.read_limit = 1000;
  request.enough = [](std::string_view text) { return text.ends_with("\r\n"); };
  const DialAnswer answer = DialNow(request);
  EXPECT_EQ(answer.failure, DialFailure::kReset);
  EXPECT_EQ(answer.received, "22");
}

TEST_F(DialerTest, TellsRefusalResetAndSilenceApart) {
  const RefusingPort nobody;
  const DialAnswer refused = DialNow(To(nobody.port()));
  EXPECT_EQ(refused.failure, DialFailure::kRefused);
  EXPECT_EQ(refused.message, "connection refused by 127.0.0.1:" + std::to_string(nobody.port()));

  ScriptedServer rude([](ScriptedConnection& peer) {
    peer.ReadLine();
    peer.Reset();
  });
  DialRequest request = To(rude.port());
  request.send = "hello\n";
  request.read_limit = 10;
  EXPECT_EQ(DialNow(request).failure, DialFailure::kReset);

  ScriptedServer silent([](ScriptedConnection& peer) { peer.WaitForClose(); });
  request.port = silent.port();
  request.timeout = Milliseconds(200);
  const DialAnswer late = DialNow(request);
  EXPECT_EQ(late.failure, DialFailure::kTimeout);
  EXPECT_THAT(late.message, HasSubstr("no complete answer from 127.0.0.1"));
}

TEST_F(DialerTest, RefusesWhatIsNoTarget) {
  for (const char* host : {"", "a b", "x\ny", "\xc3\xa4"}) {
    DialRequest request = To(80);
    request.host = host;
    EXPECT_EQ(DialNow(request).failure, DialFailure::kBadTarget) << host;
  }
  EXPECT_EQ(DialNow(To(0)).failure, DialFailure::kBadTarget);
  DialRequest request = To(80);
  request.ip_version = 6;
  EXPECT_EQ(DialNow(request).failure, DialFailure::kResolve);
}

TEST_F(DialerTest, EveryAddressPassesThePolicy) {
  ScriptedDns dns([](const std::string& name) -> ScriptedDns::Answer {
    if (name == "mixed.test") {
      return {.addresses = {IpAddress::V4(0x7f000001), IpAddress::V4(0xa9fea9fe)}};
    }
    return {.addresses = {}, .not_found = true};
  });
  settings_.dns_servers = {dns.Address()};
  ScriptedServer server([](ScriptedConnection& peer) { peer.WaitForClose(); });
  DialRequest request = To(server.port());
  request.host = "mixed.test";
  const DialAnswer mixed = DialNow(request);
  EXPECT_EQ(mixed.failure, DialFailure::kBlocked);
  EXPECT_THAT(mixed.message, HasSubstr("metadata"));
  request.host = "metadata.google.internal";
  EXPECT_EQ(DialNow(request).failure, DialFailure::kBlocked);
  request.host = "169.254.169.254";
  request.transport = Transport::kUdp;
  EXPECT_EQ(DialNow(request).failure, DialFailure::kBlocked);
  request.transport = Transport::kPing;
  EXPECT_EQ(DialNow(request).failure, DialFailure::kBlocked);
  EXPECT_EQ(server.ConnectionCount(), 0u);
}

TEST_F(DialerTest, UntrustedModeKeepsOutOfLoopback) {
  outbound_.mode = PolicyMode::kUntrusted;
  EXPECT_EQ(DialNow(To(9)).failure, DialFailure::kBlocked);
}

TEST_F(DialerTest, OwnListenersAreRefused) {
  ScriptedServer server([](ScriptedConnection& peer) { peer.WaitForClose(); });
  own_port_ = server.port();
  EXPECT_EQ(DialNow(To(server.port())).failure, DialFailure::kBlocked);
}

TEST_F(DialerTest, ResolvesNamesAndTriesTheNextAddress) {
  ScriptedDns dns([](const std::string& name) -> ScriptedDns::Answer {
    if (name == "two.test") {
      return {.addresses = {IpAddress::V4(0x7f000002), IpAddress::V4(0x7f000001)}};
    }
    return {.addresses = {}, .not_found = true};
  });
  settings_.dns_servers = {dns.Address()};
  ScriptedServer server([](ScriptedConnection& peer) { peer.WaitForClose(); });
  DialRequest request = To(server.port());
  request.host = "two.test";
  const DialAnswer answer = DialNow(request);  // the server listens on 127.0.0.1 alone
  EXPECT_EQ(answer.failure, DialFailure::kNone) << answer.message;
  EXPECT_EQ(answer.remote_address, "127.0.0.1");
  EXPECT_GE(answer.phases.resolve_us, 0);

  request.host = "nowhere.test";
  const DialAnswer missing = DialNow(request);
  EXPECT_EQ(missing.failure, DialFailure::kResolve);
  EXPECT_EQ(missing.message, "the name nowhere.test does not exist");
}

TEST_F(DialerTest, ASilentNameServerIsATimeoutOfResolution) {
  // It answers for the root, whose name is empty here: so it is about this name alone.
  ScriptedDns dns([](const std::string& name) {
    return ScriptedDns::Answer{.addresses = {}, .silent = !name.empty()};
  });
  settings_.dns_servers = {dns.Address()};
  DialRequest request = To(80);
  request.host = "slow.test";
  request.timeout = Milliseconds(200);
  const DialAnswer answer = DialNow(request);
  EXPECT_EQ(answer.failure, DialFailure::kResolve);
  EXPECT_THAT(answer.message, HasSubstr("no name server answered in time"));
}

TEST_F(DialerTest, ANameServiceThatSaysNothingAtAllIsOurOwnTrouble) {
  ScriptedDns dns(
      [](const std::string&) { return ScriptedDns::Answer{.addresses = {}, .silent = true}; });
  settings_.dns_servers = {dns.Address()};
  DialRequest request = To(80);
  request.host = "slow.test";
  request.timeout = Milliseconds(200);
  const DialAnswer answer = DialNow(request);
  EXPECT_EQ(answer.failure, DialFailure::kOverload);
  EXPECT_EQ(answer.message, "Monitor was blind: our own name service does not answer");
}

TEST_F(DialerTest, DatagramsGoOutAndTheRightOneCounts) {
  DatagramServer server([](const std::string& datagram) {
    return std::vector<std::string>{"noise", "echo " + datagram};
  });
  DialRequest request = To(server.port(), Transport::kUdp);
  request.send = "ping";
  request.read_limit = 100;
  request.enough = [](std::string_view datagram) { return datagram.starts_with("echo"); };
  const DialAnswer answer = DialNow(request);
  EXPECT_EQ(answer.failure, DialFailure::kNone) << answer.message;
  EXPECT_EQ(answer.received, "echo ping");
  EXPECT_GE(answer.phases.first_byte_us, 0);
}

TEST_F(DialerTest, ADatagramToNobodyIsRefusedOrTimesOut) {
  uint16_t port = 0;
  {
    DatagramServer gone([](const std::string&) { return std::vector<std::string>{}; });
    port = gone.port();
  }
  DialRequest request = To(port, Transport::kUdp);
  request.send = "x";
  request.timeout = Seconds(5);
  const DialAnswer answer = DialNow(request);
  EXPECT_EQ(answer.failure, DialFailure::kRefused) << answer.message;
}

TEST_F(DialerTest, EchoRequestsComeBackWhereTheyArePermitted) {
  for (const char* host : {"127.0.0.1", "::1"}) {
    DialRequest request = To(0, Transport::kPing);
    request.host = host;
    request.send = "0123456789abcdef";
    request.read_limit = 100;
    const DialAnswer answer = DialNow(request);
    if (answer.failure == DialFailure::kNotPermitted ||
        answer.failure == DialFailure::kUnreachable) {
      EXPECT_FALSE(answer.message.empty());
      continue;
    }
    EXPECT_EQ(answer.failure, DialFailure::kNone) << host << ": " << answer.message;
    EXPECT_EQ(answer.received, "0123456789abcdef");
    EXPECT_GE(answer.phases.first_byte_us, 0);
  }
}

TEST_F(DialerTest, CancelEndsWaitingAndRunningOnes) {
  ScriptedServer server([](ScriptedConnection& peer) { peer.WaitForClose(); });
  settings_.max_in_flight = 1;
  DialRequest request = To(server.port());
  request.read_limit = 10;
  uint64_t first = 0;
  uint64_t second = 0;
  auto running = DialLater(request, &first);
  auto waiting = DialLater(request, &second);
  ASSERT_TRUE(server.WaitForConnections(1));
  Dials().Cancel(second);
  EXPECT_EQ(waiting.get().failure, DialFailure::kCancelled);
  Dials().Cancel(first);
  EXPECT_EQ(running.get().failure, DialFailure::kCancelled);
  EXPECT_EQ(Dials().InFlight(), 0u);
  Dials().Cancel(first);
  Dials().Cancel(12345);
}

TEST_F(DialerTest, TheQueueIsBounded) {
  ScriptedServer server([](ScriptedConnection& peer) { peer.WaitForClose(); });
  settings_.max_in_flight = 1;
  settings_.max_queued = 1;
  DialRequest request = To(server.port());
  request.read_limit = 10;
  auto running = DialLater(request);
  ASSERT_TRUE(server.WaitForConnections(1));
  auto waiting = DialLater(request);
  EXPECT_EQ(DialLater(request).get().failure, DialFailure::kOverload);
  StopDialer();
  EXPECT_EQ(running.get().failure, DialFailure::kOverload);
  EXPECT_EQ(waiting.get().message, "shutting down");
}

TEST_F(DialerTest, ManyAtOnceAllEnd) {
  ScriptedServer server(Greeting("ok"));
  constexpr int kCount = 300;
  settings_.max_in_flight = 50;
  std::vector<std::future<DialAnswer>> answers;
  for (int i = 0; i < kCount; ++i) {
    DialRequest request = To(server.port());
    request.send = std::to_string(i) + "\n";
    request.read_limit = 10;
    request.timeout = Seconds(60);
    answers.push_back(DialLater(std::move(request)));
  }
  for (auto& answer : answers) EXPECT_EQ(answer.get().received, "ok");
}

TEST_F(DialerTest, ACallbackMayStartTheNextOne) {
  ScriptedServer server(Greeting("ok"));
  std::promise<int> ended;
  int rounds = 0;
  std::function<void()> next = [&] {
    DialRequest request = To(server.port());
    request.send = "go\n";
    request.read_limit = 10;
    Dials().Start(std::move(request), [&](const DialAnswer& answer) {
      EXPECT_EQ(answer.received, "ok");
      if (++rounds == 5) {
        ended.set_value(rounds);
      } else {
        next();
      }
    });
  };
  next();
  EXPECT_EQ(ended.get_future().get(), 5);
}

}  // namespace
}  // namespace pharos::net
