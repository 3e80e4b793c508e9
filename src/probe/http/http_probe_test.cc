// The judgement of the http kind, with answers made up by a fake client.
#include "probe/http/http_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/http/http_fields.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using net::HttpFailure;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

class HttpProbeTest : public testing::Test {
 protected:
  Observation Check(std::string_view members, net::HttpAnswer answer) {
    http_.answers = {std::move(answer)};
    return Check(members);
  }
  Observation Check(std::string_view members) {
    return bench_.CheckSpec(ParseSpec("{\"url\":\"http://host.test/\"" +
                                      std::string(members.empty() ? "" : ",") +
                                      std::string(members) + "}"));
  }
  const net::HttpRequest& request() const { return http_.requests.back(); }

  FakeHttpClient http_;
  ProbeBench bench_{http_};
};

// product.md 2.3, the table of situations.
TEST_F(HttpProbeTest, BuiltInRule) {
  for (const int status : {200, 204, 299, 301, 304, 399, 429}) {
    const Observation seen = Check("", FakeHttpClient::Ok("", status));
    EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered);
    EXPECT_EQ(seen.status, Status::kUp) << status;
    EXPECT_EQ(seen.message, "");
    EXPECT_EQ(seen.latency_ms, 12.3);
  }
  for (const int status : {400, 401, 404, 428, 500, 503, 599}) {
    const Observation seen = Check("", FakeHttpClient::Ok("", status));
    EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered);
    EXPECT_EQ(seen.status, Status::kDown) << status;
    EXPECT_EQ(seen.message, "HTTP " + std::to_string(status));
    EXPECT_EQ(seen.latency_ms, 12.3);
  }
}

TEST_F(HttpProbeTest, FailuresOfTheTargetAreAnswersThatSayDown) {
  for (const HttpFailure failure :
       {HttpFailure::kResolve, HttpFailure::kRefused, HttpFailure::kUnreachable,
        HttpFailure::kTlsVerify, HttpFailure::kTlsHandshake, HttpFailure::kProtocol,
        HttpFailure::kReset, HttpFailure::kTooManyRedirects, HttpFailure::kBadRedirect,
        HttpFailure::kTooLarge}) {
    const Observation seen = Check("", FakeHttpClient::Failure(failure, "what went wrong"));
    EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered) << net::HttpFailureName(failure);
    EXPECT_EQ(seen.status, Status::kDown) << net::HttpFailureName(failure);
    EXPECT_EQ(seen.message, "what went wrong");
    EXPECT_EQ(seen.latency_ms, std::nullopt);
    EXPECT_EQ(EvidenceOf(seen, "failure"), net::HttpFailureName(failure));
  }
}

TEST_F(HttpProbeTest, TimeoutHasItsOwnOutcomeAndWords) {
  const Observation seen =
      Check("", FakeHttpClient::Failure(HttpFailure::kTimeout, "timed out while connecting"));
  EXPECT_EQ(seen.outcome, CheckOutcome::kTimeout);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.message, "Request timed out");
  EXPECT_EQ(EvidenceOf(seen, "detail"), "timed out while connecting");
}

// Architecture D14 and D17.
TEST_F(HttpProbeTest, OurOwnTroubleIsNeverDowntime) {
  Observation seen = Check("", FakeHttpClient::Failure(HttpFailure::kBlocked, "not allowed"));
  EXPECT_EQ(seen.outcome, CheckOutcome::kBlocked);
  EXPECT_EQ(seen.status, Status::kNoData);
  EXPECT_EQ(seen.message, "not allowed");
  seen = Check("", FakeHttpClient::Failure(HttpFailure::kOverload, "too busy"));
  EXPECT_EQ(seen.outcome, CheckOutcome::kBlind);
  EXPECT_EQ(seen.status, Status::kNoData);
}

