#include "probe/tls/tls_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/testing/dialer_fixture.h"
#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using testing::HasSubstr;

// A certificate that is good until `left` from the clock's now, as the dialer would report it.
net::DialAnswer Shown(const Clock& clock, Duration left) {
  net::DialAnswer answer = FakeDialer::Said("");
  answer.phases.tls_us = 4000;
  net::PeerCertificate leaf;
  leaf.subject = "CN=shop.test, O=Shop";
  leaf.issuer = "CN=Test CA 7";
  leaf.subject_name = "shop.test";
  leaf.issuer_name = "Test CA 7";
  leaf.serial_number = "0A1B";
  leaf.fingerprint = "SHA256:AB:CD";
  leaf.valid_from = clock.Now() - Days(10);
  leaf.valid_to = clock.Now() + left;
  leaf.names = {"shop.test", "www.shop.test"};
  net::PeerCertificate issuer;
  issuer.subject = issuer.issuer = "CN=Test CA 7";
  issuer.valid_to = clock.Now() + Days(900);
  answer.chain = net::PeerChain{{leaf, issuer}, {}, "TLSv1.3", "TLS_AES_256_GCM_SHA384"};
  return answer;
}

class TlsProbeTest : public testing::Test {
 protected:
  Observation Check(net::DialAnswer answer, const std::string& more = "") {
    dialer_.answers = {std::move(answer)};
    return bench_.CheckSpec(ParseSpec(R"({"host":"shop.test")" + more + "}"), "tls");
  }

  FakeDialer dialer_;
  ProbeBench bench_{dialer_};
};

TEST_F(TlsProbeTest, AsksForWhatTheSpecSays) {
  Check(Shown(bench_.clock, Days(90)),
        R"(,"port":8443,"server_name":"www.shop.test","ip_version":"6","timeout_ms":700)");
  ASSERT_EQ(dialer_.requests.size(), 1u);
  const net::DialRequest& request = dialer_.requests[0];
  EXPECT_EQ(request.transport, net::Transport::kTls);
  EXPECT_EQ(request.host, "shop.test");
  EXPECT_EQ(request.port, 8443);
  EXPECT_EQ(request.ip_version, 6);
  EXPECT_EQ(request.timeout, Milliseconds(700));
  EXPECT_EQ(request.tls.server_name, "www.shop.test");
  EXPECT_EQ(request.tls.now, bench_.clock.Now());
  EXPECT_TRUE(request.send.empty());
  EXPECT_EQ(request.read_limit, 0u);
}

TEST_F(TlsProbeTest, ThresholdsDecide) {
  const struct {
    Duration left;
    const char* more;
    Status status;
    const char* message;
  } rows[] = {
      {Days(90), "", Status::kUp, ""},
      {Hours(168) + Seconds(1), "", Status::kUp, ""},
      {Hours(168), "", Status::kDegraded, "certificate expires in 7 days, on "},
      {Hours(30), "", Status::kDegraded, "certificate expires in 30 hours, on "},
      {Hours(24), "", Status::kDown, "certificate expires in 24 hours, on "},
      {Minutes(5), "", Status::kDown, "certificate expires in less than an hour, on "},
      {Hours(1), R"(,"down_below_hours":0)", Status::kDegraded, "in 1 hour, on "},
      {Days(29), R"(,"degraded_below_hours":720)", Status::kDegraded, "in 29 days"},
      {Days(2), R"(,"degraded_below_hours":0,"down_below_hours":0)", Status::kUp, ""},
  };
  for (const auto& row : rows) {
    const Observation seen = Check(Shown(bench_.clock, row.left), row.more);
    EXPECT_EQ(seen.status, row.status) << row.more;
    EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered);
    EXPECT_THAT(seen.message, HasSubstr(row.message));
    EXPECT_EQ(seen.message.empty(), row.status == Status::kUp);
    EXPECT_EQ(seen.latency_ms, 12.3);
  }
}

