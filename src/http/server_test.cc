#include "http/server.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "http/internal/raw_client.h"

namespace pharos::http {
namespace {

using internal::Parking;
using internal::RawClient;
using internal::RawReply;
using internal::TestServer;

TEST(Server, KeepsAConnection) {
  TestServer s;
  RawClient client(s.port());
  for (int i = 0; i < 3; ++i) {
    client.Get("/echo");
    const RawReply reply = client.Read();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "GET /echo ");
    EXPECT_EQ(reply.Header("connection"), "");
    EXPECT_EQ(reply.Header("date").size(), 29u);
  }
  client.Send("GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.Read().Header("connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_FALSE(client.was_reset());
}

TEST(Server, SpeaksToHttp10) {
  TestServer s;
  RawClient client(s.port());
  client.Send("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.Read().Header("connection"), "keep-alive");
  client.Send("GET /echo HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.Read().Header("connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  TestServer s;
  RawClient client(s.port());
  std::string requests;
  for (int i = 0; i < 6; ++i) {
    requests += "GET /park?" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  client.Send(requests);
  std::vector<Parking::Parked> parked;
  for (int i = 0; i < 6; ++i) parked.push_back(s.parking.Take());
  std::thread other([&] {
    for (auto it = parked.rbegin(); it != parked.rend(); ++it) {
      it->responder.Send(Response::Text(200, it->request.query));
    }
  });
  for (int i = 0; i < 6; ++i) EXPECT_EQ(client.Read().body, std::to_string(i));
  other.join();
}

TEST(Server, ReadsAheadNoFurtherThanAllowed) {
  ServerLimits limits;
  limits.max_pipelined = 4;
  TestServer s(limits);
  RawClient client(s.port());
  std::string requests;
  for (int i = 0; i < 100; ++i) {
    requests += "GET /park?" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  client.Send(requests);
  for (int i = 0; i < 100; ++i) {
    Parking::Parked parked = s.parking.Take();
    EXPECT_LE(s.parking.total(), static_cast<size_t>(i + 4));
    parked.responder.Send(Response::Text(200, parked.request.query));
    EXPECT_EQ(client.Read().body, std::to_string(i));
  }
}

TEST(Server, AnswersManyFromAnotherThread) {
  TestServer s;
  constexpr int kClients = 20;
  constexpr int kEach = 50;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(std::make_unique<RawClient>(s.port()));
  std::thread other([&] {
    for (int i = 0; i < kClients * kEach; ++i) {
      Parking::Parked parked = s.parking.Take();
      parked.responder.Send(Response::Json(200, parked.request.query));
    }
  });
  for (int n = 0; n < kEach; ++n) {
    for (auto& client : clients) client->Get("/park?" + std::to_string(n));
  }
  for (int n = 0; n < kEach; ++n) {
    for (auto& client : clients) EXPECT_EQ(client->Read().body, std::to_string(n));
  }
  other.join();
}

TEST(Server, SuppressesTheBodyOfHead) {
  TestServer s;
  RawClient client(s.port());
  client.Send("HEAD /page HTTP/1.1\r\nHost: x\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
  const RawReply head = client.Read(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("content-length"), std::to_string(s.page->size()));
  EXPECT_EQ(client.Read().body, "GET /echo ");
}

TEST(Server, ReadsBodies) {
  TestServer s;
  RawClient client(s.port());
  client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab");
  client.Send("cd");
  EXPECT_EQ(client.Read().body, "POST /echo abcd");
  client.Send("PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  client.Send("2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(client.Read().body, "PUT /echo abcde");
  const std::string large(2'500'000, 'L');
  client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2500000\r\n\r\n" + large);
  EXPECT_EQ(client.Read().body, "POST /echo " + large);
}

TEST(Server, TellsWaitingClientsToContinue) {
  TestServer s;
  RawClient client(s.port());
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.Read().status, 100);
  client.Send("ok");
  EXPECT_EQ(client.Read().body, "POST /echo ok");
}

TEST(Server, KeepsContinueBehindEarlierReplies) {
  TestServer s;
  RawClient client(s.port());
  client.Send(
      "GET /park HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  s.parking.Take().responder.Send(Response::Text(200, "first"));
  EXPECT_EQ(client.Read().body, "first");
  EXPECT_EQ(client.Read().status, 100);
  client.Send("ok");
  EXPECT_EQ(client.Read().body, "POST /echo ok");
}

TEST(Server, AnswersForHandlersThatDoNot) {
  TestServer s;
  RawClient client(s.port());
  client.Get("/drop");
  EXPECT_EQ(client.Read().status, 500);
  client.Get("/throw");
  EXPECT_EQ(client.Read().status, 500);
  client.Get("/park");
  s.parking.Take();  // dropped on this thread
  EXPECT_EQ(client.Read().status, 500);
  client.Get("/echo");
  EXPECT_EQ(client.Read().status, 200);
}

TEST(Server, AnswersWhatBreaksTheProtocolAndCloses) {
  const std::pair<const char*, int> cases[] = {
      {"\x16\x03\x01\x02", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505},
      {"POST / HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n", 417},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: br\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
  };
  TestServer s;
  for (const auto& [input, status] : cases) {
    RawClient client(s.port());
    client.Send(input);
    const RawReply reply = client.Read();
    EXPECT_EQ(reply.status, status) << input;
    EXPECT_EQ(reply.Header("connection"), "close");
    EXPECT_EQ(reply.Header("content-type"), "text/plain; charset=utf-8");
    client.CloseWriting();
    EXPECT_EQ(client.ReadToEnd(), "");
  }
}

TEST(Server, AnswersEarlierRequestsBeforeRefusingALaterOne) {
  TestServer s;
  RawClient client(s.port());
  client.Send("GET /park HTTP/1.1\r\nHost: x\r\n\r\nGARBAGE\r\n\r\nGET /echo HTTP/1.1\r\n\r\n");
  s.parking.Take().responder.Send(Response::Text(200, "first"));
  EXPECT_EQ(client.Read().body, "first");
  EXPECT_EQ(client.Read().status, 400);
  client.CloseWriting();
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(Server, ServesAPeerThatClosedItsSendingSide) {
  TestServer s;
  RawClient client(s.port());
  client.Send("GET /park HTTP/1.1\r\nHost: x\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
  client.CloseWriting();
  s.parking.Take().responder.Send(Response::Text(200, "late"));
  EXPECT_EQ(client.Read().body, "late");
  EXPECT_EQ(client.Read().body, "GET /echo ");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(Server, ForgetsAnswersForPeersThatLeft) {
  TestServer s;
  auto client = std::make_unique<RawClient>(s.port());
  client->Get("/park");
  Parking::Parked parked = s.parking.Take();
  client.reset();
  parked.responder.Send(Response::Text(200, "nobody"));
  RawClient next(s.port());
  next.Get("/echo");
  EXPECT_EQ(next.Read().status, 200);
}

TEST(Server, ForgetsAnswersAfterItsEnd) {
  Parking::Parked answered;
  Parking::Parked dropped;
  Parking::Parked streamed;
  {
    TestServer s;
    RawClient client(s.port());
    for (int i = 0; i < 3; ++i) client.Get("/park");
    answered = s.parking.Take();
    dropped = s.parking.Take();
    streamed = s.parking.Take();
    s.server.reset();
  }
  answered.responder.Send(Response::Text(200, "nobody"));
  dropped.responder = Responder();
  const auto stream = streamed.responder.StartStream(Response(200));
  stream->Write(std::make_shared<const std::string>("x"));
}

TEST(Server, WritesSharedPagesWhole) {
  TestServer s;
  RawClient client(s.port());
  for (int i = 0; i < 10; ++i) {
    client.Get("/page");
    EXPECT_EQ(client.Read().body, *s.page);
  }
  std::string requests;
  for (int i = 0; i < 40; ++i) {
    requests += "GET /page HTTP/1.1\r\nHost: x\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  std::thread writer([&] { client.Send(requests); });
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(client.Read().body, *s.page);
    EXPECT_EQ(client.Read().body, "GET /echo ");
  }
  writer.join();
}

TEST(Server, ServesANewPageUnderTheSameAddressInMemory) {
  TestServer s({}, 1);
  RawClient client(s.port());
  for (char c = 'a'; c <= 'z'; ++c) {
    s.page = nullptr;
    s.page = std::make_shared<const std::string>(40 * 1024, c);
    for (int i = 0; i < 6; ++i) {
      client.Get("/page");
      EXPECT_EQ(client.Read().body, *s.page);
    }
  }
}

TEST(Server, KeepsHandlersFromSplittingReplies) {
  TestServer s;
  RawClient client(s.port());
  client.Get("/park");
  Response response = Response::Text(204, "no body here");
  response.Add("x-a", "1\r\nx-injected: 2").omit_date = true;
  s.parking.Take().responder.Send(std::move(response));
  const RawReply reply = client.Read();
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.Header("x-a"), "1  x-injected: 2");
  EXPECT_EQ(reply.Header("x-injected"), "");
  EXPECT_EQ(reply.Header("content-length"), "");
  EXPECT_EQ(reply.Header("date"), "");
  client.Get("/echo");
  EXPECT_EQ(client.Read().status, 200);
}

TEST(Server, ClosesWhenTheHandlerSaysSo) {
  TestServer s;
  RawClient client(s.port());
  client.Send("GET /park HTTP/1.1\r\nHost: x\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
  Response response = Response::Text(200, "last");
  response.close = true;
  s.parking.Take().responder.Send(std::move(response));
  const RawReply reply = client.Read();
  EXPECT_EQ(reply.body, "last");
  EXPECT_EQ(reply.Header("connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(Server, TellsTheHandlerWhoAsks) {
  TestServer s;
  RawClient client(s.port());
  client.Get("/park?q");
  Parking::Parked parked = s.parking.Take();
  EXPECT_EQ(parked.request.peer_address, "127.0.0.1");
  EXPECT_EQ(parked.request.target, "/park?q");
  EXPECT_LE(parked.request.received_at, s.clock.Monotonic());
  EXPECT_GT(parked.request.received_at, s.clock.Monotonic() - Minutes(1));
}

TEST(Server, CountsWhatItDoes) {
  TestServer s;
  RawClient client(s.port());
  client.Get("/echo");
  client.Get("/drop");
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(client.Read().status, 500);
  client.Close();
  s.server->Drain(Seconds(10));
  const std::string text = s.metrics.Render();
  EXPECT_NE(text.find("pharos_http_requests_total{status=\"2xx\"} 1"), std::string::npos) << text;
  EXPECT_NE(text.find("pharos_http_requests_total{status=\"5xx\"} 1"), std::string::npos);
  EXPECT_NE(text.find("pharos_http_request_seconds_count 2"), std::string::npos);
  EXPECT_NE(text.find("pharos_http_connections 0"), std::string::npos);
}

TEST(Server, WritesAnAccessLogWithoutQueries) {
  TestServer s;
  s.server.reset();
  s.settings.access_log = true;
  s.Start();
  testing::internal::CaptureStderr();
  RawClient client(s.port());
  client.Get("/echo?token=secret");
  EXPECT_EQ(client.Read().status, 200);
  s.server->Drain(Seconds(10));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("path=/echo"), std::string::npos) << log;
  EXPECT_EQ(log.find("secret"), std::string::npos);
}

TEST(Server, TheAccessLogShowsPathsAsItIsTold) {
  TestServer s;
  s.server.reset();
  s.settings.access_log = true;
  s.settings.loggable_path = [](std::string_view) { return std::string("/masked"); };
  s.Start();
  testing::internal::CaptureStderr();
  RawClient client(s.port());
  client.Get("/echo/secret");
  client.Read();
  s.server->Drain(Seconds(10));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("path=/masked"), std::string::npos) << log;
  EXPECT_EQ(log.find("secret"), std::string::npos);
}

TEST(Server, RefusesToShareAPort) {
  TestServer s;
  ServerSettings settings = s.settings;
  settings.port = s.port();
  const auto second = Server::Start(settings, [](Request&&, Responder) {}, s.clock, s.metrics);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
}

TEST(Server, RefusesAnAddressThatIsNone) {
  TestServer s;
  ServerSettings settings = s.settings;
  settings.address = "nowhere";
  const auto second = Server::Start(settings, [](Request&&, Responder) {}, s.clock, s.metrics);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kInvalid);
}

}  // namespace
}  // namespace pharos::http
