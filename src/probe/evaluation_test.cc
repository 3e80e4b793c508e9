// product.md 2.3 and 2.4, row by row, through real worker processes; the network is played.

#include "probe/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/testing/fakes.h"
#include "script/evaluator.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using net::DialFailure;
using net::HttpFailure;
using testing::HasSubstr;
using testing::StartsWith;

// One pool for all tests of this file: a worker starts in milliseconds, but not in none.
struct SharedPool {
  static script::EvaluatorSettings Settings() {
    script::EvaluatorSettings settings;
    settings.program = PHAROS_SCRIPT_WORKER;
    settings.arguments = {};
    settings.cpu_limit = Milliseconds(300);
    return settings;
  }

  Metrics metrics;
  std::unique_ptr<script::Evaluator> pool = script::Evaluator::Start(Settings(), metrics).value();
};

script::Evaluator& Pool() {
  static const SharedPool shared;
  return *shared.pool;
}

Value WithFunction(std::string_view json, const std::string& function) {
  Value spec = ParseSpec(json);
  spec.Set("eval", function);
  return spec;
}

class HttpEvaluation : public testing::Test {
 protected:
  HttpEvaluation() { bench_.tools.evaluator = &Pool(); }

  Observation Check(const std::string& function, std::string_view more = R"({"url":"http://a/"})") {
    return bench_.CheckSpec(WithFunction(more, function));
  }
  void Answers(net::HttpAnswer answer) { client_.answers = {std::move(answer)}; }

  FakeHttpClient client_;
  ProbeBench bench_{client_};
};

TEST_F(HttpEvaluation, TheFunctionGetsWhatTheContractSays) {
  Answers(
      FakeHttpClient::Ok("b\xff"
                         "dy",
                         418));
  const Observation seen = Check(
      "(async function (statusCode, responseTime, responseRaw, modules) {"
      "return {status: statusCode === 418 && responseTime === 12 && responseRaw === 'b\\ufffddy' &&"
      "typeof modules.cheerio.load === 'function' ? 'UP' : 'DOWN', latency: 7.5} })");
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered);
  EXPECT_EQ(seen.latency_ms, 7.5);
  EXPECT_EQ(seen.message, "");
  EXPECT_EQ(seen.code, 418);
  EXPECT_EQ(EvidenceOf(seen, "status"), "418");
}

constexpr char kMust[] = "it must be UP, DOWN, DEGRADED or MAINTENANCE";

