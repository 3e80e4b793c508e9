#include "net/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "net/testing/client_fixture.h"
#include "net/testing/scripted_dns.h"
#include "net/testing/scripted_server.h"

namespace pharos::net {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class HttpClientTest : public ClientFixture {};

TEST_F(HttpClientTest, FillsTheAnswer) {
  ScriptedServer server(
      ScriptedServer::Answer(ScriptedServer::Ok("hello", "X-One: a\r\nX-Two:  b  \r\n")));
  const HttpAnswer answer = Fetch(server.Url("/path?q=1"));
  EXPECT_EQ(answer.failure, HttpFailure::kNone) << answer.message;
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.http_version, "1.1");
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.body_bytes, 5u);
  EXPECT_FALSE(answer.body_truncated_by_limit);
  EXPECT_EQ(*answer.FindHeader("x-one"), "a");
  EXPECT_EQ(*answer.FindHeader("X-TWO"), "b");
  EXPECT_EQ(answer.FindHeader("X-Three"), nullptr);
  EXPECT_EQ(answer.final_url, server.Url("/path?q=1"));
  EXPECT_EQ(answer.redirects, 0);
  EXPECT_EQ(answer.remote_address, "127.0.0.1");
  EXPECT_FALSE(answer.certificate);
  EXPECT_EQ(answer.phases.resolve_us, -1);  // a literal address
  EXPECT_GT(answer.phases.connect_us, 0);
  EXPECT_EQ(answer.phases.tls_us, -1);
  EXPECT_GT(answer.phases.first_byte_us, 0);
  EXPECT_GE(answer.phases.total_us, answer.phases.connect_us + answer.phases.first_byte_us);
}

TEST_F(HttpClientTest, SendsAPlainRequestWithDefaults) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("")));
  Fetch(server.Url("/x"));
  ASSERT_EQ(server.Requests().size(), 1u);
  const std::string request = server.Requests()[0];
  EXPECT_THAT(request, StartsWith("GET /x HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  EXPECT_THAT(request, HasSubstr("User-Agent: Pharos/"));
  EXPECT_THAT(request, HasSubstr("Accept: */*\r\n"));
  EXPECT_THAT(request, HasSubstr("Accept-Encoding: gzip, deflate\r\n"));
  EXPECT_THAT(request, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("Cookie")));
  EXPECT_THAT(request, Not(HasSubstr("Content-")));
}

TEST_F(HttpClientTest, SendsMethodHeadersAndBody) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("")));
  HttpRequest request;
  request.url = server.Url();
  request.method = "PUT";
  request.body = "{\"a\":1}";
  request.headers = {{"Content-Type", "application/json"},
                     {"user-agent", "mine"},
                     {"Accept", "text/x"},
                     {"X-Empty", ""},
                     {"Content-Length", "99"},
                     {"Host", "other.test"}};
  EXPECT_EQ(Fetch(request).status, 200);
  const std::string sent = server.Requests().at(0);
  EXPECT_THAT(sent, StartsWith("PUT / HTTP/1.1\r\n"));
  EXPECT_THAT(sent, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(sent, HasSubstr("user-agent: mine\r\n"));
  EXPECT_THAT(sent, HasSubstr("Accept: text/x\r\n"));
  EXPECT_THAT(sent, HasSubstr("X-Empty:\r\n"));
  EXPECT_THAT(sent, HasSubstr("Host: other.test\r\n"));
  EXPECT_THAT(sent, HasSubstr("Content-Length: 7\r\n"));
  EXPECT_THAT(sent, Not(HasSubstr("Expect")));
  EXPECT_THAT(sent, Not(HasSubstr("Pharos/")));
  EXPECT_THAT(sent, testing::EndsWith("\r\n\r\n{\"a\":1}"));
}

TEST_F(HttpClientTest, SendsALargeBodyAndEmptyPosts) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("")));
  HttpRequest request;
  request.url = server.Url();
  request.method = "POST";
  request.body = std::string(300'000, 'x');
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kNone);
  EXPECT_GT(server.Requests().at(0).size(), 300'000u);
  request.body.clear();
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kNone);
  EXPECT_THAT(server.Requests().at(1), HasSubstr("Content-Length: 0\r\n"));
}

