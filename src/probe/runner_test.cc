#include "probe/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using net::HttpFailure;
using testing::ElementsAre;
using testing::IsEmpty;

class RunnerTest : public testing::Test {
 protected:
  static net::HttpAnswer Refused() {
    return FakeHttpClient::Failure(HttpFailure::kRefused, "connection refused");
  }

  FakeHttpClient http_;
  ProbeBench bench_{http_};
};

TEST_F(RunnerTest, GoodAttemptIsTheOnlyOne) {
  const Observation seen = bench_.Check(R"({"url":"http://h.test/","retries":3})");
  EXPECT_EQ(seen.status, Status::kUp);
  EXPECT_EQ(EvidenceOf(seen, "attempts"), "1 of 4");
  EXPECT_EQ(http_.requests.size(), 1u);
}

TEST_F(RunnerTest, FailedAttemptsAreRepeatedAfterThePause) {
  http_.answers = {Refused(), FakeHttpClient::Ok("", 503), FakeHttpClient::Ok()};
  const Observation seen =
      bench_.Check(R"({"url":"http://h.test/","retries":2,"retry_delay_ms":700})");
  EXPECT_EQ(seen.status, Status::kUp);
  EXPECT_EQ(EvidenceOf(seen, "attempts"), "3 of 3");
  EXPECT_THAT(bench_.timer.delays, ElementsAre(Milliseconds(700), Milliseconds(700)));
}

TEST_F(RunnerTest, LastAttemptCountsWhenAllFail) {
  http_.answers = {Refused(), FakeHttpClient::Ok("", 500), FakeHttpClient::Ok("", 503)};
  const Observation seen = bench_.Check(R"({"url":"http://h.test/","retries":2})");
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.message, "HTTP 503");
  EXPECT_EQ(EvidenceOf(seen, "attempts"), "3 of 3");
}

TEST_F(RunnerTest, DegradedIsGoodEnough) {
  const Observation seen =
      bench_.Check(R"({"url":"http://h.test/","retries":2,"degraded_over_ms":5})");
  EXPECT_EQ(seen.status, Status::kDegraded);
  EXPECT_EQ(http_.requests.size(), 1u);
}

TEST_F(RunnerTest, NoRetriesByDefault) {
  http_.answers = {Refused()};
  bench_.Check(R"({"url":"http://h.test/"})");
  EXPECT_EQ(http_.requests.size(), 1u);
  EXPECT_THAT(bench_.timer.delays, IsEmpty());
}

TEST_F(RunnerTest, TimeoutsAreRepeated) {
  http_.answers = {FakeHttpClient::Failure(HttpFailure::kTimeout, "")};
  const Observation seen = bench_.Check(R"({"url":"http://h.test/","retries":1})");
  EXPECT_EQ(seen.outcome, CheckOutcome::kTimeout);
  EXPECT_EQ(http_.requests.size(), 2u);
}

TEST_F(RunnerTest, BlockedAndOverloadedAttemptsAreNotRepeated) {
  for (const HttpFailure failure : {HttpFailure::kBlocked, HttpFailure::kOverload}) {
    http_.requests.clear();
    http_.answers = {FakeHttpClient::Failure(failure, "no")};
    const Observation seen = bench_.Check(R"({"url":"http://h.test/","retries":5})");
    EXPECT_EQ(seen.status, Status::kNoData);
    EXPECT_EQ(http_.requests.size(), 1u);
  }
}

TEST_F(RunnerTest, KindWithoutProbeIsOurLackAndNotDowntime) {
  Observation seen;
  int calls = 0;
  RunCheck(bench_.catalog, "telepathy", Value(), net::Purpose::kProbe, bench_.tools,
           [&](Observation observation) {
             seen = std::move(observation);
             ++calls;
           });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(seen.outcome, CheckOutcome::kBlind);
  EXPECT_EQ(seen.status, Status::kNoData);
  EXPECT_EQ(seen.message, "this server cannot check monitors of kind \"telepathy\"");
}

TEST_F(RunnerTest, PushedKindsHaveNothingToSay) {
  for (const char* kind : {"heartbeat", "manual"}) {
    const Observation seen = bench_.CheckSpec(Value(Value::Object{}), kind);
    EXPECT_EQ(seen.outcome, CheckOutcome::kNone) << kind;
    EXPECT_EQ(seen.status, Status::kNoData) << kind;
  }
}

// What an older version stored has fewer members; the rows fill them in.
TEST_F(RunnerTest, SpecWithMissingMembersReadsWithTheDefaults) {
  Observation seen;
  RunCheck(bench_.catalog, "http", ParseSpec(R"({"url":"http://h.test/"})"), net::Purpose::kProbe,
           bench_.tools, [&](Observation observation) { seen = std::move(observation); });
  EXPECT_EQ(seen.status, Status::kUp);
  ASSERT_EQ(http_.requests.size(), 1u);
  EXPECT_EQ(http_.requests[0].timeout, Seconds(10));
  EXPECT_EQ(http_.requests[0].method, "GET");
  EXPECT_TRUE(http_.requests[0].tls.verify);
}

}  // namespace
}  // namespace pharos::probe