TEST_F(HttpEvaluation, EveryVerdictAndEveryMistake) {
  const std::string must = kMust;
  const std::string object =
      ": it must return {status, latency} with status UP, DOWN, DEGRADED or MAINTENANCE";
  const std::string no_number = "the function's latency is not a number: the measured one is used";
  const struct {
    const char* function;
    Status status;
    CheckOutcome outcome;
    std::string message;
    double latency_ms = 12.3;
  } rows[] = {
      {"() => ({status: 'UP', latency: 1})", Status::kUp, CheckOutcome::kAnswered, "", 1},
      {"() => ({status: 'UP', latency: 0})", Status::kUp, CheckOutcome::kAnswered, "", 0},
      {"() => ({status: 'DOWN', latency: 2})", Status::kDown, CheckOutcome::kAnswered,
       "the function says DOWN: HTTP 200", 2},
      {"() => ({status: 'DEGRADED', latency: 3})", Status::kDegraded, CheckOutcome::kAnswered,
       "the function says DEGRADED: HTTP 200", 3},
      {"() => ({status: 'MAINTENANCE', latency: 4})", Status::kMaintenance, CheckOutcome::kAnswered,
       "the function says MAINTENANCE: HTTP 200", 4},
      {"() => {}", Status::kDown, CheckOutcome::kError, "the function returned undefined" + object},
      {"() => null", Status::kDown, CheckOutcome::kError, "the function returned null" + object},
      {"() => 'UP'", Status::kDown, CheckOutcome::kError, "the function returned string" + object},
      {"() => ({latency: 1})", Status::kDown, CheckOutcome::kError,
       "the function returned no status: " + must},
      {"() => ({status: 'GREEN', latency: 1})", Status::kDown, CheckOutcome::kError,
       "the function returned a status \"GREEN\": " + must},
      {"() => ({status: 'up', latency: 1})", Status::kDown, CheckOutcome::kError,
       "the function returned a status \"up\": " + must},
      {"() => ({status: true, latency: 1})", Status::kDown, CheckOutcome::kError,
       "the function returned a status of type boolean: " + must},
      {"() => ({status: 'UP'})", Status::kUp, CheckOutcome::kAnswered, no_number},
      {"() => ({status: 'UP', latency: '5'})", Status::kUp, CheckOutcome::kAnswered, no_number},
      {"() => ({status: 'UP', latency: NaN})", Status::kUp, CheckOutcome::kAnswered, no_number},
      {"() => ({status: 'UP', latency: -1})", Status::kUp, CheckOutcome::kAnswered, no_number},
      {"() => ({status: 'DOWN'})", Status::kDown, CheckOutcome::kAnswered,
       "the function says DOWN: HTTP 200 | " + no_number},
      {"() => { throw new Error('boom') }", Status::kDown, CheckOutcome::kError,
       "Eval error: boom | the function gave no status: " + must},
      {"async () => { throw 'text' }", Status::kDown, CheckOutcome::kError,
       "Eval error: text | the function gave no status: " + must},
      {"() => nowhere.x", Status::kDown, CheckOutcome::kError,
       "Eval error: nowhere is not defined | the function gave no status: " + must},
      {"'UP'", Status::kDown, CheckOutcome::kError,
       "Eval error: the text is not a function | the function gave no status: " + must},
      {"() => { for (;;); }", Status::kDown, CheckOutcome::kError,
       "Eval error: the function computed for longer than 0.3 s | the function gave no status: " +
           must},
      {"() => { const a = []; for (;;) a.push(new Uint8Array(1e6)) }", Status::kDown,
       CheckOutcome::kError,
       "Eval error: the function needed more than 64 MiB of memory | the function gave no "
       "status: " +
           must},
  };
  for (const auto& row : rows) {
    const Observation seen = Check(row.function);
    EXPECT_EQ(seen.status, row.status) << row.function;
    EXPECT_EQ(seen.outcome, row.outcome) << row.function;
    EXPECT_EQ(seen.message, row.message) << row.function;
    EXPECT_EQ(seen.latency_ms, row.latency_ms) << row.function;
  }
  const Observation longest = Check("() => { throw new Error('m'.repeat(5000)) }");
  EXPECT_EQ(longest.message.size(), 200u);
  EXPECT_THAT(longest.message, StartsWith("Eval error: mmm"));
  EXPECT_THAT(longest.message, testing::EndsWith("..."));
}

TEST_F(HttpEvaluation, FailedExchangesAreJudgedToo) {
  const std::string unless500 =
      "(code, ms, raw) => ({status: code === 500 && raw.includes('connection refused') ? 'UP' : "
      "'DOWN', latency: ms})";
  Answers(FakeHttpClient::Failure(HttpFailure::kRefused, "connection refused"));
  const Observation refused = Check(unless500);
  EXPECT_EQ(refused.status, Status::kUp);
  EXPECT_EQ(refused.outcome, CheckOutcome::kAnswered);
  EXPECT_EQ(refused.message, "connection refused");
  EXPECT_EQ(refused.latency_ms, 0.0);

  Answers(FakeHttpClient::Failure(HttpFailure::kTimeout, "timed out after 10 s"));
  const Observation late = Check("(code) => ({status: code === 500 ? 'DEGRADED' : 'UP'})");
  EXPECT_EQ(late.status, Status::kDegraded);
  EXPECT_EQ(late.outcome, CheckOutcome::kTimeout);
  EXPECT_THAT(late.message, StartsWith("Request timed out | the function's latency"));

  const Observation threw = Check("() => { throw new Error('boom') }");
  EXPECT_EQ(threw.outcome, CheckOutcome::kError);
  EXPECT_THAT(threw.message, StartsWith("Request timed out | Eval error: boom | "));
}

