// Health checks against a real gRPC server and against servers that break its rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "net/testing/dialer_fixture.h"
#include "net/testing/h2_script.h"
#include "net/testing/test_certificate.h"
#include "probe/testing/child_process.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using net::H2Answer;
using net::H2Data;
using net::H2Frame;
using net::H2Headers;
using net::H2Make;
using net::H2Number;
using net::ScriptedConnection;
using net::ScriptedServer;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Fields = std::vector<std::pair<std::string, std::string>>;

// One server for the whole binary.
class HealthServer {
 public:
  HealthServer()
      : ca_(net::MakeTestCertificate({.common_name = "test CA", .names = "", .is_ca = true})),
        own_(net::MakeTestCertificate({.common_name = "localhost", .issuer = &ca_})),
        server_({"/usr/bin/python3", CopyOfScript(), directory_.Write("cert.pem", own_.cert_pem),
                 directory_.Write("key.pem", own_.key_pem)}) {
    const std::string line = server_.WaitForLine("ports ");
    EXPECT_EQ(std::sscanf(line.c_str(), "ports %d %d %d", &plain_, &tls_, &bare_), 3)
        << "python3-grpcio is needed (packages.txt): " << server_.Output();
  }
  int plain() const { return plain_; }
  int tls() const { return tls_; }
  int bare() const { return bare_; }
  const std::string& ca_pem() const { return ca_.cert_pem; }

 private:
  // The tree may be unreadable for the user that the server runs as.
  std::string CopyOfScript() const {
    std::ifstream file(std::string(PHAROS_SOURCE_DIR) + "/src/probe/testing/grpc_health_server.py");
    std::stringstream text;
    text << file.rdbuf();
    return directory_.Write("server.py", text.str());
  }

  TempDirectory directory_;
  net::TestCertificate ca_;
  net::TestCertificate own_;
  ChildProcess server_;
  int plain_ = 0;
  int tls_ = 0;
  int bare_ = 0;
};

const HealthServer& TheServer() {
  static const HealthServer server;
  return server;
}

class GrpcServerTest : public testing::Test {
 protected:
  static Value Spec(int port, std::string_view service = "") {
    Value spec;
    spec.Set("host", "127.0.0.1");
    spec.Set("port", port);
    spec.Set("service", service);
    return spec;
  }

  Observation Check(const Value& spec) {
    ProbeBench bench(*client_.client);
    bench.tools.secrets = [](std::string_view name) -> std::optional<std::string> {
      if (name == "TOKEN") return "open-sesame";
      if (name == "WRONG_TOKEN") return "close-sesame";
      return std::nullopt;
    };
    return bench.CheckSpec(spec, "grpc");
  }
  Observation CheckScripted(ScriptedServer::Script script, int64_t timeout_ms = 5000) {
    ScriptedServer server(std::move(script));
    Value spec = Spec(server.port());
    spec.Set("timeout_ms", timeout_ms);
    return Check(spec);
  }

  RealClient client_;
};

TEST_F(GrpcServerTest, StatusesOfTheProtocol) {
  const struct {
    const char* service;
    Status status;
    CheckOutcome outcome;
    const char* message;
  } rows[] = {
      {"", Status::kUp, CheckOutcome::kAnswered, ""},
      {"up", Status::kUp, CheckOutcome::kAnswered, ""},
      {"with-more", Status::kUp, CheckOutcome::kAnswered, ""},
      {"down", Status::kDown, CheckOutcome::kAnswered, "Service status: NOT_SERVING"},
      {"unknown", Status::kDegraded, CheckOutcome::kAnswered, "Service status: UNKNOWN"},
      {"explicit-zero", Status::kDegraded, CheckOutcome::kAnswered, "Service status: UNKNOWN"},
      {"unlisted", Status::kDegraded, CheckOutcome::kAnswered, "Service status: SERVICE_UNKNOWN"},
      {"new", Status::kDegraded, CheckOutcome::kAnswered, "Service status: 7"},
      {"absent", Status::kDown, CheckOutcome::kError,
       "server does not know the service absent: unknown service"},
      {"odd-text", Status::kDown, CheckOutcome::kError,
       "UNAVAILABLE: 50% of the caf\u00e9 is closed"},
      {"garbage", Status::kDown, CheckOutcome::kError, "the answer is not a health check's"},
      {"code-1", Status::kDown, CheckOutcome::kError, "CANCELLED: on purpose"},
      {"code-2", Status::kDown, CheckOutcome::kError, "UNKNOWN: on purpose"},
      {"code-3", Status::kDown, CheckOutcome::kError, "INVALID_ARGUMENT: on purpose"},
      {"code-4", Status::kDown, CheckOutcome::kTimeout, "Request timed out"},
      {"code-6", Status::kDown, CheckOutcome::kError, "ALREADY_EXISTS: on purpose"},
      {"code-7", Status::kDown, CheckOutcome::kError, "PERMISSION_DENIED: on purpose"},
      {"code-8", Status::kDown, CheckOutcome::kError, "RESOURCE_EXHAUSTED: on purpose"},
      {"code-9", Status::kDown, CheckOutcome::kError, "FAILED_PRECONDITION: on purpose"},
      {"code-10", Status::kDown, CheckOutcome::kError, "ABORTED: on purpose"},
      {"code-11", Status::kDown, CheckOutcome::kError, "OUT_OF_RANGE: on purpose"},
      {"code-12", Status::kDown, CheckOutcome::kError,
       "server does not offer the health service: on purpose"},
      {"code-13", Status::kDown, CheckOutcome::kError, "INTERNAL: on purpose"},
      {"code-15", Status::kDown, CheckOutcome::kError, "DATA_LOSS: on purpose"},
  };
  for (const auto& row : rows) {
    const Observation seen = Check(Spec(TheServer().plain(), row.service));
    EXPECT_EQ(seen.status, row.status) << row.service << ": " << seen.message;
    EXPECT_EQ(seen.outcome, row.outcome) << row.service;
    EXPECT_EQ(seen.message, row.message) << row.service;
    EXPECT_EQ(seen.latency_ms.has_value(), row.outcome == CheckOutcome::kAnswered) << row.service;
  }
}

