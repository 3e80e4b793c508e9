#include "probe/domain/domain_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/testing/scripted_server.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using testing::HasSubstr;

// The clock of the bench starts at 2025-06-15.
std::string Rdap(const std::string& expires, const std::string& more = "") {
  return R"({"objectClassName":"domain","ldhName":"shop.com","events":[)"
         R"({"eventAction":"registration","eventDate":"2001-08-14T04:00:00Z"})" +
         (expires.empty() ? ""
                          : R"(,{"eventAction":"expiration","eventDate":")" + expires + "\"}") +
         R"(],"nameservers":[{"ldhName":"ns1.shop.com"}],"entities":[{"roles":["registrar"],)"
         R"("vcardArray":["vcard",[["fn",{},"text","Registrar One"]]]}])" +
         more + "}";
}

class DomainProbeTest : public testing::Test {
 protected:
  DomainProbeTest() { bench_.tools.dialer = &dialer_; }

  Observation Check(const std::string& more = "") {
    return bench_.CheckSpec(ParseSpec(R"({"domain":"Shop.com")" + more + "}"), "domain");
  }
  Observation CheckRdap(std::string body, const std::string& more = "") {
    http_.answers = {FakeHttpClient::Ok(std::move(body))};
    return Check(more);
  }

  FakeHttpClient http_;
  FakeDialer dialer_;
  ProbeBench bench_{http_};
};

TEST_F(DomainProbeTest, AsksTheRegistryByRdap) {
  const Observation seen = CheckRdap(Rdap("2026-06-15T00:00:00Z"));
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_EQ(seen.message, "");
  ASSERT_EQ(http_.requests.size(), 1u);
  EXPECT_EQ(http_.requests[0].url, "https://rdap.verisign.com/com/v1/domain/shop.com");
  EXPECT_EQ(http_.requests[0].timeout, Seconds(5));
  EXPECT_TRUE(dialer_.requests.empty());
  EXPECT_EQ(WriteJson(seen.facts),
            R"({"registration":{"registrar":"Registrar One","registrar_url":null,)"
            R"("created_date":"2001-08-14T04:00:00Z","updated_date":null,)"
            R"("expiry_date":"2026-06-15T00:00:00Z","days_until_expiry":364,)"
            R"("nameservers":["ns1.shop.com"],"status":[],"source":"RDAP, host.test"}})");
  EXPECT_EQ(seen.code, 364);
  EXPECT_EQ(EvidenceOf(seen, "registrar"), "Registrar One");
  EXPECT_EQ(EvidenceOf(seen, "expiry"), "2026-06-15T00:00:00Z, 364 days left");
}

TEST_F(DomainProbeTest, ThresholdsDecide) {
  const struct {
    const char* expires;
    const char* more;
    Status status;
    const char* message;
  } rows[] = {
      {"2025-09-15T00:00:00Z", "", Status::kUp, ""},
      {"2025-07-15T00:00:00Z", "", Status::kDegraded,
       "registration expires in 29 days, on 2025-07-15"},
      {"2025-07-15T00:00:00Z", R"(,"degraded_below_days":20)", Status::kUp, ""},
      {"2025-06-17T00:00:00Z", R"(,"down_below_days":3)", Status::kDown,
       "registration expires in 1 day, on 2025-06-17"},
      {"2025-06-15T20:00:00Z", "", Status::kDegraded,
       "registration expires in less than a day, on 2025-06-15"},
      {"2025-06-14T00:00:00Z", "", Status::kDown, "registration expired on 2025-06-14"},
  };
  for (const auto& row : rows) {
    const Observation seen = CheckRdap(Rdap(row.expires), row.more);
    EXPECT_EQ(seen.status, row.status) << row.expires;
    EXPECT_EQ(seen.message, row.message);
    EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered);
  }
}

TEST_F(DomainProbeTest, StatesOfTheRegistryCount) {
  const char* year = "2026-06-15T00:00:00Z";
  const Observation lost =
      CheckRdap(Rdap(year, R"(,"status":["client hold","redemption period"])"));
  EXPECT_EQ(lost.status, Status::kDown);
  EXPECT_EQ(lost.message, "registration is in redemption");
  const Observation held = CheckRdap(Rdap(year, R"(,"status":["server hold"])"));
  EXPECT_EQ(held.status, Status::kDegraded);
  EXPECT_EQ(held.message, "registration is on hold");
  EXPECT_EQ(CheckRdap(Rdap(year, R"(,"status":["active"])")).status, Status::kUp);
}