TEST_F(HttpClientTest, HeadHasNoBody) {
  ScriptedServer server(ScriptedServer::Answer(
      "HTTP/1.1 405 No\r\nContent-Length: 10\r\nContent-Encoding: gzip\r\n\r\n"));
  HttpRequest request;
  request.url = server.Url();
  request.method = "HEAD";
  const HttpAnswer answer = Fetch(request);
  EXPECT_EQ(answer.failure, HttpFailure::kNone) << answer.message;
  EXPECT_EQ(answer.status, 405);
  EXPECT_THAT(server.Requests().at(0), StartsWith("HEAD / HTTP/1.1\r\n"));
}

TEST_F(HttpClientTest, ReadsOtherShapesOfAnswers) {
  struct Row {
    const char* bytes;
    int status;
    const char* version;
    const char* body;
  };
  for (const Row& row :
       {Row{"HTTP/1.0 503 Down\r\n\r\nuntil close", 503, "1.0", "until close"},
        Row{"HTTP/1.1 204 None\r\n\r\n", 204, "1.1", ""},
        Row{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nT: "
            "1\r\n\r\n",
            200, "1.1", "abcde"},
        Row{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 "
            "200 OK\r\nContent-Length: 2\r\n\r\nok",
            200, "1.1", "ok"},
        Row{"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n", 200, "1.1", ""}}) {
    ScriptedServer server(ScriptedServer::Answer(row.bytes));
    const HttpAnswer answer = Fetch(server.Url());
    EXPECT_EQ(answer.failure, HttpFailure::kNone) << row.bytes << answer.message;
    EXPECT_EQ(answer.status, row.status) << row.bytes;
    EXPECT_EQ(answer.http_version, row.version) << row.bytes;
    EXPECT_EQ(answer.body, row.body) << row.bytes;
    EXPECT_EQ(answer.FindHeader("Link"), nullptr);
    EXPECT_EQ(answer.FindHeader("T"), nullptr);
  }
}

TEST_F(HttpClientTest, KeepsOnlyThePrefixOfTheBody) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok(std::string(200'000, 'a'))));
  HttpRequest request;
  request.url = server.Url();
  request.limits.keep_body_bytes = 1000;
  size_t seen = 0;
  size_t largest = 0;
  const HttpAnswer answer = Fetch(request, [&](std::string_view chunk) {
    seen += chunk.size();
    largest = std::max(largest, chunk.size());
    return true;
  });
  EXPECT_EQ(answer.failure, HttpFailure::kNone);
  EXPECT_EQ(answer.body.size(), 1000u);
  EXPECT_EQ(answer.body_bytes, 200'000u);
  EXPECT_EQ(seen, 200'000u);
  EXPECT_LE(largest, 16'384u);
}

TEST_F(HttpClientTest, ObserverEndsTheReading) {
  ScriptedServer server([](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\n\r\n");
    connection.SendForever(std::string(10'000, 'z'));
  });
  HttpRequest request;
  request.url = server.Url();
  const HttpAnswer answer = Fetch(request, [](std::string_view) { return false; });
  EXPECT_EQ(answer.failure, HttpFailure::kNone) << answer.message;
  EXPECT_EQ(answer.status, 200);
}

TEST_F(HttpClientTest, RefusesBadRequests) {
  HttpRequest request;
  request.url = "http://127.1/";
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kBadUrl);
  request.url = "http://127.0.0.1/";
  request.method = "GET / HTTP/1.1\r\nX: y";
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kBadUrl);
  request.method = "GET";
  request.headers = {{"X-A", "b\r\nHost: evil"}};
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kBadUrl);
  request.headers = {{"X A", "b"}};
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kBadUrl);
}

TEST_F(HttpClientTest, TellsRefusedFromReset) {
  uint16_t port = 0;
  {
    ScriptedServer gone(ScriptedServer::Answer(""));
    port = gone.port();
  }
  const HttpAnswer refused = Fetch("http://127.0.0.1:" + std::to_string(port));
  EXPECT_EQ(refused.failure, HttpFailure::kRefused);
  EXPECT_EQ(refused.message, "connection refused by 127.0.0.1:" + std::to_string(port));
  EXPECT_EQ(refused.phases.connect_us, -1);
  ScriptedServer server([](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Reset();
  });
  const HttpAnswer reset = Fetch(server.Url());
  EXPECT_EQ(reset.failure, HttpFailure::kReset) << reset.message;
}

TEST_F(HttpClientTest, ResolvesThroughTheGivenServersAndMeasuresIt) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("hi")));
  ScriptedDns dns([](const std::string& name) {
    ScriptedDns::Answer answer;
    answer.addresses = {IpAddress::V4(0x7f000001)};
    answer.not_found = name != "service.test";
    return answer;
  });
  settings_.dns_servers = {dns.Address()};
  const HttpAnswer answer = Fetch(server.Url("/", "service.test"));
  EXPECT_EQ(answer.body, "hi") << answer.message;
  EXPECT_GT(answer.phases.resolve_us, 0);
  EXPECT_THAT(server.Requests().at(0), HasSubstr("Host: service.test:"));
  const HttpAnswer missing = Fetch(server.Url("/", "missing.test"));
  EXPECT_EQ(missing.failure, HttpFailure::kResolve);
  EXPECT_THAT(missing.message, HasSubstr("missing.test does not exist"));
}