TEST_F(GrpcServerTest, UpWithPhasesAndCode) {
  const Observation seen = Check(Spec(TheServer().plain()));
  EXPECT_EQ(EvidenceOf(seen, "http version"), "2");
  EXPECT_EQ(EvidenceOf(seen, "grpc status"), "0 OK");
  for (const char* phase : {"connect", "first byte", "total"}) {
    EXPECT_THAT(EvidenceOf(seen, phase), HasSubstr(" ms")) << phase;
  }
  EXPECT_EQ(Check(Spec(TheServer().plain(), "absent")).code, 5);
}

TEST_F(GrpcServerTest, AServerWithoutTheHealthService) {
  const Observation seen = Check(Spec(TheServer().bare()));
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_THAT(seen.message, StartsWith("server does not offer the health service"));
}

TEST_F(GrpcServerTest, MetadataCarriesSecretsThatNobodySees) {
  Value spec = Spec(TheServer().plain(), "guarded");
  EXPECT_EQ(Check(spec).message, "UNAUTHENTICATED: you sent nothing");
  spec.Set("metadata", *ParseJson(R"([{"name":"authorization","value":"Bearer $TOKEN"}])"));
  EXPECT_EQ(Check(spec).status, Status::kUp);
  spec.Set("metadata", *ParseJson(R"([{"name":"authorization","value":"Bearer $WRONG_TOKEN"}])"));
  const Observation seen = Check(spec);
  EXPECT_THAT(seen.message, StartsWith("UNAUTHENTICATED: you sent "));
  EXPECT_THAT(seen.message, Not(HasSubstr("close-sesame")));
  for (const auto& [name, value] : seen.evidence)
    EXPECT_THAT(value, Not(HasSubstr("close-sesame")));
}

TEST_F(GrpcServerTest, TimeOut) {
  Value spec = Spec(TheServer().plain(), "slow");
  spec.Set("timeout_ms", 300);
  const Observation seen = Check(spec);
  EXPECT_EQ(seen.outcome, CheckOutcome::kTimeout);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.message, "Request timed out");
}

TEST_F(GrpcServerTest, Refused) {
  const net::RefusingPort port;
  const Observation seen = Check(Spec(port.port()));
  EXPECT_EQ(seen.outcome, CheckOutcome::kError);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.message, "connection refused by 127.0.0.1:" + std::to_string(port.port()));
}

TEST_F(GrpcServerTest, TlsIsVerifiedUnlessSwitchedOff) {
  Value spec = Spec(TheServer().tls());
  spec.Set("tls", true);
  Observation seen = Check(spec);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.outcome, CheckOutcome::kError);
  EXPECT_THAT(seen.message, StartsWith("the certificate of 127.0.0.1 is not valid: "));
  spec.Set("ca_pem", TheServer().ca_pem());
  seen = Check(spec);
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_EQ(EvidenceOf(seen, "http version"), "2");
  EXPECT_THAT(EvidenceOf(seen, "tls"), HasSubstr(" ms"));
  spec.Set("tls_server_name", "other.example");
  seen = Check(spec);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.message, "the certificate is not for other.example");
  spec.Set("verify_tls", false);
  EXPECT_EQ(Check(spec).status, Status::kUp);
  // Plain text to a port that wants TLS.
  EXPECT_EQ(Check(Spec(TheServer().tls())).status, Status::kDown);
}