TEST_F(DomainProbeTest, FallsBackToWhois) {
  dialer_.answers = {FakeDialer::Said(
      "Registrar: Registrar Two\r\nRegistry Expiry Date: 2026-01-01T00:00:00Z\r\n")};
  http_.answers = {FakeHttpClient::Failure(net::HttpFailure::kResolve, "no such name")};
  const Observation seen = Check();
  EXPECT_EQ(seen.status, Status::kUp);
  ASSERT_EQ(dialer_.requests.size(), 1u);
  EXPECT_EQ(dialer_.requests[0].host, "whois.verisign-grs.com");
  EXPECT_EQ(dialer_.requests[0].port, 43);
  EXPECT_EQ(dialer_.requests[0].send, "shop.com\r\n");
  EXPECT_EQ(dialer_.requests[0].read_limit, 65536u);
  EXPECT_EQ(EvidenceOf(seen, "source"), "WHOIS, whois.verisign-grs.com");
  EXPECT_EQ(EvidenceOf(seen, "detail"), "RDAP: no such name");

  // An RDAP answer without the date is completed.
  const Observation both = CheckRdap(Rdap(""));
  EXPECT_EQ(both.facts.Find("registration")->StringOr("registrar", ""), "Registrar One");
  EXPECT_EQ(both.facts.Find("registration")->StringOr("expiry_date", ""), "2026-01-01T00:00:00Z");
}

TEST_F(DomainProbeTest, FollowsOneReferral) {
  dialer_.answers = {FakeDialer::Said("refer: whois.nic.test\n"),
                     FakeDialer::Said("Expiry Date: 2026-01-01\nwhois: whois.third.test\n")};
  EXPECT_EQ(Check(R"(,"source":"whois")").status, Status::kUp);
  ASSERT_EQ(dialer_.requests.size(), 2u);
  EXPECT_EQ(dialer_.requests[1].host, "whois.nic.test");
  EXPECT_EQ(dialer_.requests[1].port, 43);
  EXPECT_TRUE(http_.requests.empty());

  dialer_.requests.clear();
  dialer_.answers = {FakeDialer::Said("refer: whois.a.test\n"),
                     FakeDialer::Said("refer: whois.b.test\n")};
  const Observation lost = Check(R"(,"source":"whois")");
  EXPECT_EQ(dialer_.requests.size(), 2u);
  EXPECT_EQ(lost.outcome, CheckOutcome::kBlind);
  EXPECT_THAT(lost.message, HasSubstr("not understood"));
}

TEST_F(DomainProbeTest, UnregisteredNamesAreDown) {
  http_.answers = {FakeHttpClient::Ok("", 404)};
  const Observation rdap = Check();
  EXPECT_EQ(rdap.status, Status::kDown);
  EXPECT_EQ(rdap.message, "domain shop.com is not registered");

  dialer_.answers = {FakeDialer::Said("No match for \"SHOP.COM\".\r\n")};
  EXPECT_EQ(Check(R"(,"source":"whois")").message, "domain shop.com is not registered");
}

TEST_F(DomainProbeTest, TheGeneralServiceIsNoAuthority) {
  http_.answers = {FakeHttpClient::Ok("", 404)};
  dialer_.answers = {FakeDialer::Said("refer: whois.nic.example\n"),
                     FakeDialer::Said("Expiry Date: 2026-01-01\n")};
  const Observation seen = bench_.CheckSpec(ParseSpec(R"({"domain":"shop.example"})"), "domain");
  EXPECT_EQ(http_.requests[0].url, "https://rdap.org/domain/shop.example");
  EXPECT_EQ(dialer_.requests[0].host, "whois.iana.org");
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
}

TEST_F(DomainProbeTest, ARegistryThatDoesNotAnswerIsNoData) {
  http_.answers = {FakeHttpClient::Failure(net::HttpFailure::kTimeout, "timed out")};
  dialer_.answers = {FakeDialer::Failure(net::DialFailure::kRefused, "connection refused")};
  const Observation seen = Check();
  EXPECT_EQ(seen.outcome, CheckOutcome::kBlind);
  EXPECT_EQ(seen.status, Status::kNoData);
  EXPECT_EQ(seen.message,
            "registration could not be looked up: RDAP: timed out; WHOIS: connection refused");
  EXPECT_TRUE(seen.facts.IsNull());

  dialer_.answers = {FakeDialer::Said("% Query rate limit exceeded\n")};
  EXPECT_THAT(Check().message, HasSubstr("too many questions"));
  http_.answers = {FakeHttpClient::Failure(net::HttpFailure::kBlocked, "not allowed")};
  EXPECT_EQ(Check(R"(,"source":"rdap")").outcome, CheckOutcome::kBlocked);
}

