#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <utility>

#include "net/testing/client_fixture.h"
#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"

namespace pharos::net {
namespace {

using testing::HasSubstr;

class HttpTlsTest : public ClientFixture {
 protected:
  static ScriptedServer::Script Hello() {
    return ScriptedServer::Answer(ScriptedServer::Ok("secure"));
  }
};

TEST_F(HttpTlsTest, RefusesSelfSignedUnlessTold) {
  const TestCertificate certificate = MakeTestCertificate();
  ScriptedServer server(Hello(), certificate.cert_pem, certificate.key_pem);
  HttpRequest request;
  request.url = server.Url();
  const HttpAnswer refused = Fetch(request);
  EXPECT_EQ(refused.failure, HttpFailure::kTlsVerify) << refused.message;
  EXPECT_THAT(refused.message, HasSubstr("self-signed certificate"));
  ASSERT_TRUE(refused.certificate);  // its dates are still of interest
  EXPECT_EQ(refused.certificate->subject, "CN=test");

  request.tls.verify = false;
  const HttpAnswer accepted = Fetch(request);
  EXPECT_EQ(accepted.failure, HttpFailure::kNone) << accepted.message;
  EXPECT_EQ(accepted.body, "secure");
  EXPECT_GT(accepted.phases.tls_us, 0);
  EXPECT_TRUE(accepted.certificate);
}

TEST_F(HttpTlsTest, ReadsCertificateFacts) {
  const TestCertificate ca = MakeTestCertificate(
      {.common_name = "Test CA", .names = "", .issuer = nullptr, .is_ca = true});
  const TestCertificate leaf =
      MakeTestCertificate({.common_name = "leaf", .valid_until = Days(30), .issuer = &ca});
  ScriptedServer server(Hello(), leaf.cert_pem, leaf.key_pem);
  HttpRequest request;
  request.url = server.Url();
  request.tls.ca_pem = ca.cert_pem;
  for (int i = 0; i < 2; ++i) {  // the second time from the cache of stores
    const HttpAnswer answer = Fetch(request);
    ASSERT_EQ(answer.failure, HttpFailure::kNone) << answer.message;
    ASSERT_TRUE(answer.certificate);
    EXPECT_EQ(answer.certificate->subject, "CN=leaf");
    EXPECT_EQ(answer.certificate->issuer, "CN=Test CA");
    const Duration validity = answer.certificate->not_after - answer.certificate->not_before;
    EXPECT_NEAR(validity / Hours(1), 30 * 24 + 1, 1);
  }
  // The extra anchor holds for that request only.
  request.tls.ca_pem.clear();
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kTlsVerify);
  request.tls.ca_pem = "no certificate";
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kTlsHandshake);
}

TEST_F(HttpTlsTest, RefusesExpiredAndNotYetValid) {
  for (const auto& [from, until] : {std::pair{-Days(10), -Days(1)}, std::pair{Days(1), Days(2)}}) {
    const TestCertificate certificate =
        MakeTestCertificate({.valid_from = from, .valid_until = until});
    ScriptedServer server(Hello(), certificate.cert_pem, certificate.key_pem);
    HttpRequest request;
    request.url = server.Url();
    request.tls.ca_pem = certificate.cert_pem;
    const HttpAnswer answer = Fetch(request);
    EXPECT_EQ(answer.failure, HttpFailure::kTlsVerify) << answer.message;
    EXPECT_THAT(answer.message, HasSubstr(until < Duration() ? "expired" : "not yet valid"));
    ASSERT_TRUE(answer.certificate);
  }
}

