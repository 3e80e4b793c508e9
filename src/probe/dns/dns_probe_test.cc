#include "probe/dns/dns_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/testing/datagram_server.h"
#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"
#include "probe/dns/dns_query.h"
#include "probe/dns/dns_testing.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using testing::HasSubstr;

const std::vector<TestRecord> kTwoAddresses = {{1, "\xc0\x01\x02\x03"}, {1, "\xc0\x01\x02\x04"}};

// A name server of this script on a loopback socket, and the probe that asks it.
class DnsProbeTest : public testing::Test {
 protected:
  using Script = net::DatagramServer::Script;

  void Serve(Script script) { server_ = std::make_unique<net::DatagramServer>(std::move(script)); }
  void Serve(std::vector<TestRecord> records, uint32_t flags = 0x8180) {
    Serve([records, flags](const std::string& query) {
      return std::vector<std::string>{DnsReplyTo(query, records, flags)};
    });
  }
  Observation Check(const std::string& more = "") {
    return bench_.CheckSpec(ParseSpec(R"({"host":"shop.test","name_server":"127.0.0.1:)" +
                                      std::to_string(server_->port()) + "\"" + more + "}"),
                            "dns");
  }

  RealDialer net_;
  ProbeBench bench_{*net_.dialer};
  std::unique_ptr<net::DatagramServer> server_;
};

TEST_F(DnsProbeTest, AnyRecordWillDoWithoutValues) {
  Serve(kTwoAddresses);
  const Observation seen = Check();
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_TRUE(seen.latency_ms);
  EXPECT_EQ(EvidenceOf(seen, "records"), "192.1.2.3, 192.1.2.4");
  EXPECT_EQ(EvidenceOf(seen, "code"), "NOERROR");
  const Value* dns = seen.facts.Find("dns");
  EXPECT_EQ(dns->StringOr("transport", ""), "UDP");
  EXPECT_EQ(WriteJson(*dns->Find("records")),
            R"([{"value":"192.1.2.3","ttl_s":300},{"value":"192.1.2.4","ttl_s":300}])");
}

TEST_F(DnsProbeTest, ValuesAreMatched) {
  Serve(kTwoAddresses);
  const struct {
    const char* more;
    const char* message;
  } rows[] = {
      {R"(,"values":["192.1.2.4"])", ""},
      {R"(,"values":[" 192.1.2.4 ","10.0.0.1"])", ""},
      {R"(,"values":["10.0.0.1"])",
       "A records of shop.test are 192.1.2.3, 192.1.2.4, expected 10.0.0.1"},
      {R"(,"match":"all","values":["192.1.2.3","192.1.2.4"])", ""},
      {R"(,"match":"all","values":["192.1.2.3","10.0.0.1","10.0.0.2"])",
       "A records of shop.test lack 10.0.0.1, 10.0.0.2"},
      {R"(,"values":["",""])", ""},
  };
  for (const auto& row : rows) {
    const Observation seen = Check(row.more);
    EXPECT_EQ(seen.message, row.message);
    EXPECT_EQ(seen.status, *row.message == '\0' ? Status::kUp : Status::kDown) << row.more;
    EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered);
  }
}

TEST_F(DnsProbeTest, FormsOfAValueAreAllGood) {
  Serve({{15, DnsWord(10) + DnsName("mx.shop.test")}});
  for (const char* value : {"mx.shop.test", "MX.shop.test.", "10 mx.shop.test"}) {
    EXPECT_EQ(Check(R"(,"record_type":"MX","values":[")" + std::string(value) + "\"]").status,
              Status::kUp)
        << value;
  }
  EXPECT_EQ(Check(R"(,"record_type":"MX","values":["20 mx.shop.test"])").status, Status::kDown);
}

TEST_F(DnsProbeTest, WhatTheServerLacksIsSaid) {
  Serve({}, 0x8183);
  EXPECT_EQ(Check().message, "the name shop.test does not exist");
  Serve({}, 0x8182);
  EXPECT_EQ(Check().message, "the name server answered SERVFAIL");
  Serve({}, 0x8180);
  EXPECT_EQ(Check(R"(,"record_type":"AAAA")").message, "no AAAA records for shop.test");
  Serve({{5, DnsName("www.test")}});
  EXPECT_EQ(Check().message, "no A records for shop.test, only others");
  Serve({{1, "abc"}});
  EXPECT_EQ(Check().message, "a record of the answer is malformed");
}

