#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "base/fake_clock.h"
#include "http/internal/raw_client.h"
#include "http/server.h"

namespace pharos::http {
namespace {

using internal::Parking;
using internal::RawClient;
using internal::RawReply;
using internal::TestServer;

constexpr Duration kShort = Milliseconds(50);

SharedBytes Shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

TEST(ServerLimits, AnswerOverlongHeads) {
  ServerLimits limits;
  limits.max_request_line = 1000;
  limits.max_header_bytes = 2000;
  limits.max_header_count = 10;
  TestServer s(limits);
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 10; ++i) many += "X: y\r\n";
  const std::pair<std::string, int> cases[] = {
      {"GET /" + std::string(2000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
      {"GET /" + std::string(2000, 'a'), 414},
      {"GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(3000, 'a') + "\r\n\r\n", 431},
      {"GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(3000, 'a'), 431},
      {many + "\r\n", 431},
  };
  for (const auto& [input, status] : cases) {
    RawClient client(s.port());
    client.Send(input);
    EXPECT_EQ(client.Read().status, status) << input.substr(0, 40);
    client.CloseWriting();
    EXPECT_EQ(client.ReadToEnd(), "");
  }
}

TEST(ServerLimits, HandlerAnswersForTooLargeABody) {
  ServerLimits limits;
  limits.max_body_bytes = 1000;
  TestServer s(limits);
  for (const char* head : {"Content-Length: 1000000", "Transfer-Encoding: chunked"}) {
    RawClient client(s.port());
    client.Send("POST /echo HTTP/1.1\r\nHost: x\r\n" + std::string(head) + "\r\n\r\n");
    // All of it is sent before the answer is read; it must not be lost in a reset.
    client.Send("F4240\r\n" + std::string(999'993, 'b'));
    const RawReply reply = client.Read();
    EXPECT_EQ(reply.status, 413);
    EXPECT_EQ(reply.body, "handler says 413");
    EXPECT_EQ(reply.Header("connection"), "close");
    client.CloseWriting();
    EXPECT_EQ(client.ReadToEnd(), "");
  }
}

TEST(ServerLimits, NoContinueForTooLargeABody) {
  ServerLimits limits;
  limits.max_body_bytes = 1000;
  TestServer s(limits);
  RawClient client(s.port());
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n");
  EXPECT_EQ(client.Read().status, 413);
}

TEST(ServerLimits, SlowHeadsEnd) {
  ServerLimits limits;
  limits.header_timeout = kShort;
  TestServer s(limits);
  RawClient client(s.port());
  client.Send("GET / HTTP/1.1\r\nHost");
  EXPECT_EQ(client.Read().status, 408);
  client.CloseWriting();
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(ServerLimits, TricklingHeadsEnd) {
  ServerLimits limits;
  limits.header_timeout = kShort;
  TestServer s(limits);
  RawClient client(s.port());
  // Single bytes do not prolong the time; the loop ends when the server has closed.
  std::atomic<bool> done{false};
  std::thread trickle([&] {
    client.Send("GET / HTTP/1.1\r\nX: ");
    while (!done && client.Send("y")) std::this_thread::yield();
  });
  EXPECT_EQ(client.Read().status, 408);
  done = true;
  trickle.join();
}

TEST(ServerLimits, SlowBodiesEnd) {
  ServerLimits limits;
  limits.body_timeout = kShort;
  TestServer s(limits);
  for (const char* body :
       {"Content-Length: 10\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n5\r\na",
        "Transfer-Encoding: chunked\r\n\r\n5"}) {
    RawClient client(s.port());
    client.Send("POST /echo HTTP/1.1\r\nHost: x\r\n" + std::string(body));
    EXPECT_EQ(client.Read().status, 408) << body;
    client.CloseWriting();
    EXPECT_EQ(client.ReadToEnd(), "");
  }
}

TEST(ServerLimits, IdleConnectionsEnd) {
  FakeClock clock;
  TestServer s({}, 1, &clock);
  RawClient silent(s.port());
  RawClient used(s.port());
  used.Get("/echo");
  EXPECT_EQ(used.Read().status, 200);
  // The one loop answers this after it has settled the others.
  RawClient last(s.port());
  last.Get("/echo");
  EXPECT_EQ(last.Read().status, 200);
  clock.Advance(s.settings.limits.idle_timeout);
  EXPECT_EQ(silent.ReadToEnd(), "");
  EXPECT_EQ(used.ReadToEnd(), "");
  EXPECT_FALSE(used.was_reset());
}

TEST(ServerLimits, SlowHandlersAreNotIdle) {
  FakeClock clock;
  TestServer s({}, 1, &clock);
  RawClient idle(s.port());
  RawClient waiting(s.port());
  waiting.Get("/park");
  Parking::Parked parked = s.parking.Take();
  clock.Advance(Hours(1));
  EXPECT_EQ(idle.ReadToEnd(), "");
  parked.responder.Send(Response::Text(200, "late"));
  EXPECT_EQ(waiting.Read().body, "late");
}

TEST(ServerLimits, PeersThatReadNothingEnd) {
  ServerLimits limits;
  limits.write_timeout = kShort;
  TestServer s(limits);
  RawClient client(s.port(), 4096);
  client.Get("/big?30000000");
  EXPECT_TRUE(client.WaitForReset());
}

TEST(ServerLimits, SlowReadersOfBigRepliesGetAll) {
  ServerLimits limits;
  limits.write_timeout = Seconds(5);
  TestServer s(limits);
  RawClient client(s.port(), 4096);
  client.Get("/big?5000000");
  EXPECT_EQ(client.Read().body.size(), 5'000'000u);
}

TEST(ServerLimits, TooManyConnectionsAreTurnedAway) {
  for (const bool per_peer : {false, true}) {
    ServerLimits limits;
    (per_peer ? limits.max_connections_per_peer : limits.max_connections) = 2;
    TestServer s(limits);
    RawClient first(s.port());
    RawClient second(s.port());
    for (RawClient* client : {&first, &second}) {
      client->Get("/echo");
      EXPECT_EQ(client->Read().status, 200);
    }
    RawClient third(s.port());
    EXPECT_EQ(third.Read().status, 503);
    EXPECT_EQ(third.ReadToEnd(), "");
    first.Close();
    // The place becomes free when the server has seen the end of the first.
    for (int status = 503; status != 200;) {
      RawClient again(s.port());
      again.Get("/echo");
      status = again.Read().status;
    }
    second.Get("/echo");
    EXPECT_EQ(second.Read().status, 200);
  }
}

TEST(ServerDrain, FinishesWhatIsInProgress) {
  TestServer s({}, 1);  // one loop: when it has closed the idle connection, it drains
  RawClient idle(s.port());
  idle.Get("/echo");
  EXPECT_EQ(idle.Read().status, 200);
  RawClient busy(s.port());
  busy.Send("GET /park HTTP/1.1\r\nHost: x\r\n\r\nGET /park HTTP/1.1\r\nHost: x\r\n\r\n");
  Parking::Parked one = s.parking.Take();
  Parking::Parked two = s.parking.Take();
  const uint16_t port = s.port();
  std::thread drain([&] { s.server->Drain(Seconds(20)); });
  EXPECT_EQ(idle.ReadToEnd(), "");
  one.responder.Send(Response::Text(200, "one"));
  EXPECT_EQ(busy.Read().body, "one");
  two.responder.Send(Response::Text(200, "two"));
  const RawReply last = busy.Read();
  EXPECT_EQ(last.body, "two");
  EXPECT_EQ(last.Header("connection"), "close");
  EXPECT_EQ(busy.ReadToEnd(), "");
  drain.join();
  EXPECT_FALSE(RawClient(port).connected());
}

TEST(ServerDrain, EndsAtItsDeadline) {
  TestServer s;
  RawClient client(s.port());
  client.Get("/park");
  Parking::Parked parked = s.parking.Take();
  s.server->Drain(kShort);
  EXPECT_EQ(client.Read().status, 0);
  parked.responder.Send(Response::Text(200, "too late"));
}

TEST(ServerDrain, UnderLoadEveryReplyIsWhole) {
  TestServer s;
  std::atomic<int> served{0};
  std::atomic<int> torn{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      RawClient client(s.port());
      for (;;) {
        client.Get("/page");
        const RawReply reply = client.Read();
        if (reply.status == 0) {
          if (!reply.head.empty()) ++torn;
          return;
        }
        if (reply.body.size() != s.page->size()) ++torn;
        if (++served; reply.Header("connection") == "close") {
          if (!client.ReadToEnd().empty()) ++torn;
          return;
        }
      }
    });
  }
  while (served < 500) std::this_thread::yield();
  s.server->Drain(Seconds(20));
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(torn, 0);
}

TEST(Stream, CarriesBytesUntilItIsClosed) {
  TestServer s;
  RawClient client(s.port());
  client.Get("/park");
  Response head;
  head.Add("content-type", "text/event-stream");
  const auto stream = s.parking.Take().responder.StartStream(std::move(head));
  const RawReply reply = client.Read(true);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("content-type"), "text/event-stream");
  EXPECT_EQ(reply.Header("content-length"), "");
  EXPECT_TRUE(stream->Write(Shared("data: 1\n\n")));
  EXPECT_EQ(client.ReadBytes(9), "data: 1\n\n");
  EXPECT_TRUE(stream->Write(Shared("data: 2\n\n")));
  EXPECT_TRUE(stream->IsOpen());
  stream->Close();
  EXPECT_FALSE(stream->Write(Shared("data: 3\n\n")));
  EXPECT_EQ(client.ReadToEnd(), "data: 2\n\n");
  EXPECT_FALSE(client.was_reset());
}

TEST(Stream, StaysBehindEarlierReplies) {
  TestServer s;
  RawClient client(s.port());
  client.Send("GET /park HTTP/1.1\r\nHost: x\r\n\r\nGET /park HTTP/1.1\r\nHost: x\r\n\r\n");
  Parking::Parked first = s.parking.Take();
  auto stream = s.parking.Take().responder.StartStream(Response(200));
  stream->Write(Shared("early"));
  stream.reset();  // closes it
  first.responder.Send(Response::Text(200, "first"));
  EXPECT_EQ(client.Read().body, "first");
  EXPECT_EQ(client.Read(true).status, 200);
  EXPECT_EQ(client.ReadToEnd(), "early");
}

TEST(Stream, HeadGetsTheHeadOnly) {
  TestServer s;
  RawClient client(s.port());
  client.Send("HEAD /park HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto stream = s.parking.Take().responder.StartStream(Response(200));
  EXPECT_EQ(client.Read(true).status, 200);
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_FALSE(stream->IsOpen());
}

TEST(Stream, EndsWhenThePeerLeaves) {
  TestServer s;
  RawClient client(s.port());
  client.Get("/park");
  const auto stream = s.parking.Take().responder.StartStream(Response(200));
  EXPECT_EQ(client.Read(true).status, 200);
  client.Close();
  while (stream->IsOpen()) std::this_thread::yield();
  EXPECT_FALSE(stream->Write(Shared("x")));
}

TEST(Stream, DisconnectsASlowReader) {
  ServerLimits limits;
  limits.max_stream_queue_bytes = 64 * 1024;
  TestServer s(limits);
  RawClient slow(s.port(), 4096);
  slow.Get("/park");
  const auto stream = s.parking.Take().responder.StartStream(Response(200));
  const SharedBytes block = Shared(std::string(16 * 1024, 'x'));
  size_t written = 0;
  while (stream->Write(block)) ASSERT_LT(written += block->size(), size_t{1} << 30);
  EXPECT_FALSE(stream->IsOpen());
  EXPECT_TRUE(slow.WaitForReset());
}

TEST(Stream, EndsWithTheServer) {
  TestServer s;
  RawClient client(s.port());
  client.Get("/park");
  const auto stream = s.parking.Take().responder.StartStream(Response(200));
  EXPECT_EQ(client.Read(true).status, 200);
  s.server->Drain(Seconds(20));
  EXPECT_FALSE(stream->IsOpen());
  EXPECT_FALSE(stream->Write(Shared("x")));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(Stream, ReachesManyReaders) {
  TestServer s;
  constexpr int kReaders = 100;
  std::vector<std::unique_ptr<RawClient>> readers;
  std::vector<std::shared_ptr<Stream>> streams;
  for (int i = 0; i < kReaders; ++i) {
    readers.push_back(std::make_unique<RawClient>(s.port()));
    readers.back()->Get("/park");
    streams.push_back(s.parking.Take().responder.StartStream(Response(200)));
  }
  std::string expected;
  for (int n = 0; n < 20; ++n) {
    const SharedBytes event = Shared("data: " + std::to_string(n) + "\n\n");
    expected += *event;
    for (const auto& stream : streams) EXPECT_TRUE(stream->Write(event));
  }
  streams.clear();
  for (const auto& reader : readers) {
    EXPECT_EQ(reader->Read(true).status, 200);
    EXPECT_EQ(reader->ReadToEnd(), expected);
  }
}

}  // namespace
}  // namespace pharos::http
