#include "probe/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "net/testing/dialer_fixture.h"
#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::Status;
using net::ScriptedConnection;
using net::ScriptedServer;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecret = "correct-horse/battery&staple";

std::string Json(const Observation& seen) {
  return seen.seen == nullptr ? std::string("none") : WriteJson(model::ToValue(*seen.seen));
}

TEST(RedactorTest, KnownSecretsGoInAllTheirForms) {
  Redactor redactor;
  redactor.Learn(kSecret, "$TOKEN");
  const struct {
    std::string text;
    std::string left;
  } rows[] = {
      {std::string("x ") + kSecret + " y", "x $TOKEN y"},
      {"q=" + PercentEncode(kSecret), "q=$TOKEN"},
      {"auth " + Base64Encode(kSecret), "auth $TOKEN"},
      {"<b>" + EscapeHtml(kSecret) + "</b>", "<b>$TOKEN</b>"},
      {"cut: correct-horse/bat", "cut: ***"},
      {"cut: correct-horse/bat...", "cut: ***..."},
      {"nothing", "nothing"},
  };
  for (const auto& row : rows) EXPECT_EQ(redactor.Redact(row.text), row.left);
}

TEST(RedactorTest, CredentialsInASpecAreFound) {
  Redactor redactor;
  redactor.LearnSpec(ParseSpec(R"({"url":"https://h.test/?api_key=k3y-in-url&x=1",
      "headers":[{"name":"Authorization","value":"Bearer b3arer-text"},
                 {"name":"X-Plain","value":"plain-text"}],
      "body":"{\"user\":\"me\",\"password\":\"p4ss-in-body\"}",
      "connection":"postgres://app:p4ss-in-dsn@db.test/shop","client_key_pem":"KEYKEYKEY"})"),
                     {{.name = "client_key_pem", .secret = true}});
  EXPECT_EQ(redactor.Redact("k3y-in-url b3arer-text plain-text p4ss-in-body p4ss-in-dsn KEYKEYKEY"),
            "*** *** plain-text *** *** ***");
}

TEST(RedactorTest, WhatATextCallsACredentialIsMasked) {
  const struct {
    const char* text;
    const char* left;
  } rows[] = {
      {"password=hunter2&x=1", "password=***&x=1"},
      {R"({"access_token": "abc", "n": 1})", R"({"access_token": "***", "n": 1})"},
      {"Authorization: Bearer abc.def", "Authorization: Bearer ***"},
      {"mysql://root:toor@db/x", "mysql://***@db/x"},
      {"<input type=\"password\" name=\"p\">", "<input type=\"password\" name=\"p\">"},
      {"Forgot your password?", "Forgot your password?"},
      {"/cb?session=12&token=34", "/cb?session=***&token=***"},
  };
  for (const auto& row : rows) EXPECT_EQ(MaskCredentials(row.text), row.left);
}

TEST(RedactorTest, LongTextsTakeLinearTime) {
  std::string text;
  while (text.size() < 1024 * 1024) text += "token session cookie";
  text += " password=hunter2";
  EXPECT_THAT(MaskCredentials(text), testing::EndsWith(" password=***"));
}

// A real client against targets that misbehave.
class EvidenceTest : public testing::Test {
 protected:
  EvidenceTest() {
    bench_.tools.dialer = dials_.dialer.get();
    bench_.clock.JumpWallTo(SystemClock().Now());
    bench_.tools.secrets = [](std::string_view name) {
      return name == "TOKEN" ? std::optional<std::string>(kSecret) : std::nullopt;
    };
  }
  Observation Visit(const ScriptedServer& server, const std::string& more = "") {
    return bench_.Check(R"({"timeout_ms":3000,"url":")" + server.Url() + "\"" + more + "}");
  }

  RealClient real_;
  RealDialer dials_;
  ProbeBench bench_{*real_.client};
};

TEST_F(EvidenceTest, AFailedPageLeavesItsHeadBodyAndWay) {
  ScriptedServer server(ScriptedServer::Answer(
      "HTTP/1.1 503 No\r\nServer: test\r\nSet-Cookie: id=abc; Path=/\r\nContent-Length: 9\r\n\r\n"
      "Back soon"));
  const Observation seen = Visit(server);
  ASSERT_NE(seen.seen, nullptr);
  const model::CheckEvidence& e = *seen.seen;
  EXPECT_EQ(e.status, 503);
  EXPECT_EQ(e.body, "Back soon");
  EXPECT_EQ(e.body_bytes, 9);
  ASSERT_EQ(e.addresses.size(), 1U);
  EXPECT_EQ(e.addresses[0].address, "127.0.0.1");
  EXPECT_EQ(e.addresses[0].outcome, "connected");
  EXPECT_EQ(e.remote_address, "127.0.0.1");
  EXPECT_EQ(e.phases.back().first, "total");
  EXPECT_THAT(Json(seen), HasSubstr(R"(["Server","test"])"));
  EXPECT_THAT(Json(seen), HasSubstr(R"(["Set-Cookie","id=***"])"));
}

TEST_F(EvidenceTest, AGoodCheckLeavesNothingUnlessItIsAskedFor) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("fine")));
  EXPECT_EQ(Visit(server).seen, nullptr);
  bench_.tools.keep_good_evidence = true;
  const Observation seen = Visit(server);
  ASSERT_NE(seen.seen, nullptr);
  EXPECT_EQ(seen.seen->body, "fine");
  EXPECT_EQ(seen.status, Status::kUp);
}

