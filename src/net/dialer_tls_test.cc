#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "net/dialer.h"
#include "net/testing/dialer_fixture.h"
#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"

namespace pharos::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DialerTlsTest : public DialerFixture {
 protected:
  DialerTlsTest()
      : ca_(MakeTestCertificate(
            {.common_name = "Test CA", .names = "", .issuer = nullptr, .is_ca = true})) {}

  static std::vector<ChainProblem> Problems(const PeerChain& chain) {
    std::vector<ChainProblem> problems;
    for (const auto& finding : chain.findings) problems.push_back(finding.problem);
    return problems;
  }

  // What a handshake with a server of this certificate says.
  PeerChain Examine(const TestCertificate& leaf, DialTls tls = {}, const std::string& extra = "") {
    ScriptedServer server([](ScriptedConnection& peer) { peer.WaitForClose(); },
                          leaf.cert_pem + extra, leaf.key_pem);
    DialRequest request = To(server.port(), Transport::kTls);
    request.tls = std::move(tls);
    const DialAnswer answer = DialNow(request);
    EXPECT_EQ(answer.failure, DialFailure::kNone) << answer.message;
    EXPECT_GE(answer.phases.tls_us, 0);
    EXPECT_TRUE(answer.chain);
    return answer.chain.value_or(PeerChain{});
  }

  const TestCertificate ca_;
};

TEST_F(DialerTlsTest, ReadsWhatTheServerShows) {
  const TestCertificate leaf = MakeTestCertificate(
      {.common_name = "shop.test",
       .names = "DNS:shop.test,DNS:*.shop.test,IP:127.0.0.1,IP:::1,email:me@shop.test",
       .valid_until = Days(30),
       .issuer = &ca_});
  const PeerChain chain = Examine(leaf, {.ca_pem = ca_.cert_pem});
  EXPECT_THAT(Problems(chain), ElementsAre()) << chain.findings[0].text;
  ASSERT_EQ(chain.certificates.size(), 1u);
  const PeerCertificate& own = chain.certificates[0];
  EXPECT_EQ(own.subject, "CN=shop.test");
  EXPECT_EQ(own.subject_name, "shop.test");
  EXPECT_EQ(own.issuer_name, "Test CA");
  EXPECT_THAT(own.names, ElementsAre("shop.test", "*.shop.test", "127.0.0.1", "::1"));
  EXPECT_THAT(own.fingerprint, testing::MatchesRegex("SHA256(:[0-9A-F]{2}){32}"));
  EXPECT_THAT(own.serial_number, testing::MatchesRegex("([0-9A-F]{2})+"));
  EXPECT_NEAR((own.valid_to - own.valid_from) / Hours(1), 30 * 24 + 1, 1);
  EXPECT_THAT(chain.protocol, HasSubstr("TLSv1."));
}

TEST_F(DialerTlsTest, NamesAreJudged) {
  const TestCertificate leaf = MakeTestCertificate(
      {.common_name = "x", .names = "DNS:shop.test,DNS:*.shop.test", .issuer = &ca_});
  EXPECT_THAT(Problems(Examine(leaf, {.server_name = "shop.test", .ca_pem = ca_.cert_pem})),
              ElementsAre());
  EXPECT_THAT(Problems(Examine(leaf, {.server_name = "www.shop.test", .ca_pem = ca_.cert_pem})),
              ElementsAre());
  const PeerChain other = Examine(leaf, {.server_name = "other.test", .ca_pem = ca_.cert_pem});
  ASSERT_THAT(Problems(other), ElementsAre(ChainProblem::kWrongHost));
  EXPECT_EQ(other.findings[0].text, "certificate is for shop.test and 1 more, not for other.test");
  // Without a name the host counts, here the address.
  EXPECT_THAT(Problems(Examine(leaf, {.ca_pem = ca_.cert_pem})),
              ElementsAre(ChainProblem::kWrongHost));
}

TEST_F(DialerTlsTest, AllProblemsAreReportedAtOnce) {
  const TestCertificate leaf = MakeTestCertificate({.common_name = "old",
                                                    .names = "DNS:old.test",
                                                    .valid_from = -Days(10),
                                                    .valid_until = -Days(1)});
  EXPECT_THAT(Problems(Examine(leaf)),
              testing::UnorderedElementsAre(ChainProblem::kSelfSigned, ChainProblem::kExpired,
                                            ChainProblem::kWrongHost));
}