TEST_F(DomainProbeTest, ARegistryThatPublishesNoDateIsUp) {
  dialer_.answers = {FakeDialer::Said("Nserver: ns1.shop.com\nStatus: connect\n")};
  const Observation seen = Check(R"(,"source":"whois")");
  EXPECT_EQ(seen.status, Status::kUp);
  EXPECT_EQ(EvidenceOf(seen, "expiry"), "not published by the registry");
  EXPECT_TRUE(seen.facts.Find("registration")->Find("expiry_date")->IsNull());
}

TEST_F(DomainProbeTest, ServersAndAddressesOfTheSpecWin) {
  http_.answers = {FakeHttpClient::Failure(net::HttpFailure::kRefused, "no")};
  dialer_.answers = {FakeDialer::Said("Expiry Date: 2026-01-01\n")};
  Check(R"(,"rdap_url":"http://rdap.test/x","whois_server":"WHOIS.test:4343")");
  EXPECT_EQ(http_.requests[0].url, "http://rdap.test/x/domain/shop.com");
  EXPECT_EQ(dialer_.requests[0].host, "whois.test");
  EXPECT_EQ(dialer_.requests[0].port, 4343);
  http_.requests.clear();
  Check(R"(,"rdap_url":"https://rdap.test/domain/")");
  EXPECT_EQ(http_.requests[0].url, "https://rdap.test/domain/shop.com");
}

TEST_F(DomainProbeTest, SpecsAreChecked) {
  const Catalog catalog;
  for (const char* bad : {R"({})", R"({"domain":""})", R"({"domain":"www.shop.com"})",
                          R"({"domain":"https://shop.com"})", R"({"domain":"co.uk"})",
                          R"({"domain":"shop.com","degraded_below_days":1,"down_below_days":2})",
                          R"({"domain":"shop.com","rdap_url":"ftp://x"})",
                          R"({"domain":"shop.com","whois_server":"a b"})",
                          R"({"domain":"shop.com","whois_server":"a:0"})",
                          R"({"domain":"shop.com","source":"guess"})"}) {
    EXPECT_FALSE(catalog.ValidateSpec("domain", ParseSpec(bad))) << bad;
  }
  EXPECT_TRUE(catalog.ValidateSpec("domain", ParseSpec(R"({"domain":"shop.co.uk"})")));
}

// The whole way, over sockets.
TEST(DomainProbeNet, AsksRealServers) {
  net::ScriptedServer rdap(
      net::ScriptedServer::Answer("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"));
  net::ScriptedServer whois([](net::ScriptedConnection& peer) {
    if (peer.ReadLine() == "shop.com\r\n") {
      peer.Send("Registrar: Registrar One\r\nRegistry Expiry Date: 2026-01-01T00:00:00Z\r\n");
    }
  });
  RealClient http;
  RealDialer net;
  ProbeBench bench(*http.client);
  bench.tools.dialer = net.dialer.get();
  Value spec;
  spec.Set("domain", "shop.com");
  spec.Set("rdap_url", rdap.Url("/rdap/"));
  spec.Set("whois_server", "127.0.0.1:" + std::to_string(whois.port()));
  const Observation seen = bench.CheckSpec(spec, "domain");
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_EQ(EvidenceOf(seen, "detail"), "RDAP: HTTP 503");
  EXPECT_THAT(rdap.Requests().at(0), HasSubstr("GET /rdap/domain/shop.com HTTP/1.1"));
}

TEST(DomainProbeNet, AnEndlessWhoisAnswerIsCut) {
  net::ScriptedServer whois([](net::ScriptedConnection& peer) {
    peer.ReadLine();
    peer.SendForever("Registrar: Registrar Endless\r\n");
  });
  RealDialer net;
  ProbeBench bench(*net.dialer);
  Value spec;
  spec.Set("domain", "shop.com");
  spec.Set("whois_server", "127.0.0.1:" + std::to_string(whois.port()));
  const Observation seen = bench.CheckSpec(spec, "domain");
  EXPECT_EQ(seen.status, Status::kUp);
  EXPECT_EQ(seen.facts.Find("registration")->StringOr("registrar", ""), "Registrar Endless");
}

}  // namespace
}  // namespace pharos::probe
