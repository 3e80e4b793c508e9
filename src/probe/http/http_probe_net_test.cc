// The http kind against real servers on the loopback interface.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/testing/scripted_dns.h"
#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using net::ScriptedConnection;
using net::ScriptedServer;
using testing::HasSubstr;

std::string WithStatus(std::string_view status, std::string_view more = "") {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 0\r\n" + std::string(more) +
         "\r\n";
}

class HttpProbeNetTest : public testing::Test {
 protected:
  HttpProbeNetTest() {
    bench_.clock.JumpWallTo(SystemClock().Now());
    dns_answer_.not_found = true;
  }

  Observation Check(const std::string& url, std::string_view members = "") {
    Value spec = ParseSpec("{" + std::string(members) + "}");
    spec.Set("url", url);
    return bench_.CheckSpec(spec);
  }
  Observation CheckAnswer(const std::string& answer, std::string_view members = "") {
    ScriptedServer server(ScriptedServer::Answer(answer));
    return Check(server.Url(), members);
  }

  net::ScriptedDns::Answer dns_answer_;
  net::ScriptedDns dns_{[this](const std::string&) { return dns_answer_; }};
  RealClient real_{{dns_.Address()}};
  ProbeBench bench_{*real_.client};
};

TEST_F(HttpProbeNetTest, GoodAnswerIsUpWithLatencyAndEvidence) {
  const Observation seen = CheckAnswer(ScriptedServer::Ok("hello"));
  EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered);
  EXPECT_EQ(seen.status, Status::kUp);
  EXPECT_EQ(seen.message, "");
  ASSERT_TRUE(seen.latency_ms);
  EXPECT_GT(*seen.latency_ms, 0);
  EXPECT_EQ(EvidenceOf(seen, "status"), "200");
  EXPECT_EQ(EvidenceOf(seen, "body"), "5 bytes");
  EXPECT_EQ(EvidenceOf(seen, "remote address"), "127.0.0.1");
  EXPECT_EQ(EvidenceOf(seen, "connection"), "new");
  EXPECT_NE(EvidenceOf(seen, "connect"), "-");
  EXPECT_NE(EvidenceOf(seen, "first byte"), "-");
}

TEST_F(HttpProbeNetTest, StatusDecides) {
  EXPECT_EQ(CheckAnswer(WithStatus("429 Too Many Requests")).status, Status::kUp);
  EXPECT_EQ(CheckAnswer(WithStatus("304 Not Modified")).status, Status::kUp);
  const Observation seen = CheckAnswer(WithStatus("503 Service Unavailable"));
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered);
  EXPECT_EQ(seen.message, "HTTP 503");
  EXPECT_EQ(CheckAnswer(WithStatus("401 Unauthorized"), R"("expected_status":"401")").status,
            Status::kUp);
}

TEST_F(HttpProbeNetTest, RefusedConnectionIsDown) {
  std::string url;
  {
    ScriptedServer gone([](ScriptedConnection&) {});
    url = gone.Url();
  }
  const Observation seen = Check(url);
  EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_THAT(seen.message, HasSubstr("refused"));
}

TEST_F(HttpProbeNetTest, NameThatDoesNotExistIsDown) {
  const Observation seen = Check("http://shop.example.test/");
  EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(EvidenceOf(seen, "failure"), net::HttpFailureName(net::HttpFailure::kResolve));
}

TEST_F(HttpProbeNetTest, SilenceIsATimeout) {
  ScriptedServer server([](ScriptedConnection& connection) { connection.WaitForClose(); });
  const Observation seen = Check(server.Url(), R"("timeout_ms":200)");
  EXPECT_EQ(seen.outcome, CheckOutcome::kTimeout);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.message, "Request timed out");
}

TEST_F(HttpProbeNetTest, MetadataAddressIsBlockedAndNotDown) {
  const Observation seen = Check("http://169.254.169.254/latest/");
  EXPECT_EQ(seen.outcome, CheckOutcome::kBlocked);
  EXPECT_EQ(seen.status, Status::kNoData);
  EXPECT_THAT(seen.message, HasSubstr("169.254.169.254"));
}

TEST_F(HttpProbeNetTest, CertificateIsVerifiedUnlessTheSpecSaysOtherwise) {
  const net::TestCertificate own = net::MakeTestCertificate();
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("x")), own.cert_pem, own.key_pem);
  Observation seen = Check(server.Url());
  EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_THAT(seen.message, HasSubstr("certificate"));

  seen = Check(server.Url(), R"("verify_tls":false)");
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_NE(EvidenceOf(seen, "tls"), "-");
}

TEST_F(HttpProbeNetTest, OwnAuthorityAndServerName) {
  const net::TestCertificate ca = net::MakeTestCertificate({.common_name = "ca", .is_ca = true});
  const net::TestCertificate leaf = net::MakeTestCertificate(
      {.names = "DNS:inner.test", .valid_until = Hours(24 * 9 + 1), .issuer = &ca});
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("x")), leaf.cert_pem,
                        leaf.key_pem);
  Value spec = ParseSpec(R"({"tls_server_name":"inner.test","tls_min_version":"1.3"})");
  spec.Set("url", server.Url());
  spec.Set("ca_pem", ca.cert_pem);
  Observation seen = bench_.CheckSpec(spec);
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_THAT(EvidenceOf(seen, "certificate"), HasSubstr("9 days left"));

  spec.Set("tls_server_name", "another.test");
  EXPECT_EQ(bench_.CheckSpec(spec).status, Status::kDown);
}