TEST_F(HttpProbeTest, UrlThatTurnsOutWrongIsAnError) {
  const Observation seen = Check("", FakeHttpClient::Failure(HttpFailure::kBadUrl, "no host"));
  EXPECT_EQ(seen.outcome, CheckOutcome::kError);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.message, "Invalid URL: no host");
}

TEST_F(HttpProbeTest, RequestCarriesTheSpec) {
  Check(R"("method":"PUT","body":"hello","headers":[{"name":"X-A","value":"1"}],
           "timeout_ms":1234,"max_redirects":7,"allow_downgrade":true,"ip_version":"6",
           "reuse_connection":true,"verify_tls":false,"tls_server_name":"other.test",
           "tls_min_version":"1.3")");
  EXPECT_EQ(request().method, "PUT");
  EXPECT_EQ(request().url, "http://host.test/");
  EXPECT_EQ(request().body, "hello");
  EXPECT_THAT(request().headers, ElementsAre(Pair("X-A", "1")));
  EXPECT_EQ(request().timeout, Milliseconds(1234));
  EXPECT_TRUE(request().follow_redirects);
  EXPECT_EQ(request().max_redirects, 7);
  EXPECT_TRUE(request().allow_downgrade);
  EXPECT_EQ(request().ip_version, 6);
  EXPECT_TRUE(request().reuse_connection);
  EXPECT_FALSE(request().tls.verify);
  EXPECT_EQ(request().tls.server_name, "other.test");
  EXPECT_EQ(request().tls.min_version, "1.3");
  EXPECT_EQ(request().purpose, net::Purpose::kProbe);
}

TEST_F(HttpProbeTest, GetAndHeadCarryNoBody) {
  for (const char* method : {"GET", "HEAD"}) {
    Check("\"body\":\"x\",\"method\":\"" + std::string(method) + "\"");
    EXPECT_EQ(request().body, "") << method;
  }
}

TEST_F(HttpProbeTest, NoRedirectsAllowedMeansJudgingTheFirstAnswer) {
  Check(R"("max_redirects":0)");
  EXPECT_FALSE(request().follow_redirects);
}

TEST_F(HttpProbeTest, SecretsArePutInAndTakenOut) {
  bench_.tools.secrets = [](std::string_view name) -> std::optional<std::string> {
    if (name == "TOKEN") return "hunter22";
    return std::nullopt;
  };
  net::HttpAnswer answer = FakeHttpClient::Ok("", 200);
  answer.final_url = "http://host.test/?t=hunter22";
  answer.headers = {{"X-Echo", "hunter22"}};
  http_.answers = {answer};
  const Observation seen = bench_.CheckSpec(ParseSpec(R"({"url":"http://host.test/?t=$TOKEN",
      "method":"POST","body":"{\"t\":\"$TOKEN\",\"other\":\"$OTHER\"}",
      "headers":[{"name":"Authorization","value":"Bearer ${TOKEN}"}],
      "header_checks":[{"name":"X-Echo","op":"equals","value":"x"}]})"));
  EXPECT_EQ(request().url, "http://host.test/?t=hunter22");
  EXPECT_EQ(request().body, R"({"t":"hunter22","other":"$OTHER"})");
  EXPECT_THAT(request().headers, ElementsAre(Pair("Authorization", "Bearer hunter22")));
  EXPECT_EQ(seen.message, R"(header X-Echo is "$TOKEN", expected "x")");
  for (const auto& [name, value] : seen.evidence) EXPECT_THAT(value, Not(HasSubstr("hunter22")));
  EXPECT_EQ(EvidenceOf(seen, "final url"), "http://host.test/?t=$TOKEN");
}

TEST_F(HttpProbeTest, SecretThatBreaksAHeaderSendsNothing) {
  bench_.tools.secrets = [](std::string_view) { return std::optional<std::string>("a\r\nb: c"); };
  const Observation seen = Check(R"("headers":[{"name":"X-A","value":"$KEY"}])");
  EXPECT_EQ(seen.outcome, CheckOutcome::kError);
  EXPECT_EQ(seen.message, "header X-A would hold a line break");
  EXPECT_TRUE(http_.requests.empty());
}

