#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/testing/client_fixture.h"
#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"

namespace pharos::net {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string Redirect(int status, const std::string& location) {
  return "HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + location +
         "\r\nContent-Length: 4\r\n\r\nbody";
}

// Redirects every path to `location`, except "/end", which is the answer "end".
ScriptedServer::Script RedirectAll(int status, std::string location) {
  return [status, location = std::move(location)](ScriptedConnection& connection) {
    const std::string request = connection.ReadRequest();
    if (request.empty()) return;
    const bool is_end = request.find(" /end ") != std::string::npos;
    connection.Send(is_end ? ScriptedServer::Ok("end") : Redirect(status, location));
  };
}

class HttpRedirectTest : public ClientFixture {};

TEST_F(HttpRedirectTest, FollowsRelativeAndAbsolute) {
  for (const int status : {301, 302, 303, 307, 308}) {
    ScriptedServer server(RedirectAll(status, "../end"));
    const HttpAnswer answer = Fetch(server.Url("/a/b"));
    EXPECT_EQ(answer.failure, HttpFailure::kNone) << status << answer.message;
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "end");
    EXPECT_EQ(answer.body_bytes, 3u);
    EXPECT_EQ(answer.redirects, 1);
    EXPECT_EQ(answer.final_url, server.Url("/end"));
    EXPECT_EQ(answer.FindHeader("Location"), nullptr);
  }
}

TEST_F(HttpRedirectTest, StaysWhenToldTo) {
  ScriptedServer server(RedirectAll(302, "/end"));
  HttpRequest request;
  request.url = server.Url();
  request.follow_redirects = false;
  const HttpAnswer answer = Fetch(request);
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(answer.body, "body");
  EXPECT_EQ(*answer.FindHeader("location"), "/end");
}

TEST_F(HttpRedirectTest, OtherStatusesAndMissingLocationsAreAnswers) {
  ScriptedServer without(ScriptedServer::Answer("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(Fetch(without.Url()).status, 302);
  ScriptedServer choices(ScriptedServer::Answer(Redirect(300, "/end")));
  EXPECT_EQ(Fetch(choices.Url()).status, 300);
}

TEST_F(HttpRedirectTest, EndsLoops) {
  ScriptedServer server(RedirectAll(302, "/loop"));
  const HttpAnswer answer = Fetch(server.Url("/loop"));
  EXPECT_EQ(answer.failure, HttpFailure::kTooManyRedirects);
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(answer.redirects, 5);
  EXPECT_EQ(server.ConnectionCount(), 6u);
}

TEST_F(HttpRedirectTest, CountsHops) {
  // Eleven hops: /11 -> /10 -> ... -> /0.
  ScriptedServer server([](ScriptedConnection& connection) {
    const std::string request = connection.ReadRequest();
    if (request.empty()) return;
    const int n = std::atoi(request.c_str() + 5);
    connection.Send(n == 0 ? ScriptedServer::Ok("end") : Redirect(302, std::to_string(n - 1)));
  });
  HttpRequest request;
  request.url = server.Url("/11");
  request.max_redirects = 10;
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kTooManyRedirects);
  request.max_redirects = 11;
  EXPECT_EQ(Fetch(request).body, "end");
  request.max_redirects = 0;
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kTooManyRedirects);
}

TEST_F(HttpRedirectTest, RefusesOtherTargets) {
  for (const char* location :
       {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:70/_x", "javascript:alert(1)",
        "http://169.254.169.254/latest/meta-data/", "http://[::ffff:169.254.169.254]/",
        "http://2852039166/", "http://metadata.google.internal/", "http://user:pw@127.0.0.1/",
        "http://0.0.0.0/", "http://127.0.0.1:0/", "//0x7f.1/"}) {
    ScriptedServer server(RedirectAll(302, location));
    const HttpAnswer answer = Fetch(server.Url());
    EXPECT_EQ(answer.failure, HttpFailure::kBadRedirect) << location << ": " << answer.message;
    EXPECT_EQ(answer.status, 302) << location;
  }
}