TEST_F(HttpProbeNetTest, ExpiredCertificateIsDown) {
  const net::TestCertificate old =
      net::MakeTestCertificate({.valid_from = -Hours(72), .valid_until = -Hours(36)});
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("x")), old.cert_pem, old.key_pem);
  Value spec = ParseSpec("{}");
  spec.Set("url", server.Url());
  spec.Set("ca_pem", old.cert_pem);
  const Observation seen = bench_.CheckSpec(spec);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_THAT(seen.message, HasSubstr("expired"));
  EXPECT_THAT(EvidenceOf(seen, "certificate"), HasSubstr("expired on"));
}

TEST_F(HttpProbeNetTest, RedirectsAreFollowedAndTheLastAnswerCounts) {
  ScriptedServer server([](ScriptedConnection& connection) {
    const std::string request = connection.ReadRequest();
    const bool first = request.starts_with("GET /start ");
    connection.Send(first ? WithStatus("302 Found", "Location: /end\r\n")
                          : WithStatus("503 Service Unavailable"));
  });
  Observation seen = Check(server.Url("/start"));
  EXPECT_EQ(seen.message, "HTTP 503");
  EXPECT_EQ(EvidenceOf(seen, "redirects"), "1");
  EXPECT_EQ(EvidenceOf(seen, "final url"), server.Url("/end"));
  for (const char* members : {R"("follow_redirects":false)", R"("max_redirects":0)"}) {
    seen = Check(server.Url("/start"), members);
    EXPECT_EQ(seen.status, Status::kUp);
    EXPECT_EQ(EvidenceOf(seen, "status"), "302");
  }
}

TEST_F(HttpProbeNetTest, MethodHeadersAndBodyAreSent) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("x")));
  bench_.tools.secrets = [](std::string_view name) {
    return name == "KEY" ? std::optional<std::string>("k-123") : std::nullopt;
  };
  Check(server.Url("/in?q=$KEY"),
        R"("method":"PATCH","body":"{\"a\":1}","headers":[{"name":"X-Key","value":"$KEY"}])");
  ASSERT_EQ(server.Requests().size(), 1u);
  const std::string request = server.Requests()[0];
  EXPECT_THAT(request, testing::StartsWith("PATCH /in?q=k-123 HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Key: k-123\r\n"));
  EXPECT_THAT(request, testing::EndsWith("\r\n\r\n{\"a\":1}"));
}

TEST_F(HttpProbeNetTest, HeadHasNoBodyToWaitFor) {
  const Observation seen =
      CheckAnswer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", R"("method":"HEAD")");
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
}

TEST_F(HttpProbeNetTest, ConditionsOnTheBody) {
  const std::string answer =
      ScriptedServer::Ok(R"({"status":"ok","queue":3})", "Content-Type: application/json\r\n");
  EXPECT_EQ(CheckAnswer(answer, R"("keyword":"\"ok\"","keyword_absent":"error",
      "body_regex":"queue\":[0-9]","header_checks":[{"name":"content-type","op":"contains",
      "value":"json"}],"json_checks":[{"path":"$.status","op":"equals","value":"ok"},
      {"path":"$.queue","op":"less","value":10}])")
                .message,
            "");
  EXPECT_EQ(
      CheckAnswer(answer, R"("json_checks":[{"path":"$.queue","op":"less","value":3}])").message,
      "JSON $.queue is 3, expected less than 3");
}

TEST_F(HttpProbeNetTest, RetriesUntilTheTargetIsBack) {
  ScriptedServer server([](ScriptedConnection& connection) {
    if (connection.index() == 0) return connection.Reset();
    if (connection.ReadRequest().empty()) return;
    connection.Send(connection.index() == 1 ? WithStatus("500 Oh") : WithStatus("204 Fine"));
  });
  const Observation seen = Check(server.Url(), R"("retries":3)");
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_EQ(EvidenceOf(seen, "attempts"), "3 of 4");
  EXPECT_EQ(server.ConnectionCount(), 3u);
}

// Architecture D22.
TEST_F(HttpProbeNetTest, EveryCheckOpensAConnectionUnlessTheSpecAllowsToKeepIt) {
  ScriptedServer server([](ScriptedConnection& connection) {
    while (!connection.ReadRequest().empty()) connection.Send(ScriptedServer::Ok("x"));
  });
  Check(server.Url());
  Check(server.Url());
  EXPECT_EQ(server.ConnectionCount(), 2u);
  Check(server.Url(), R"("reuse_connection":true)");
  const Observation seen = Check(server.Url(), R"("reuse_connection":true)");
  EXPECT_EQ(server.ConnectionCount(), 3u);
  EXPECT_EQ(EvidenceOf(seen, "connection"), "kept from an earlier check");
}

}  // namespace
}  // namespace pharos::probe