TEST_F(DnsProbeTest, ForgedDatagramsDoNotCount) {
  Serve([](const std::string& query) {
    std::string forged = DnsReplyTo(query, {{1, "\x06\x06\x06\x06"}});
    forged[0] = static_cast<char>(forged[0] ^ 1);
    return std::vector<std::string>{"", "garbage", forged, DnsReplyTo(query, kTwoAddresses)};
  });
  EXPECT_EQ(Check(R"(,"values":["192.1.2.3"])").status, Status::kUp);
}

TEST_F(DnsProbeTest, ALostDatagramIsSentAgain) {
  std::atomic<int> count = 0;
  Serve([&count](const std::string& query) {
    if (++count == 1) return std::vector<std::string>{};
    return std::vector<std::string>{DnsReplyTo(query, kTwoAddresses)};
  });
  EXPECT_EQ(Check(R"(,"timeout_ms":1000)").status, Status::kUp);
  EXPECT_EQ(server_->Count(), 2u);
}

TEST_F(DnsProbeTest, SilenceIsATimeout) {
  Serve([](const std::string&) { return std::vector<std::string>{}; });
  const Observation seen = Check(R"(,"timeout_ms":300)");
  EXPECT_EQ(seen.outcome, CheckOutcome::kTimeout);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_THAT(seen.message, HasSubstr("no answer from name server 127.0.0.1:"));
}

TEST_F(DnsProbeTest, CutAnswersAreAskedForOverTcp) {
  net::ScriptedServer tcp([](net::ScriptedConnection& peer) {
    const std::string size = peer.ReadBytes(2);
    if (size.empty()) return;
    const std::string query = peer.ReadBytes(static_cast<unsigned char>(size[1]));
    const std::string reply = DnsReplyTo(query, kTwoAddresses);
    peer.Send(DnsWord(static_cast<uint32_t>(reply.size())) + reply);
    peer.WaitForClose();
  });
  server_ = std::make_unique<net::DatagramServer>(
      [](const std::string& query) {
        return std::vector<std::string>{DnsReplyTo(query, {}, 0x8380)};
      },
      tcp.port());
  if (server_->port() == 0) GTEST_SKIP() << "the UDP port of that number is taken";
  const Observation seen = Check();
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_THAT(EvidenceOf(seen, "name server"), HasSubstr(" over TCP"));
  EXPECT_EQ(Check(R"(,"transport":"tcp","values":["192.1.2.4"])").status, Status::kUp);
}

TEST_F(DnsProbeTest, TlsIsVerified) {
  const net::TestCertificate certificate = net::MakeTestCertificate();
  net::ScriptedServer tls(
      [](net::ScriptedConnection& peer) {
        const std::string size = peer.ReadBytes(2);
        if (size.empty()) return;
        const std::string query = peer.ReadBytes(static_cast<unsigned char>(size[1]));
        const std::string reply = DnsReplyTo(query, kTwoAddresses);
        peer.Send(DnsWord(static_cast<uint32_t>(reply.size())) + reply);
        peer.WaitForClose();
      },
      certificate.cert_pem, certificate.key_pem);
  const auto check = [&](const std::string& more) {
    return bench_.CheckSpec(
        ParseSpec(R"({"host":"shop.test","transport":"tls","name_server":"127.0.0.1","tls_port":)" +
                  std::to_string(tls.port()) + more + "}"),
        "dns");
  };
  EXPECT_EQ(check("").message, "certificate is self-signed");
  EXPECT_EQ(check(R"(,"verify_tls":false,"values":["192.1.2.3"])").status, Status::kUp);
}

// Prepared answers instead of sockets.
class DnsProbeFakeTest : public testing::Test {
 protected:
  FakeDialer dialer_;
  ProbeBench bench_{dialer_};
};

TEST_F(DnsProbeFakeTest, AsksTheServersOfTheSystemInTurn) {
  dialer_.name_servers = {"192.0.2.53", "192.0.2.54:5353"};
  const auto late = FakeDialer::Failure(net::DialFailure::kTimeout, "late");
  // The fifth one is asked for another name, and says something about it.
  dialer_.answers = {late, late, late, late, FakeDialer::Said("")};
  const Observation seen = bench_.CheckSpec(ParseSpec(R"({"host":"shop.test"})"), "dns");
  EXPECT_EQ(seen.outcome, CheckOutcome::kTimeout);
  ASSERT_GE(dialer_.requests.size(), 5u);
  EXPECT_EQ(dialer_.requests[0].host, "192.0.2.53");
  EXPECT_EQ(dialer_.requests[0].port, 53);
  EXPECT_EQ(dialer_.requests[1].host, "192.0.2.54");
  EXPECT_EQ(dialer_.requests[1].port, 5353);
  EXPECT_EQ(dialer_.requests[0].timeout, Milliseconds(2500));

  dialer_.name_servers.clear();
  EXPECT_EQ(bench_.CheckSpec(ParseSpec(R"({"host":"shop.test"})"), "dns").outcome,
            CheckOutcome::kBlind);
}

