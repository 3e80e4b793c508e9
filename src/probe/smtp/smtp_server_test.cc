#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "net/testing/test_certificate.h"
#include "probe/testing/child_process.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::Status;
using testing::HasSubstr;

// Kind smtp against a mail server that others wrote: aiosmtpd.
TEST(SmtpServer, ARealServerIsJudged) {
  const net::TestCertificate leaf = net::MakeTestCertificate({.valid_until = Days(60)});
  const TempDirectory home;
  const uint16_t port = FreePort();
  // A copy, since the tree may be unreadable for the user that the server runs as.
  std::ifstream script(PHAROS_SOURCE_DIR "/src/probe/testing/smtp_server.py");
  std::stringstream text;
  text << script.rdbuf();
  ChildProcess server({"/usr/bin/python3", home.Write("server.py", text.str()),
                       std::to_string(port), home.Write("chain.pem", leaf.cert_pem),
                       home.Write("key.pem", leaf.key_pem)});
  ASSERT_NE(server.WaitForLine("listening"), "") << server.Output();
  RealDialer net;
  ProbeBench bench(*net.dialer);
  const SystemClock clock;
  bench.tools.clock = &clock;
  const struct {
    const char* more;
    Status status;
    const char* message;
  } rows[] = {
      {R"({})", Status::kUp, ""},
      {R"({"greeting":"mail.test ready","capabilities":["SIZE","STARTTLS"]})", Status::kUp, ""},
      {R"({"capabilities":["CHUNKING"]})", Status::kDown, "the server does not offer CHUNKING"},
      {R"({"security":"starttls"})", Status::kUp, ""},
      {R"({"security":"starttls","user":"ada","password":"correct-horse"})", Status::kUp, ""},
      {R"({"security":"starttls","user":"ada","password":"wrong-horse"})", Status::kDown,
       "the server refuses the user or the password: 535 5.7.8 Authentication credentials"},
      {R"({"security":"starttls","ca_pem":""})", Status::kDown, "self-signed"},
      {R"({"security":"tls"})", Status::kDown, "does not speak TLS"},
  };
  for (const auto& row : rows) {
    Value spec = ParseSpec(row.more);
    spec.Set("host", "127.0.0.1");
    spec.Set("port", static_cast<int>(port));
    if (spec.Find("ca_pem") == nullptr) spec.Set("ca_pem", leaf.cert_pem);
    const Observation seen = bench.CheckSpec(spec, "smtp");
    EXPECT_EQ(seen.status, row.status) << row.more << seen.message;
    EXPECT_THAT(seen.message, HasSubstr(row.message)) << row.more;
  }
}

}  // namespace
}  // namespace pharos::probe