TEST_F(HttpClientTest, ResolveEndsWithTheDeadline) {
  ScriptedDns dns([](const std::string& name) {
    ScriptedDns::Answer answer;
    answer.silent = !name.empty();  // it does answer for the root
    return answer;
  });
  settings_.dns_servers = {dns.Address()};
  HttpRequest request;
  request.url = "http://silent.test/";
  request.timeout = Milliseconds(500);
  const HttpAnswer answer = Fetch(request);
  EXPECT_EQ(answer.failure, HttpFailure::kResolve);
  EXPECT_LT(answer.phases.total_us, 10'000'000);
}

TEST_F(HttpClientTest, ANameServiceThatSaysNothingAtAllIsOurOwnTrouble) {
  ScriptedDns dns([](const std::string&) {
    ScriptedDns::Answer answer;
    answer.silent = true;
    return answer;
  });
  settings_.dns_servers = {dns.Address()};
  HttpRequest request;
  request.url = "http://silent.test/";
  request.timeout = Milliseconds(200);
  const HttpAnswer answer = Fetch(request);
  EXPECT_EQ(answer.failure, HttpFailure::kOverload);
  EXPECT_EQ(answer.message, "Monitor was blind: our own name service does not answer");
  settings_.check_name_service = false;
  StopClient();
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kResolve);
}

TEST_F(HttpClientTest, LocalNamesWork) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("hi")));
  EXPECT_EQ(Fetch(server.Url("/", "localhost")).body, "hi");
}

TEST_F(HttpClientTest, KeepsTheIpVersion) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("hi")));
  HttpRequest request;
  request.url = server.Url();
  request.ip_version = 6;
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kResolve);
  request.ip_version = 4;
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kNone);
}

TEST_F(HttpClientTest, OpensAFreshConnectionUnlessAsked) {
  ScriptedServer server([](ScriptedConnection& connection) {
    while (!connection.ReadRequest().empty()) connection.Send(ScriptedServer::Ok("x"));
  });
  HttpRequest request;
  request.url = server.Url();
  Fetch(request);
  Fetch(request);
  EXPECT_EQ(server.ConnectionCount(), 2u);
  request.reuse_connection = true;
  Fetch(request);
  const HttpAnswer reused = Fetch(request);
  EXPECT_EQ(server.ConnectionCount(), 3u);
  EXPECT_EQ(reused.phases.connect_us, -1);
  request.reuse_connection = false;
  Fetch(request);
  EXPECT_EQ(server.ConnectionCount(), 4u);
}

TEST_F(HttpClientTest, PolicyBlocksBeforeConnecting) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("hi")));
  outbound_.mode = PolicyMode::kUntrusted;
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const HttpAnswer answer = Fetch(server.Url("/", host));
    EXPECT_EQ(answer.failure, HttpFailure::kBlocked);
    EXPECT_THAT(answer.message, HasSubstr("loopback"));
  }
  EXPECT_EQ(Fetch("http://metadata.google.internal/").failure, HttpFailure::kBlocked);
  EXPECT_EQ(Fetch("http://8.8.8.8:25/").failure, HttpFailure::kBlocked);
  EXPECT_EQ(server.ConnectionCount(), 0u);
}

TEST_F(HttpClientTest, ListedHostsPassTheUntrustedPolicy) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("hi")));
  outbound_.mode = PolicyMode::kUntrusted;
  outbound_.allowed_hosts = {"localhost"};
  EXPECT_EQ(Fetch(server.Url("/", "localhost")).body, "hi");
  EXPECT_EQ(Fetch(server.Url("/", "127.0.0.1")).failure, HttpFailure::kBlocked);
}