TEST_F(EvidenceTest, RefusedAddressesAreNamed) {
  const net::RefusingPort port;
  const std::string number = std::to_string(port.port());
  const Observation http =
      bench_.Check(R"({"url":"http://127.0.0.1:)" + number + R"(/","retries":1})");
  ASSERT_NE(http.seen, nullptr);
  ASSERT_EQ(http.seen->addresses.size(), 1U);
  EXPECT_EQ(http.seen->addresses[0].outcome, "refused");
  ASSERT_EQ(http.seen->attempts.size(), 1U);
  EXPECT_EQ(http.seen->attempts[0], "connection refused by 127.0.0.1:" + number);
  const Observation tcp =
      bench_.CheckSpec(ParseSpec(R"({"host":"127.0.0.1","port":)" + number + "}"), "tcp");
  ASSERT_NE(tcp.seen, nullptr);
  ASSERT_EQ(tcp.seen->addresses.size(), 1U);
  EXPECT_EQ(tcp.seen->addresses[0].outcome, "refused");
}

TEST_F(EvidenceTest, EveryKindThatConnectsNamesTheAddressThatRefused) {
  const net::RefusingPort port;
  const std::string number = std::to_string(port.port());
  const std::string here = R"("host":"127.0.0.1","port":)" + number;
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"smtp", here},
      {"mqtt", here},
      {"redis", here},
      {"grpc", here},
      {"tls", here},
      {"tcp", here},
      {"game", here + R"(,"game":"minecraft")"},
      {"websocket", R"("url":"ws://127.0.0.1:)" + number + R"(/")"},
      {"dns", R"("host":"shop.test","transport":"tcp","name_server":"127.0.0.1:)" + number + "\""},
  };
  for (const auto& [kind, spec] : rows) {
    const Observation seen = bench_.CheckSpec(ParseSpec("{" + spec + "}"), kind);
    EXPECT_EQ(seen.status, Status::kDown) << kind << ": " << seen.message;
    ASSERT_NE(seen.seen, nullptr) << kind;
    ASSERT_FALSE(seen.seen->addresses.empty()) << kind << ": " << Json(seen);
    EXPECT_EQ(seen.seen->addresses[0].address, "127.0.0.1") << kind;
    EXPECT_EQ(seen.seen->addresses[0].outcome, "refused") << kind;
  }
}

TEST_F(EvidenceTest, TheChainIsKeptWhenItIsWhatIsWrong) {
  const net::TestCertificate own = net::MakeTestCertificate({.common_name = "shop.test"});
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("x")), own.cert_pem, own.key_pem);
  const Observation http = Visit(server);
  ASSERT_NE(http.seen, nullptr);
  ASSERT_EQ(http.seen->chain.size(), 1U);
  EXPECT_EQ(http.seen->chain[0].subject, "CN=shop.test");
  EXPECT_THAT(http.seen->chain[0].fingerprint, HasSubstr("SHA256:"));
  const Observation tls = bench_.CheckSpec(
      ParseSpec(R"({"host":"127.0.0.1","port":)" + std::to_string(server.port()) + "}"), "tls");
  ASSERT_NE(tls.seen, nullptr);
  ASSERT_EQ(tls.seen->chain.size(), 1U);
}

TEST_F(EvidenceTest, RedirectsAreListed) {
  ScriptedServer server([](ScriptedConnection& c) {
    if (c.ReadRequest().empty()) return;
    c.Send(c.index() == 0 ? "HTTP/1.1 302 Found\r\nLocation: /b?token=abc\r\n"
                            "Content-Length: 0\r\n\r\n"
                          : "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
  });
  const Observation seen = Visit(server);
  ASSERT_NE(seen.seen, nullptr);
  ASSERT_EQ(seen.seen->redirects.size(), 1U);
  EXPECT_EQ(seen.seen->redirects[0].location, "/b?token=***");
}

TEST_F(EvidenceTest, ATargetThatEchoesEverythingTellsNoSecret) {
  ScriptedServer server([](ScriptedConnection& c) {
    const std::string request = c.ReadRequest();
    std::string head;
    for (const char ch : request) head += ch == '\r' || ch == '\n' ? ' ' : ch;
    c.Send("HTTP/1.1 500 No\r\nX-Echo: " + head + "\r\nContent-Length: " +
           std::to_string(2 * request.size()) + "\r\n\r\n" + request + request);
  });
  const Observation seen =
      Visit(server,
            R"(,"method":"POST","body":"{\"password\":\"p4ss-w0rd\",\"t\":\"$TOKEN\"}","headers":[
      {"name":"X-Api-Key","value":"l1teral-key"},{"name":"X-Mine","value":"${TOKEN}"},
      {"name":"Cookie","value":"sid=c00kie-value"}],"keyword":"never there")");
  const std::string all = Json(seen) + seen.message + WriteJson(seen.facts);
  for (const char* secret : {"correct-horse", "p4ss-w0rd", "l1teral-key", "c00kie-value"}) {
    EXPECT_THAT(all, Not(HasSubstr(secret)));
    for (const auto& [name, value] : seen.evidence) EXPECT_THAT(value, Not(HasSubstr(secret)));
  }
  EXPECT_THAT(all, HasSubstr("$TOKEN"));
}

TEST_F(EvidenceTest, AHostileTargetDoesNotMakeItLarge) {
  std::string head = "HTTP/1.1 500 No\r\n";
  for (int i = 0; i < 150; ++i) {
    head += "X-" + std::to_string(i) + ": " + std::string(300, '"') + "\r\n";
  }
  ScriptedServer server(ScriptedServer::Answer(head + "Content-Length: 100000\r\n\r\n" +
                                               std::string(100'000, '\x02')));
  const Observation seen = Visit(server);
  ASSERT_NE(seen.seen, nullptr);
  EXPECT_LE(Json(seen).size(), model::kMaxEvidenceBytes);
  EXPECT_EQ(seen.seen->body.find('\x02'), std::string::npos);
}

}  // namespace
}  // namespace pharos::probe