TEST_F(TlsProbeTest, FindingsAreDownUnlessSwitchedOff) {
  using net::ChainProblem;
  const struct {
    ChainProblem problem;
    const char* off;  // "" = cannot be switched off
  } rows[] = {
      {ChainProblem::kExpired, ""},
      {ChainProblem::kNotYetValid, ""},
      {ChainProblem::kWrongHost, R"(,"verify_name":false)"},
      {ChainProblem::kSelfSigned, R"(,"verify_chain":false)"},
      {ChainProblem::kUntrustedRoot, R"(,"verify_chain":false)"},
      {ChainProblem::kIncomplete, R"(,"verify_chain":false)"},
      {ChainProblem::kOther, R"(,"verify_chain":false)"},
  };
  for (const auto& row : rows) {
    net::DialAnswer answer = Shown(bench_.clock, Days(90));
    answer.chain->findings = {{row.problem, "it is odd"}};
    const Observation seen = Check(answer);
    EXPECT_EQ(seen.status, Status::kDown);
    EXPECT_EQ(seen.message, "it is odd");
    EXPECT_FALSE(seen.facts.Find("certificate")->BoolOr("is_valid", true));
    if (*row.off != '\0') {
      EXPECT_EQ(Check(answer, row.off).status, Status::kUp);
    }
    EXPECT_EQ(Check(answer, R"(,"verify_name":false,"verify_chain":false)").status,
              *row.off == '\0' ? Status::kDown : Status::kUp);
  }
}

TEST_F(TlsProbeTest, FactsAreThere) {
  const Observation seen = Check(Shown(bench_.clock, Days(41) + Hours(5)));
  EXPECT_EQ(WriteJson(seen.facts),
            R"({"certificate":{"subject":"CN=shop.test, O=Shop","issuer":"CN=Test CA 7",)"
            R"("subject_name":"shop.test","issuer_name":"Test CA 7",)"
            R"("valid_from":"2025-06-05T15:07:00Z","valid_to":"2025-07-26T20:07:00Z",)"
            R"("days_until_expiry":41,"serial_number":"0A1B","fingerprint":"SHA256:AB:CD",)"
            R"("san":["shop.test","www.shop.test"],"is_valid":true,"is_self_signed":false,)"
            R"("matches_host":true,"problems":[]},)"
            R"("chain":[{"subject":"CN=Test CA 7","issuer":"CN=Test CA 7","subject_name":"",)"
            R"("issuer_name":"","valid_from":"1970-01-01T00:00:00Z",)"
            R"("valid_to":"2027-12-02T15:07:00Z","days_until_expiry":900,"serial_number":"",)"
            R"("fingerprint":""}],"protocol":"TLSv1.3","cipher":"TLS_AES_256_GCM_SHA384"})");
  EXPECT_EQ(EvidenceOf(seen, "certificate"), "41 days left, until 2025-07-26T20:07:00Z");
  EXPECT_EQ(EvidenceOf(seen, "chain"), "2 certificates, trusted");
  EXPECT_EQ(seen.code, 41);
  EXPECT_EQ(EvidenceOf(seen, "tls"), "4 ms");
}

TEST_F(TlsProbeTest, FailuresAreToldApart) {
  using net::DialFailure;
  const struct {
    DialFailure failure;
    CheckOutcome outcome;
    Status status;
  } rows[] = {
      {DialFailure::kBlocked, CheckOutcome::kBlocked, Status::kNoData},
      {DialFailure::kOverload, CheckOutcome::kBlind, Status::kNoData},
      {DialFailure::kTimeout, CheckOutcome::kTimeout, Status::kDown},
      {DialFailure::kRefused, CheckOutcome::kAnswered, Status::kDown},
      {DialFailure::kResolve, CheckOutcome::kAnswered, Status::kDown},
      {DialFailure::kTlsHandshake, CheckOutcome::kAnswered, Status::kDown},
      {DialFailure::kBadTarget, CheckOutcome::kError, Status::kDown},
  };
  for (const auto& row : rows) {
    const Observation seen = Check(FakeDialer::Failure(row.failure, "because"));
    EXPECT_EQ(seen.outcome, row.outcome);
    EXPECT_EQ(seen.status, row.status);
    EXPECT_EQ(seen.message, "because");
    EXPECT_FALSE(seen.latency_ms);
    EXPECT_TRUE(seen.facts.IsNull());
  }
}