TEST_F(HttpClientTest, OwnListenersAreRefused) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("hi")));
  own_port_ = server.port();
  EXPECT_EQ(Fetch(server.Url()).failure, HttpFailure::kBlocked);
  EXPECT_EQ(server.ConnectionCount(), 0u);
}

TEST_F(HttpClientTest, OneBadAddressAmongSeveralBlocks) {
  ScriptedDns dns([](const std::string&) {
    return ScriptedDns::Answer{{IpAddress::V4(0x7f000001), IpAddress::V4(0xa9fea9fe)}};
  });
  settings_.dns_servers = {dns.Address()};
  const HttpAnswer answer = Fetch("http://mixed.test/");
  EXPECT_EQ(answer.failure, HttpFailure::kBlocked);
  EXPECT_THAT(answer.message, HasSubstr("169.254.169.254 (mixed.test)"));
}

// The name points to an allowed address first and to a refused one at every later question: each
// exchange and each redirect hop checks what it then connects to.
TEST_F(HttpClientTest, RebindingIsCaughtAtEachHop) {
  ScriptedServer server([](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
  });
  std::atomic<int> questions = 0;
  ScriptedDns dns([&](const std::string&) {
    const bool first = questions++ == 0;
    return ScriptedDns::Answer{{IpAddress::V4(first ? 0x7f000001 : 0xa9fea9fe)}};
  });
  settings_.dns_servers = {dns.Address()};
  HttpRequest request;
  request.url = server.Url("/", "rebind.test");
  request.ip_version = 4;
  const HttpAnswer answer = Fetch(request);
  EXPECT_EQ(answer.failure, HttpFailure::kBadRedirect) << answer.message;
  EXPECT_THAT(answer.message, HasSubstr("cloud metadata"));
  EXPECT_EQ(server.ConnectionCount(), 1u);
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kBlocked);
}

TEST_F(HttpClientTest, IgnoresProxyVariables) {
  ScriptedServer proxy(ScriptedServer::Answer(ScriptedServer::Ok("from the proxy")));
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("direct")));
  setenv("http_proxy", proxy.Url().c_str(), 1);
  setenv("all_proxy", proxy.Url().c_str(), 1);
  EXPECT_EQ(Fetch(server.Url()).body, "direct");
  unsetenv("http_proxy");
  unsetenv("all_proxy");
}

TEST_F(HttpClientTest, UsesTheExplicitProxy) {
  ScriptedServer proxy(ScriptedServer::Answer(ScriptedServer::Ok("from the proxy")));
  outbound_.mode = PolicyMode::kUntrusted;
  outbound_.proxy_probe = "http://localhost:" + std::to_string(proxy.port());
  setenv("no_proxy", "*", 1);
  const HttpAnswer answer = Fetch("http://name.test/x");
  unsetenv("no_proxy");
  EXPECT_EQ(answer.body, "from the proxy") << answer.message;
  EXPECT_THAT(proxy.Requests().at(0), StartsWith("GET http://name.test/x HTTP/1.1\r\n"));
  // The URL's own literal address is still judged.
  EXPECT_EQ(Fetch("http://10.0.0.1/").failure, HttpFailure::kBlocked);
}

TEST_F(HttpClientTest, RefusesABadProxySetting) {
  outbound_.proxy_notify = "ftp://x:1";
  const OutboundPolicy policy(outbound_);
  const SystemClock clock;
  EXPECT_FALSE(HttpClient::Start(settings_, policy, clock, metrics_));
}

TEST_F(HttpClientTest, CountsExchanges) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("hi")));
  Fetch(server.Url());
  Fetch("http://127.1/");
  EXPECT_EQ(Client().InFlight(), 0u);
  const std::string text = metrics_.Render();
  EXPECT_THAT(text,
              HasSubstr("pharos_outbound_exchanges_total{failure=\"none\",purpose=\"probe\"} 1"));
  EXPECT_THAT(
      text, HasSubstr("pharos_outbound_exchanges_total{failure=\"bad_url\",purpose=\"probe\"} 1"));
  EXPECT_THAT(text, HasSubstr("pharos_outbound_in_flight 0"));
}

}  // namespace
}  // namespace pharos::net