TEST_F(HttpRedirectTest, RewritesTheMethodAsBrowsersDo) {
  struct Row {
    int status;
    const char* method;
    const char* then;
    bool keeps_body;
  };
  for (const Row& row : {Row{301, "POST", "GET", false}, Row{302, "POST", "GET", false},
                         Row{303, "POST", "GET", false}, Row{303, "PUT", "GET", false},
                         Row{301, "PUT", "PUT", true}, Row{307, "POST", "POST", true},
                         Row{308, "POST", "POST", true}, Row{303, "HEAD", "HEAD", false}}) {
    ScriptedServer server(RedirectAll(row.status, "/end"));
    HttpRequest request;
    request.url = server.Url();
    request.method = row.method;
    if (request.method != "HEAD") request.body = "payload";
    request.headers = {{"Content-Type", "text/plain"}, {"X-Kept", "1"}};
    EXPECT_EQ(Fetch(request).status, 200);
    const std::string second = server.Requests().at(1);
    EXPECT_THAT(second, StartsWith(std::string(row.then) + " /end ")) << row.status;
    EXPECT_THAT(second, HasSubstr("X-Kept: 1"));
    if (row.keeps_body) {
      EXPECT_THAT(second, HasSubstr("payload"));
      EXPECT_THAT(second, HasSubstr("Content-Type: text/plain"));
    } else if (request.method != "HEAD") {
      EXPECT_THAT(second, Not(HasSubstr("payload")));
      EXPECT_THAT(second, Not(HasSubstr("Content-")));
    }
  }
}

TEST_F(HttpRedirectTest, DropsCredentialsForAnotherHost) {
  ScriptedServer other(ScriptedServer::Answer(ScriptedServer::Ok("end")));
  ScriptedServer server(RedirectAll(302, other.Url("/end", "localhost")));
  HttpRequest request;
  request.url = server.Url();
  request.headers = {
      {"authorization", "Bearer secret"}, {"COOKIE", "session=secret"}, {"X-Api-Key", "secret-2"},
      {"private-token", "secret-3"},      {"Host", "front.test"},       {"X-Kept", "1"}};
  EXPECT_EQ(Fetch(request).body, "end");
  EXPECT_THAT(server.Requests().at(0), HasSubstr("Bearer secret"));
  const std::string second = other.Requests().at(0);
  EXPECT_THAT(second, Not(HasSubstr("secret")));
  EXPECT_THAT(second, Not(HasSubstr("front.test")));
  EXPECT_THAT(second, HasSubstr("Host: localhost:"));
  EXPECT_THAT(second, HasSubstr("X-Kept: 1"));
}

TEST_F(HttpRedirectTest, KeepsCredentialsOnTheSameOrigin) {
  ScriptedServer server(RedirectAll(302, "/end"));
  HttpRequest request;
  request.url = server.Url();
  request.headers = {{"Authorization", "Bearer secret"}};
  EXPECT_EQ(Fetch(request).body, "end");
  EXPECT_THAT(server.Requests().at(1), HasSubstr("Bearer secret"));
}

TEST_F(HttpRedirectTest, RefusesTheDowngradeUnlessAllowed) {
  const TestCertificate certificate = MakeTestCertificate();
  ScriptedServer plain(ScriptedServer::Answer(ScriptedServer::Ok("plain")));
  ScriptedServer secure(RedirectAll(301, plain.Url("/end")), certificate.cert_pem,
                        certificate.key_pem);
  HttpRequest request;
  request.url = secure.Url();
  request.tls.ca_pem = certificate.cert_pem;
  const HttpAnswer refused = Fetch(request);
  EXPECT_EQ(refused.failure, HttpFailure::kBadRedirect) << refused.message;
  EXPECT_EQ(plain.ConnectionCount(), 0u);
  request.allow_downgrade = true;
  const HttpAnswer allowed = Fetch(request);
  EXPECT_EQ(allowed.body, "plain") << allowed.message;
  EXPECT_FALSE(allowed.certificate);  // of the last hop
}

TEST_F(HttpRedirectTest, DoesNotReadTheBodyOfARedirect) {
  ScriptedServer server([](ScriptedConnection& connection) {
    const std::string request = connection.ReadRequest();
    if (request.find(" /end ") != std::string::npos) {
      connection.Send(ScriptedServer::Ok("end"));
      return;
    }
    connection.Send("HTTP/1.1 302 Found\r\nLocation: /end\r\n\r\n");
    connection.SendForever(std::string(10'000, 'r'));
  });
  const HttpAnswer answer = Fetch(server.Url());
  EXPECT_EQ(answer.body, "end") << answer.message;
}

TEST_F(HttpRedirectTest, OneDeadlineForAllHops) {
  ScriptedServer server([](ScriptedConnection& connection) {
    const std::string request = connection.ReadRequest();
    if (request.find(" /end ") != std::string::npos) return connection.WaitForClose();
    connection.Send(Redirect(302, "/end"));
  });
  HttpRequest request;
  request.url = server.Url();
  request.timeout = Milliseconds(1500);
  const HttpAnswer answer = Fetch(request);
  EXPECT_EQ(answer.failure, HttpFailure::kTimeout);
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.redirects, 1);
  EXPECT_LT(answer.phases.total_us, 10'000'000);
}

}  // namespace
}  // namespace pharos::net