TEST_F(TlsProbeTest, SlowHandshakesCount) {
  EXPECT_EQ(Check(Shown(bench_.clock, Days(90)), R"(,"degraded_over_ms":10)").message,
            "slow: took 12.3 ms, limit is 10 ms");
}

TEST_F(TlsProbeTest, SpecsAreChecked) {
  const Catalog catalog;
  for (const char* bad :
       {R"({})", R"({"host":""})", R"({"host":"https://shop.test"})", R"({"host":"shop.test:443"})",
        R"({"host":"a b"})", R"({"host":"x","port":0})", R"({"host":"x","port":70000})",
        R"({"host":"x","server_name":"a/b"})",
        R"({"host":"x","degraded_below_hours":1,"down_below_hours":2})",
        R"({"host":"x","ca_pem":"hello"})", R"({"host":"x","down_below_hours":-1})"}) {
    EXPECT_FALSE(catalog.ValidateSpec("tls", ParseSpec(bad))) << bad;
  }
  for (const char* good : {R"({"host":"shop.test"})", R"({"host":"::1","port":8443})",
                           R"({"host":"192.0.2.1","server_name":"shop.test"})"}) {
    EXPECT_TRUE(catalog.ValidateSpec("tls", ParseSpec(good))) << good;
  }
}

TEST_F(TlsProbeTest, WithoutADialerTheServerIsBlind) {
  bench_.tools.dialer = nullptr;
  EXPECT_EQ(Check({}).outcome, CheckOutcome::kBlind);
}

// The whole way, over a socket.
class TlsProbeNetTest : public testing::Test {
 protected:
  TlsProbeNetTest() { bench_.clock.JumpWallTo(SystemClock().Now()); }

  Observation Check(const net::TestCertificate& leaf, const std::string& ca_pem) {
    net::ScriptedServer server([](net::ScriptedConnection& peer) { peer.WaitForClose(); },
                               leaf.cert_pem, leaf.key_pem);
    Value spec;
    spec.Set("host", "127.0.0.1");
    spec.Set("port", static_cast<int>(server.port()));
    spec.Set("ca_pem", ca_pem);
    return bench_.CheckSpec(spec, "tls");
  }

  RealDialer net_;
  ProbeBench bench_{*net_.dialer};
};

TEST_F(TlsProbeNetTest, RealHandshakesAreJudged) {
  const net::TestCertificate ca = net::MakeTestCertificate(
      {.common_name = "Test CA", .names = "", .issuer = nullptr, .is_ca = true});
  const auto leaf = [&](Duration until) {
    return net::MakeTestCertificate({.common_name = "leaf",
                                     .names = "IP:127.0.0.1",
                                     .valid_from = -Days(30),
                                     .valid_until = until,
                                     .issuer = &ca});
  };
  const Observation up = Check(leaf(Days(40)), ca.cert_pem);
  EXPECT_EQ(up.status, Status::kUp) << up.message;
  EXPECT_EQ(up.facts.Find("certificate")->IntOr("days_until_expiry", 0), 39);
  EXPECT_EQ(up.facts.Find("certificate")->StringOr("issuer_name", ""), "Test CA");
  EXPECT_TRUE(up.latency_ms);

  EXPECT_EQ(Check(leaf(Days(3)), ca.cert_pem).status, Status::kDegraded);
  const Observation expired = Check(leaf(-Days(1)), ca.cert_pem);
  EXPECT_EQ(expired.status, Status::kDown);
  EXPECT_THAT(expired.message, HasSubstr("certificate expired on 2"));
  const Observation untrusted = Check(leaf(Days(40)), "");
  EXPECT_EQ(untrusted.status, Status::kDown);
  EXPECT_THAT(untrusted.message, HasSubstr("chain is incomplete"));
  EXPECT_TRUE(untrusted.facts.Find("certificate"));
}

TEST_F(TlsProbeNetTest, NobodyThereIsDown) {
  const net::RefusingPort nobody;
  Value spec;
  spec.Set("host", "127.0.0.1");
  spec.Set("port", static_cast<int>(nobody.port()));
  const Observation seen = bench_.CheckSpec(spec, "tls");
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_THAT(seen.message, HasSubstr("connection refused by 127.0.0.1:"));
}

}  // namespace
}  // namespace pharos::probe