// The servers of the system are silent about every name: that is no word about this one.
TEST_F(DnsProbeFakeTest, OurOwnSilentNameServiceTakesNobodyDown) {
  dialer_.answers = {FakeDialer::Failure(net::DialFailure::kTimeout, "late")};
  const Observation seen = bench_.CheckSpec(ParseSpec(R"({"host":"shop.test"})"), "dns");
  EXPECT_EQ(seen.outcome, CheckOutcome::kBlind);
  EXPECT_EQ(seen.status, Status::kNoData);
  EXPECT_EQ(seen.message, "Monitor was blind: our own name service does not answer");
  // A server that the monitor names is the monitor's business.
  const Observation named =
      bench_.CheckSpec(ParseSpec(R"({"host":"shop.test","name_server":"192.0.2.99"})"), "dns");
  EXPECT_EQ(named.outcome, CheckOutcome::kTimeout);
}

TEST_F(DnsProbeFakeTest, BlockedServersAreNotAskedAgain) {
  dialer_.answers = {FakeDialer::Failure(net::DialFailure::kBlocked, "refused")};
  const Observation seen = bench_.CheckSpec(ParseSpec(R"({"host":"shop.test"})"), "dns");
  EXPECT_EQ(seen.outcome, CheckOutcome::kBlocked);
  EXPECT_EQ(dialer_.requests.size(), 1u);
}

TEST_F(DnsProbeFakeTest, PointersOfAddresses) {
  dialer_.answers = {FakeDialer::Failure(net::DialFailure::kRefused, "no")};
  bench_.CheckSpec(ParseSpec(R"({"host":"192.0.2.1","record_type":"PTR"})"), "dns");
  EXPECT_THAT(dialer_.requests[0].send, HasSubstr(DnsName("1.2.0.192.in-addr.arpa")));
}

TEST_F(DnsProbeFakeTest, SpecsAreChecked) {
  const Catalog catalog;
  for (const char* bad :
       {R"({})", R"({"host":"a b"})", R"({"host":"https://a"})", R"({"host":"a..b"})",
        R"({"host":"a","record_type":"LOC"})", R"({"host":"a","match":"some"})",
        R"({"host":"a","name_server":"a b"})", R"({"host":"a","name_server":"a:0"})",
        R"({"host":"a","transport":"tls"})", R"({"host":"a","values":"x"})"}) {
    EXPECT_FALSE(catalog.ValidateSpec("dns", ParseSpec(bad))) << bad;
  }
  for (const char* good :
       {R"({"host":"shop.test"})", R"({"host":"_dmarc.shop.test.","record_type":"TXT"})",
        R"({"host":"a","name_server":"[::1]:53"})", R"({"host":"a","name_server":"::1"})",
        R"({"host":"a","name_server":"dns.test","transport":"tls"})"}) {
    EXPECT_TRUE(catalog.ValidateSpec("dns", ParseSpec(good))) << good;
  }
}

TEST(SplitServer, KnowsItsForms) {
  using Server = std::pair<std::string, uint16_t>;
  EXPECT_EQ(SplitServer("192.0.2.1", 53), Server("192.0.2.1", 53));
  EXPECT_EQ(SplitServer("192.0.2.1:5353", 53), Server("192.0.2.1", 5353));
  EXPECT_EQ(SplitServer("::1", 53), Server("::1", 53));
  EXPECT_EQ(SplitServer("[::1]:5353", 53), Server("::1", 5353));
  EXPECT_EQ(SplitServer("[::1]", 53), Server("::1", 53));
  EXPECT_EQ(SplitServer("dns.test:1", 53), Server("dns.test", 1));
  for (const char* bad : {"", ":53", "a:", "a:x", "[x]:5", "a b", "a:99999", "[::1"}) {
    EXPECT_FALSE(SplitServer(bad, 53)) << bad;
  }
}

}  // namespace
}  // namespace pharos::probe