TEST_F(GrpcServerTest, ServersThatBreakTheRules) {
  const Fields head = {{":status", "200"}, {"content-type", "application/grpc"}};
  const Fields end = {{"grpc-status", "0"}};
  const std::string up("\0\0\0\0\x02\x08\x01", 7);
  const std::string whole = H2Headers(head, false) + H2Data(up, false) + H2Headers(end, true);
  const struct {
    const char* what;
    std::string bytes;
    const char* message;  // how it begins; "" = up
  } rows[] = {
      {"all is well", whole, ""},
      {"authority and content type with a suffix",
       H2Headers({{":status", "200"}, {"content-type", "application/grpc+proto"}}, false) +
           H2Data(up, false) + H2Headers(end, true),
       ""},
      {"no trailers", H2Headers(head, false) + H2Data(up, true),
       "the answer ends without a gRPC status"},
      {"message cut off",
       H2Headers(head, false) + H2Data(up.substr(0, 6), false) + H2Headers(end, true),
       "the answer is cut off: 1 of 2 bytes came"},
      {"no message", H2Headers(head, false) + H2Headers(end, true), "the answer holds no message"},
      {"compressed",
       H2Headers(head, false) + H2Data(std::string("\1\0\0\0\x02\x08\x01", 7), false) +
           H2Headers(end, true),
       "the answer is compressed, which nobody asked for"},
      {"status that is no number",
       H2Headers(head, false) + H2Headers({{"grpc-status", "fine"}}, true),
       "the gRPC status of the answer is not a number"},
      {"unknown status", H2Headers(head, false) + H2Headers({{"grpc-status", "99"}}, true),
       "status 99"},
      {"web page",
       H2Headers({{":status", "200"}, {"content-type", "text/html"}}, false) +
           H2Data("<html>", true),
       "the server does not speak gRPC: content type text/html"},
      {"not found by a router", H2Headers({{":status", "404"}}, true),
       "the server answered with HTTP status 404, not with gRPC"},
      {"too large",
       H2Headers(head, false) + H2Data(std::string(16000, 'x'), false) +
           H2Data(std::string(16000, 'x'), false) + H2Data(std::string(16000, 'x'), false) +
           H2Headers(end, true),
       "the body is larger than 32768 bytes"},
      {"stream reset", H2Headers(head, false) + H2Make(H2Frame::kReset, 0, 1, H2Number(2)),
       "HTTP/2 stream 1 was not closed cleanly: INTERNAL_ERROR"},
      {"stream refused", H2Make(H2Frame::kReset, 0, 1, H2Number(7)),
       "the server refuses the stream"},
      {"goodbye", H2Make(H2Frame::kGoAway, 0, 0, H2Number(0) + H2Number(11)),
       "the HTTP/2 conversation broke: "},
      {"garbage for frames", std::string(60, '\xff'), "?"},
  };
  for (const auto& row : rows) {
    const Observation seen = CheckScripted(H2Answer(row.bytes), 3000);
    const bool is_up = *row.message == '\0';
    EXPECT_EQ(seen.status, is_up ? Status::kUp : Status::kDown) << row.what << seen.message;
    if (*row.message == '?') {
      EXPECT_NE(seen.message, "") << row.what;
      EXPECT_EQ(seen.outcome, CheckOutcome::kError) << row.what << ": " << seen.message;
    } else {
      EXPECT_THAT(seen.message, StartsWith(row.message)) << row.what;
    }
  }
}

TEST_F(GrpcServerTest, AServerOfHttp1) {
  const Observation seen = CheckScripted([](ScriptedConnection& connection) {
    connection.ReadBytes(24);
    connection.Send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    connection.WaitForClose();
  });
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.outcome, CheckOutcome::kError);
  EXPECT_NE(seen.message, "");
}

TEST_F(GrpcServerTest, ASilentServerIsATimeOut) {
  const Observation seen =
      CheckScripted([](ScriptedConnection& connection) { connection.WaitForClose(); }, 300);
  EXPECT_EQ(seen.outcome, CheckOutcome::kTimeout);
  EXPECT_EQ(seen.message, "Request timed out");
}

TEST_F(GrpcServerTest, AServerThatHangsUp) {
  const Observation seen =
      CheckScripted([](ScriptedConnection& connection) { net::H2ReadRequest(connection); });
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.outcome, CheckOutcome::kError);
}

TEST_F(GrpcServerTest, BlockedByThePolicyIsNoDowntime) {
  FakeHttpClient blocked;
  blocked.answers = {FakeHttpClient::Failure(net::HttpFailure::kBlocked, "127.0.0.1 is private")};
  ProbeBench bench(blocked);
  const Observation seen = bench.CheckSpec(Spec(1), "grpc");
  EXPECT_EQ(seen.outcome, CheckOutcome::kBlocked);
  EXPECT_EQ(seen.status, Status::kNoData);
  EXPECT_TRUE(blocked.requests[0].http2);
}

}  // namespace
}  // namespace pharos::probe