TEST_F(HttpTlsTest, ChecksTheHostName) {
  const TestCertificate certificate = MakeTestCertificate({.names = "DNS:right.test"});
  ScriptedServer server(Hello(), certificate.cert_pem, certificate.key_pem);
  HttpRequest request;
  request.url = server.Url();
  request.tls.ca_pem = certificate.cert_pem;
  const HttpAnswer wrong = Fetch(request);
  EXPECT_EQ(wrong.failure, HttpFailure::kTlsVerify);
  EXPECT_EQ(wrong.message, "the certificate is not for 127.0.0.1");

  request.tls.server_name = "right.test";
  const HttpAnswer right = Fetch(request);
  EXPECT_EQ(right.failure, HttpFailure::kNone) << right.message;
  EXPECT_THAT(server.Requests().back(),
              HasSubstr("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  EXPECT_EQ(right.final_url, server.Url());
  request.tls.server_name = "wrong.test";
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kTlsVerify);
}

TEST_F(HttpTlsTest, RefusesPlainTextAndOldVersions) {
  ScriptedServer plain([](ScriptedConnection& connection) {
    connection.Send("HTTP/1.1 400 this is not TLS\r\n\r\n");
    connection.WaitForClose();
  });
  const HttpAnswer answer = Fetch("https://127.0.0.1:" + std::to_string(plain.port()) + "/");
  EXPECT_EQ(answer.failure, HttpFailure::kTlsHandshake) << answer.message;

  const TestCertificate certificate = MakeTestCertificate();
  ScriptedServer server(Hello(), certificate.cert_pem, certificate.key_pem);
  HttpRequest request;
  request.url = server.Url();
  request.tls.ca_pem = certificate.cert_pem;
  for (const char* version : {"", "1.2", "1.3"}) {
    request.tls.min_version = version;
    EXPECT_EQ(Fetch(request).failure, HttpFailure::kNone) << version;
  }
}

TEST_F(HttpTlsTest, ClosedDuringTheHandshakeIsAReset) {
  ScriptedServer server([](ScriptedConnection& connection) { connection.Reset(); });
  const HttpAnswer answer = Fetch("https://127.0.0.1:" + std::to_string(server.port()) + "/");
  EXPECT_EQ(answer.failure, HttpFailure::kReset) << answer.message;
}

TEST_F(HttpTlsTest, SilenceInTheHandshakeTimesOut) {
  ScriptedServer server([](ScriptedConnection& connection) { connection.WaitForClose(); });
  HttpRequest request;
  request.url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
  request.timeout = Milliseconds(1500);
  const HttpAnswer answer = Fetch(request);
  EXPECT_EQ(answer.failure, HttpFailure::kTimeout);
  EXPECT_THAT(answer.message, HasSubstr("TLS handshake"));
  EXPECT_GT(answer.phases.connect_us, 0);
  EXPECT_EQ(answer.phases.tls_us, -1);
}

TEST_F(HttpTlsTest, SendsTheClientCertificate) {
  const TestCertificate certificate = MakeTestCertificate();
  const TestCertificate client = MakeTestCertificate({.common_name = "client"});
  ScriptedServer server(Hello(), certificate.cert_pem, certificate.key_pem);
  HttpRequest request;
  request.url = server.Url();
  request.tls.ca_pem = certificate.cert_pem;
  request.tls.client_cert_pem = client.cert_pem;
  request.tls.client_key_pem = client.key_pem;
  EXPECT_EQ(Fetch(request).failure, HttpFailure::kNone);
  request.tls.client_key_pem = certificate.key_pem;  // not the key of that certificate
  const HttpAnswer mismatched = Fetch(request);
  EXPECT_EQ(mismatched.failure, HttpFailure::kTlsHandshake) << mismatched.message;
  EXPECT_THAT(mismatched.message, HasSubstr("client certificate"));
}

TEST_F(HttpTlsTest, WithoutABundleNothingVerifies) {
  settings_.ca_bundle = "/nonexistent/bundle.crt";
  const TestCertificate certificate = MakeTestCertificate();
  ScriptedServer server(Hello(), certificate.cert_pem, certificate.key_pem);
  EXPECT_EQ(Fetch(server.Url()).failure, HttpFailure::kTlsVerify);
}

// A handshake checks against the shared store; reading the bundle for each one would take 20 ms of
// processor time.
TEST_F(HttpTlsTest, DoesNotReadTheBundleForEachConnection) {
  const TestCertificate certificate = MakeTestCertificate();
  ScriptedServer server(Hello(), certificate.cert_pem, certificate.key_pem);
  HttpRequest request;
  request.url = server.Url();
  request.tls.ca_pem = certificate.cert_pem;
  Fetch(request);
  const std::clock_t before = std::clock();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Fetch(request).failure, HttpFailure::kNone);
  const double ms_each = 1000.0 * static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC / 20;
  RecordProperty("cpu_ms_per_handshake_both_sides", std::to_string(ms_each));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(ms_each, 12.0);
#endif
}

}  // namespace
}  // namespace pharos::net