TEST_F(DialerTlsTest, ChainsAreJudged) {
  const TestCertificate middle =
      MakeTestCertificate({.common_name = "Middle CA", .names = "", .issuer = &ca_, .is_ca = true});
  const TestCertificate leaf = MakeTestCertificate({.common_name = "leaf", .issuer = &middle});
  const DialTls trusting{.ca_pem = ca_.cert_pem};
  const PeerChain whole = Examine(leaf, trusting, middle.cert_pem);
  EXPECT_THAT(Problems(whole), ElementsAre());
  ASSERT_EQ(whole.certificates.size(), 2u);
  EXPECT_EQ(whole.certificates[1].subject, "CN=Middle CA");

  const PeerChain lacking = Examine(leaf, trusting);
  ASSERT_THAT(Problems(lacking), ElementsAre(ChainProblem::kIncomplete));
  EXPECT_EQ(lacking.findings[0].text,
            "certificate chain is incomplete: issuer not sent and not known (CN=Middle CA)");
  EXPECT_THAT(Problems(Examine(leaf, {}, middle.cert_pem + ca_.cert_pem)),
              ElementsAre(ChainProblem::kUntrustedRoot));
  EXPECT_THAT(Problems(Examine(ca_, {}))[0], ChainProblem::kSelfSigned);
}

TEST_F(DialerTlsTest, ValidityCountsFromTheGivenTime) {
  const TestCertificate leaf = MakeTestCertificate(
      {.common_name = "leaf", .valid_from = Days(2), .valid_until = Days(9), .issuer = &ca_});
  const SystemClock clock;
  EXPECT_THAT(Problems(Examine(leaf, {.ca_pem = ca_.cert_pem})),
              ElementsAre(ChainProblem::kNotYetValid));
  const TestCertificate now =
      MakeTestCertificate({.common_name = "leaf", .valid_until = Days(9), .issuer = &ca_});
  const PeerChain later = Examine(now, {.ca_pem = ca_.cert_pem, .now = clock.Now() + Days(10)});
  EXPECT_TRUE(later.Has(ChainProblem::kExpired));
}

TEST_F(DialerTlsTest, OtherProtocolsAndSilenceEndTheHandshake) {
  ScriptedServer plain([](ScriptedConnection& peer) {
    peer.Send("220 mail.test ESMTP\r\n");
    peer.WaitForClose();
  });
  const DialAnswer mail = DialNow(To(plain.port(), Transport::kTls));
  EXPECT_EQ(mail.failure, DialFailure::kTlsHandshake);
  EXPECT_THAT(mail.message, HasSubstr("the other side does not speak TLS"));
  EXPECT_FALSE(mail.chain);

  ScriptedServer closing([](ScriptedConnection&) {});
  EXPECT_EQ(DialNow(To(closing.port(), Transport::kTls)).failure, DialFailure::kTlsHandshake);

  ScriptedServer silent([](ScriptedConnection& peer) { peer.WaitForClose(); });
  DialRequest request = To(silent.port(), Transport::kTls);
  request.timeout = Milliseconds(200);
  const DialAnswer late = DialNow(request);
  EXPECT_EQ(late.failure, DialFailure::kTimeout);
  EXPECT_THAT(late.message, HasSubstr("TLS handshake"));
}

TEST_F(DialerTlsTest, BytesTravelInside) {
  const TestCertificate leaf = MakeTestCertificate();
  ScriptedServer server(
      [](ScriptedConnection& peer) {
        peer.ReadLine();
        peer.Send(std::string(100'000, 'x'));
      },
      leaf.cert_pem, leaf.key_pem);
  DialRequest request = To(server.port(), Transport::kTls);
  request.send = "give\n";
  request.read_limit = 200'000;
  const DialAnswer answer = DialNow(request);
  EXPECT_EQ(answer.failure, DialFailure::kNone) << answer.message;
  EXPECT_EQ(answer.received.size(), 100'000u);
}

TEST_F(DialerTlsTest, BadAnchorsAreSaid) {
  const TestCertificate leaf = MakeTestCertificate();
  ScriptedServer server([](ScriptedConnection& peer) { peer.WaitForClose(); }, leaf.cert_pem,
                        leaf.key_pem);
  DialRequest request = To(server.port(), Transport::kTls);
  request.tls.ca_pem = "hello";
  EXPECT_EQ(DialNow(request).failure, DialFailure::kBadTarget);
}

}  // namespace
}  // namespace pharos::net
