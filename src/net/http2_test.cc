#include <gtest/gtest.h>

#include "net/testing/client_fixture.h"
#include "net/testing/h2_script.h"

namespace pharos::net {
namespace {

class Http2Test : public ClientFixture {
 protected:
  static HttpRequest Call(const ScriptedServer& server) {
    HttpRequest request;
    request.method = "POST";
    request.url = server.Url("/call");
    request.http2 = true;
    request.body = std::string("\0\x01\xff", 3);
    request.accept_encoding = false;
    return request;
  }
};

const std::vector<std::pair<std::string, std::string>> kHead = {{":status", "200"},
                                                                {"content-type", "text/x"}};

TEST_F(Http2Test, TrailersAndBinaryBodyArrive) {
  const std::string body("a\0b\xff", 4);
  ScriptedServer server(H2Answer(H2Headers(kHead, false) + H2Data(body, false) +
                                 H2Headers({{"x-end", "last words"}}, true)));
  const HttpAnswer answer = Fetch(Call(server));
  EXPECT_EQ(answer.failure, HttpFailure::kNone) << answer.message;
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.http_version, "2");
  EXPECT_EQ(answer.body, body);
  ASSERT_NE(answer.FindTrailer("X-End"), nullptr);
  EXPECT_EQ(*answer.FindTrailer("X-End"), "last words");
  EXPECT_EQ(answer.FindHeader("X-End"), nullptr);
}

TEST_F(Http2Test, AServerOfTheOldVersionIsAProtocolFailure) {
  ScriptedServer server([](ScriptedConnection& connection) {
    connection.ReadBytes(kH2PrefaceBytes);
    connection.Send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    connection.WaitForClose();
  });
  const HttpAnswer answer = Fetch(Call(server));
  EXPECT_EQ(answer.failure, HttpFailure::kProtocol) << answer.message;
  EXPECT_FALSE(answer.message.empty());
}

TEST_F(Http2Test, AStreamThatIsResetIsAFailure) {
  ScriptedServer server(
      H2Answer(H2Headers(kHead, false) + H2Make(H2Frame::kReset, 0, 1, H2Number(2))));
  const HttpAnswer answer = Fetch(Call(server));
  EXPECT_NE(answer.failure, HttpFailure::kNone);
  EXPECT_FALSE(answer.message.empty());
}

TEST_F(Http2Test, TrailersOfVersionOneArriveToo) {
  ScriptedServer server(
      ScriptedServer::Answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "2\r\nok\r\n0\r\nX-End: yes\r\n\r\n"));
  HttpRequest request;
  request.url = server.Url();
  const HttpAnswer answer = Fetch(request);
  EXPECT_EQ(answer.failure, HttpFailure::kNone) << answer.message;
  EXPECT_EQ(answer.body, "ok");
  ASSERT_NE(answer.FindTrailer("x-end"), nullptr);
}

}  // namespace
}  // namespace pharos::net