TEST_F(HttpEvaluation, WhatWasNotAskedIsNotJudged) {
  Answers(FakeHttpClient::Failure(HttpFailure::kBlocked, "not allowed"));
  EXPECT_EQ(Check("() => ({status: 'UP', latency: 1})").outcome, CheckOutcome::kBlocked);
  Answers(FakeHttpClient::Failure(HttpFailure::kOverload, "too many"));
  EXPECT_EQ(Check("() => ({status: 'UP', latency: 1})").outcome, CheckOutcome::kBlind);
}

TEST_F(HttpEvaluation, ConditionsHoldBesideTheFunction) {
  Answers(FakeHttpClient::Ok("all well", 503));
  const std::string up = "() => ({status: 'UP', latency: 50})";
  EXPECT_EQ(Check(up).status, Status::kUp);
  EXPECT_EQ(Check(up, R"({"url":"http://a/","keyword":"well"})").status, Status::kUp);
  const Observation keyword = Check(up, R"({"url":"http://a/","keyword":"sick"})");
  EXPECT_EQ(keyword.status, Status::kDown);
  EXPECT_THAT(keyword.message, HasSubstr("sick"));
  const Observation code = Check(up, R"({"url":"http://a/","expected_status":"200"})");
  EXPECT_EQ(code.status, Status::kDown);
  EXPECT_THAT(code.message, HasSubstr("503"));
  EXPECT_EQ(Check(up, R"({"url":"http://a/","degraded_over_ms":40})").message,
            "slow: took 50 ms, limit is 40 ms");
}

TEST_F(HttpEvaluation, OurOwnTroubleIsNoData) {
  bench_.tools.evaluator = nullptr;
  const Observation none = Check("() => ({status: 'UP', latency: 1})");
  EXPECT_EQ(none.outcome, CheckOutcome::kBlind);
  EXPECT_EQ(none.status, Status::kNoData);
  EXPECT_EQ(none.message, "this server runs no evaluation functions");
  EXPECT_FALSE(none.latency_ms);

  Metrics metrics;
  script::EvaluatorSettings settings;
  settings.program = "/nowhere";
  const auto broken = script::Evaluator::Start(settings, metrics).value();
  bench_.tools.evaluator = broken.get();
  const Observation cannot = Check("() => ({status: 'UP', latency: 1})");
  EXPECT_EQ(cannot.outcome, CheckOutcome::kBlind);
  EXPECT_EQ(cannot.status, Status::kNoData);
  EXPECT_THAT(cannot.message, StartsWith("evaluation functions cannot run here: "));
}

TEST_F(HttpEvaluation, TheDefaultNeedsNoEngine) {
  bench_.tools.evaluator = nullptr;
  const char* const kDefault =
      "(async function (statusCode, responseTime, responseRaw, modules) {\n"
      "\tlet statusCodeShort = Math.floor(statusCode/100);\n"
      "  if (statusCode == 429 || (statusCodeShort >= 2 && statusCodeShort <= 3)) {\n"
      "    // fine\n"
      "    return { status: \"UP\", latency: responseTime };\n  }\n"
      "\treturn {\n\t\tstatus: 'DOWN',\n\t\tlatency: responseTime,\n\t}\n})";
  EXPECT_EQ(Check(kDefault).status, Status::kUp);
  Answers(FakeHttpClient::Ok("", 503));
  EXPECT_EQ(Check(kDefault).status, Status::kDown);
  EXPECT_EQ(Check("  ").outcome, CheckOutcome::kAnswered);
  EXPECT_EQ(Check(std::string(kDefault) + ".bind(1)").outcome, CheckOutcome::kBlind);
}

// The documented examples (product.md 2.4).
TEST_F(HttpEvaluation, TheExamplesWork) {
  const std::string json =
      "(async function (statusCode, responseTime, responseRaw) { const data = JSON.parse("
      "responseRaw); return {status: data.state === 'ok' ? 'UP' : 'DOWN', latency: responseTime} "
      "})";
  Answers(FakeHttpClient::Ok(R"({"state":"ok"})"));
  EXPECT_EQ(Check(json).status, Status::kUp);
  Answers(FakeHttpClient::Ok(R"({"state":"sick"})"));
  EXPECT_EQ(Check(json).status, Status::kDown);
  Answers(FakeHttpClient::Ok("<html>"));
  EXPECT_EQ(Check(json).outcome, CheckOutcome::kError);

  const std::string slow =
      "(async function (statusCode, responseTime) { return {status: responseTime > 10 ? 'DEGRADED' "
      ": 'UP', latency: responseTime} })";
  EXPECT_EQ(Check(slow).status, Status::kDegraded);

  const std::string html =
      "(async function (statusCode, responseTime, responseRaw, modules) {"
      "const $ = modules.cheerio.load(responseRaw);"
      "return {status: $('h1').text().includes('Welcome') ? 'UP' : 'DOWN', latency: responseTime}"
      "})";
  Answers(FakeHttpClient::Ok("<body><h1>Welcome back</h1>"));
  EXPECT_EQ(Check(html).status, Status::kUp);

  Answers(FakeHttpClient::Ok("", 401));
  EXPECT_EQ(Check("(async function (statusCode, responseTime) { return {status: statusCode === 401 "
                  "? 'UP' : 'DOWN', latency: responseTime} })")
                .status,
            Status::kUp);
}

class DialEvaluation : public testing::Test {
 protected:
  DialEvaluation() { bench_.tools.evaluator = &Pool(); }
  Observation Check(std::string_view kind, std::string_view json, const std::string& function) {
    return bench_.CheckSpec(WithFunction(json, function), kind);
  }

  FakeDialer dialer_;
  ProbeBench bench_{dialer_};
};

constexpr char kThree[] =
    R"({"hosts":[{"host":"a.test","port":1},{"host":"192.0.2.1","port":2},{"host":"2001:db8::1"}]})";

TEST_F(DialEvaluation, TcpFunctionsSeeEveryTarget) {
  dialer_.answers = {FakeDialer::Said(""),
                     FakeDialer::Failure(DialFailure::kTimeout, "no answer in time"),
                     FakeDialer::Failure(DialFailure::kRefused, "connection refused")};
  const std::string show =
      "(async function (arrayOfPings) { throw arrayOfPings.map(p => [p.status, p.latency, p.host, "
      "p.port, p.type].join()).join(' ') })";
  const Observation seen = Check("tcp", kThree, show);
  EXPECT_THAT(seen.message, StartsWith("Error in tcpEval: open,2,a.test,1,DOMAIN "
                                       "timeout,0,192.0.2.1,2,IP4 error,0,2001:db8::1,80,IP6 | "));
  EXPECT_EQ(seen.outcome, CheckOutcome::kError);

  dialer_.answers = {FakeDialer::Said(""), FakeDialer::Failure(DialFailure::kRefused, "refused"),
                     FakeDialer::Said("")};
  const std::string most =
      "(pings) => { const open = pings.filter(p => p.status === 'open').length;"
      "return {status: open >= 2 ? 'UP' : 'DOWN', latency: open} }";
  const Observation two = Check("tcp", kThree, most);
  EXPECT_EQ(two.status, Status::kUp);
  EXPECT_EQ(two.latency_ms, 2.0);
  EXPECT_EQ(two.message, "");

  dialer_.answers = {FakeDialer::Failure(DialFailure::kRefused, "refused")};
  const Observation none = Check("tcp", R"({"host":"a.test","port":25})", most);
  EXPECT_EQ(none.status, Status::kDown);
  EXPECT_EQ(none.message, "the function says DOWN: refused");
}

TEST_F(DialEvaluation, TcpFunctionsMustReturnBoth) {
  const Observation seen = Check("tcp", R"({"host":"a.test"})", "() => ({status: 'UP'})");
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.outcome, CheckOutcome::kError);
  EXPECT_THAT(seen.message, StartsWith("the function returned no latency"));
}

TEST_F(DialEvaluation, PingFunctionsSeeEveryTarget) {
  net::DialAnswer echo = FakeDialer::Said("");
  echo.phases = {};
  echo.phases.first_byte_us = 1500;
  net::DialAnswer slower = echo;
  slower.phases.first_byte_us = 2500;
  dialer_.answers = {echo, slower, FakeDialer::Failure(DialFailure::kTimeout, "no answer in time")};
  const Observation seen =
      Check("ping", R"({"hosts":[{"host":"a.test","count":2},{"host":"192.0.2.1","count":1}]})",
            "(async function (arrayOfPings) { throw new Error(JSON.stringify(arrayOfPings[0])) })");
  EXPECT_THAT(seen.message,
              StartsWith(R"(Error in pingEval: {"alive":true,"min":"1.500","max":"2.500",)"
                         R"("avg":"2.000","latencies":[1.5,2.5],"latency":2,"host":"a.test",)"
                         R"("type":"DOMAIN"})"));
  EXPECT_EQ(seen.outcome, CheckOutcome::kError);
  EXPECT_EQ(seen.status, Status::kDown);

  dialer_.answers = {echo, echo, FakeDialer::Failure(DialFailure::kTimeout, "no answer in time")};
  const std::string any =
      "(pings) => ({status: pings.some(p => p.alive) ? 'DEGRADED' : 'DOWN', latency: 9})";
  const Observation some = Check(
      "ping", R"({"hosts":[{"host":"a.test","count":2},{"host":"192.0.2.1","count":1}]})", any);
  EXPECT_EQ(some.status, Status::kDegraded);
  EXPECT_EQ(some.latency_ms, 9.0);
  EXPECT_EQ(some.message,
            "the function says DEGRADED: 192.0.2.1 is unreachable: no answer to 1 packet");
}

TEST_F(DialEvaluation, OwnTroubleIsNotShownToFunctions) {
  const std::string down = "() => ({status: 'DOWN', latency: 1})";
  dialer_.answers = {FakeDialer::Failure(DialFailure::kNotPermitted, "may not")};
  EXPECT_EQ(Check("ping", R"({"host":"a.test"})", down).outcome, CheckOutcome::kBlind);
  dialer_.answers = {FakeDialer::Failure(DialFailure::kRefused, "refused"),
                     FakeDialer::Failure(DialFailure::kBlocked, "not allowed")};
  EXPECT_EQ(Check("tcp", R"({"hosts":[{"host":"a.test"},{"host":"b.test"}]})", down).outcome,
            CheckOutcome::kBlocked);
}

TEST(EvaluationSpec, OnlyTextsOfSixtyFourKibAreTaken) {
  const Catalog catalog;
  for (const char* kind : {"http", "tcp", "ping"}) {
    Value spec = ParseSpec(std::string_view(kind) == "http" ? R"({"url":"http://a/"})"
                                                            : R"({"host":"a.test"})");
    spec.Set("eval", "(async function () {");  // the contract takes any text
    EXPECT_TRUE(catalog.ValidateSpec(kind, spec)) << kind;
    spec.Set("eval", std::string(65536, ' '));
    EXPECT_TRUE(catalog.ValidateSpec(kind, spec)) << kind;
    spec.Set("eval", std::string(65537, ' '));
    EXPECT_FALSE(catalog.ValidateSpec(kind, spec)) << kind;
    spec.Set("eval", 5);
    EXPECT_FALSE(catalog.ValidateSpec(kind, spec)) << kind;
  }
}

}  // namespace
}  // namespace pharos::probe