TEST_F(HttpProbeTest, AllFailedConditionsAreNamed) {
  const Observation seen = Check(R"("keyword":"ready","body_regex_absent":"err",
      "header_checks":[{"name":"X-A","op":"exists"}])",
                                 FakeHttpClient::Ok("an error", 500));
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.message,
            "HTTP 500 | header X-A is missing | keyword \"ready\" not found | "
            "answer body matches body_regex_absent");
}

TEST_F(HttpProbeTest, KeywordIsFoundAcrossChunks) {
  EXPECT_EQ(Check(R"("keyword":"ready")", FakeHttpClient::Ok("we are ready now")).status,
            Status::kUp);
  EXPECT_EQ(Check(R"("keyword":"Ready")", FakeHttpClient::Ok("we are ready now")).status,
            Status::kDown);
  EXPECT_EQ(Check(R"("keyword_absent":"ready")", FakeHttpClient::Ok("we are ready now")).message,
            "found \"ready\", which must be absent");
  EXPECT_EQ(Check(R"("keyword":"x","expected_status":"500")", FakeHttpClient::Ok("x", 500)).status,
            Status::kUp);
}

TEST_F(HttpProbeTest, BeyondTheEvidenceABodyIsKeptOnlyWhenAConditionNeedsIt) {
  Check(R"("keyword":"ready","keyword_absent":"error")");
  EXPECT_EQ(request().limits.keep_body_bytes, 1024u);
  Check(R"("body_regex":"ready","max_body_bytes":2048)");
  EXPECT_EQ(request().limits.keep_body_bytes, 2048u);
  Check(R"("json_checks":[{"path":"$.a","op":"exists"}])");
  EXPECT_EQ(request().limits.keep_body_bytes, 1048576u);
}

TEST_F(HttpProbeTest, ConditionsSeeTheFirstBytesOnly) {
  const std::string page = std::string(2000, '.') + "ready";
  const std::string limit = R"(,"max_body_bytes":1024)";
  Observation seen = Check(R"("keyword":"ready")" + limit, FakeHttpClient::Ok(page));
  EXPECT_EQ(seen.message, "keyword \"ready\" not found in the first 1024 bytes");
  EXPECT_EQ(EvidenceOf(seen, "body"),
            "1025 bytes, conditions saw the first 1024 bytes, the rest was not read");
  seen = Check(R"("keyword_absent":"ready")" + limit, FakeHttpClient::Ok(page));
  EXPECT_EQ(seen.status, Status::kUp);
  EXPECT_EQ(EvidenceOf(seen, "body"), "2005 bytes, conditions saw the first 1024 bytes");
}

TEST_F(HttpProbeTest, LongBodyIsFineWhenItsLengthWasAnnounced) {
  net::HttpAnswer answer = FakeHttpClient::Ok(std::string(kMaxReadBytes + 100, '.'));
  Observation seen = Check("", answer);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.message, "answer body does not end: stopped after 16 MiB");
  answer.headers = {{"Content-Length", "99999999"}};
  seen = Check("", answer);
  EXPECT_EQ(seen.status, Status::kUp);
  EXPECT_THAT(EvidenceOf(seen, "body"), HasSubstr("the rest was not read"));
}

TEST_F(HttpProbeTest, LatencyLimits) {
  EXPECT_EQ(Check(R"("degraded_over_ms":13)").status, Status::kUp);
  Observation seen = Check(R"("degraded_over_ms":12)");
  EXPECT_EQ(seen.status, Status::kDegraded);
  EXPECT_EQ(seen.message, "slow: took 12.3 ms, limit is 12 ms");
  EXPECT_EQ(seen.latency_ms, 12.3);
  seen = Check(R"("degraded_over_ms":5,"down_over_ms":10)");
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.message, "slow: took 12.3 ms, limit is 10 ms");
  seen = Check(R"("down_over_ms":10)", FakeHttpClient::Ok("", 500));
  EXPECT_EQ(seen.message, "HTTP 500");
}

TEST_F(HttpProbeTest, LatencyUntilTheFirstByteCountsFromTheStart) {
  EXPECT_EQ(Check(R"("latency":"first_byte")").latency_ms, 6.0);
  net::HttpAnswer kept = FakeHttpClient::Ok();
  kept.phases.resolve_us = kept.phases.connect_us = -1;
  EXPECT_EQ(Check(R"("latency":"first_byte")", kept).latency_ms, 3.0);
}

TEST_F(HttpProbeTest, EvidenceTellsThePhases) {
  net::HttpAnswer answer = FakeHttpClient::Ok("hello");
  answer.redirects = 2;
  answer.phases.tls_us = 4'449;
  answer.certificate.emplace().not_after = bench_.clock.Now() + Days(30) + Hours(5);
  const Observation seen = Check("", answer);
  EXPECT_THAT(
      seen.evidence,
      testing::IsSupersetOf(
          {Pair("status", "200"), Pair("http version", "1.1"),
           Pair("final url", "http://host.test/"), Pair("redirects", "2"),
           Pair("remote address", "192.0.2.7"), Pair("resolve", "1 ms"), Pair("connect", "2 ms"),
           Pair("tls", "4.4 ms"), Pair("first byte", "3 ms"), Pair("total", "12.3 ms"),
           Pair("body", "5 bytes"), Pair("connection", "new"), Pair("attempts", "1 of 1")}));
  EXPECT_THAT(EvidenceOf(seen, "certificate"), HasSubstr("30 days left, until 2025-07-15"));
}

TEST_F(HttpProbeTest, ExpiredCertificateIsSaid) {
  net::HttpAnswer answer = FakeHttpClient::Failure(HttpFailure::kTlsVerify, "expired");
  answer.certificate.emplace().not_after = bench_.clock.Now() - Hours(1);
  EXPECT_THAT(EvidenceOf(Check("", answer), "certificate"), HasSubstr("expired on 2025-06-15"));
}

// Architecture D22.
TEST_F(HttpProbeTest, KeptConnectionIsSaid) {
  net::HttpAnswer kept = FakeHttpClient::Ok();
  kept.phases.connect_us = -1;
  EXPECT_EQ(EvidenceOf(Check(R"("reuse_connection":true)", kept), "connection"),
            "kept from an earlier check");
  EXPECT_EQ(EvidenceOf(Check(R"("reuse_connection":true)", FakeHttpClient::Ok()), "connection"),
            "new, may be kept");
}

TEST_F(HttpProbeTest, MessagesAndEvidenceAreShortAndValidText) {
  net::HttpAnswer answer =
      FakeHttpClient::Failure(HttpFailure::kProtocol, "\xFF\xFE" + std::string(5000, 'x'));
  answer.final_url = "http://h/" + std::string(5000, 'y');
  const Observation seen = Check("", answer);
  EXPECT_LE(seen.message.size(), 200u);
  EXPECT_THAT(seen.message, testing::StartsWith("\xEF\xBF\xBD"));
  for (const auto& [name, value] : seen.evidence) EXPECT_LE(value.size(), 200u) << name;
}

TEST_F(HttpProbeTest, JsonChecksReachTheVerdict) {
  const std::string checks = R"("json_checks":[{"path":"$.checks[*].up","op":"not_equals",
      "value":false},{"path":"$.queue","op":"less","value":100}])";
  EXPECT_EQ(Check(checks, FakeHttpClient::Ok(R"({"checks":[{"up":true}],"queue":7})")).status,
            Status::kUp);
  EXPECT_EQ(
      Check(checks, FakeHttpClient::Ok(R"({"checks":[{"up":true},{"up":false}],"queue":700})"))
          .message,
      "JSON $.checks[*].up is false, expected anything but false | "
      "JSON $.queue is 700, expected less than 100");
}

}  // namespace
}  // namespace pharos::probe
