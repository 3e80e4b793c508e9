#include "probe/ping/ping_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using net::DialFailure;
using testing::HasSubstr;

net::DialAnswer Echo(int64_t us) {
  net::DialAnswer answer = FakeDialer::Said("");
  answer.phases = {};
  answer.phases.first_byte_us = us;
  return answer;
}

net::DialAnswer Lost() { return FakeDialer::Failure(DialFailure::kTimeout, "no answer in time"); }

class PingProbeTest : public testing::Test {
 protected:
  Observation Check(std::string_view json = R"({"host":"gate.test"})") {
    return bench_.CheckSpec(ParseSpec(json), "ping");
  }

  FakeDialer dialer_;
  ProbeBench bench_{dialer_};
};

TEST_F(PingProbeTest, SendsItsPacketsAndMeasures) {
  dialer_.answers = {Echo(1000), Echo(3000), Echo(2600)};
  const Observation seen = Check();
  EXPECT_EQ(seen.status, Status::kUp);
  EXPECT_EQ(seen.latency_ms, 2.2);
  ASSERT_EQ(dialer_.requests.size(), 3u);
  EXPECT_EQ(dialer_.requests[0].transport, net::Transport::kPing);
  EXPECT_EQ(dialer_.requests[0].send.size(), 56u);
  EXPECT_NE(dialer_.requests[0].send, dialer_.requests[1].send);
  EXPECT_EQ(dialer_.requests[0].timeout, Seconds(1));
  EXPECT_EQ(EvidenceOf(seen, "packets"), "3 of 3 answered, 0 % lost, 1 ms / 2.2 ms / 3 ms");
  EXPECT_EQ(WriteJson(seen.facts),
            R"({"ping":{"hosts":[{"host":"gate.test","address":"192.0.2.7","sent":3,"received":3,)"
            R"("loss_percent":0,"min_ms":1,"avg_ms":2.2,"max_ms":3}]}})");
}

// 0 would read as "not measured": null in is0k and Kodo, left out of every average.
TEST_F(PingProbeTest, ANeighbourIsMeasuredToo) {
  dialer_.answers = {Echo(20), Echo(31), Echo(33)};
  const Observation seen = Check();
  EXPECT_EQ(seen.status, Status::kUp);
  EXPECT_EQ(seen.latency_ms, 0.028);
  EXPECT_EQ(EvidenceOf(seen, "packets"),
            "3 of 3 answered, 0 % lost, 0.020 ms / 0.028 ms / 0.033 ms");
}

TEST_F(PingProbeTest, LossIsDegradedAndSilenceDown) {
  dialer_.answers = {Echo(1000), Lost(), Echo(1000)};
  const Observation some = Check();
  EXPECT_EQ(some.status, Status::kDegraded);
  EXPECT_EQ(some.message, "33 % of the packets were lost");
  EXPECT_EQ(some.latency_ms, 1.0);
  EXPECT_EQ(some.code, 33);

  dialer_.answers = {Echo(1000), Lost(), Echo(1000)};
  EXPECT_EQ(Check(R"({"host":"gate.test","degraded_over_loss_percent":50})").status, Status::kUp);

  dialer_.answers = {Lost()};
  const Observation none = Check();
  EXPECT_EQ(none.status, Status::kDown);
  EXPECT_EQ(none.outcome, CheckOutcome::kTimeout);
  EXPECT_EQ(none.message, "gate.test is unreachable: no answer to 3 packets");
  EXPECT_FALSE(none.latency_ms);
  EXPECT_EQ(none.facts.Find("ping")->Find("hosts")->AsList()[0].IntOr("loss_percent", 0), 100);
}

TEST_F(PingProbeTest, SeveralTargetsMustAllAnswer) {
  dialer_.answers = {Echo(1000), Echo(1000),
                     FakeDialer::Failure(DialFailure::kResolve, "no such name")};
  const Observation seen = Check(
      R"({"hosts":[{"host":"a.test","count":2,"timeout_ms":300},{"host":"b.test","count":1}]})");
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered);
  EXPECT_EQ(seen.message, "b.test is unreachable: no such name");
  EXPECT_EQ(dialer_.requests[0].timeout, Milliseconds(300));
  EXPECT_EQ(EvidenceOf(seen, "a.test"), "2 of 2 answered, 0 % lost, 1 ms / 1 ms / 1 ms");

  dialer_.answers = {Echo(1000), Echo(3000)};
  EXPECT_EQ(Check(R"({"hosts":[{"host":"a","count":1},{"host":"b","count":1}]})").latency_ms, 2.0);
}

TEST_F(PingProbeTest, OurOwnTroubleIsNoData) {
  dialer_.answers = {FakeDialer::Failure(DialFailure::kNotPermitted, "may not")};
  const Observation seen = Check();
  EXPECT_EQ(seen.outcome, CheckOutcome::kBlind);
  EXPECT_EQ(seen.status, Status::kNoData);
  EXPECT_EQ(dialer_.requests.size(), 1u);
  dialer_.answers = {FakeDialer::Failure(DialFailure::kBlocked, "refused")};
  EXPECT_EQ(Check().outcome, CheckOutcome::kBlocked);
}

TEST_F(PingProbeTest, SlowAnswersCount) {
  dialer_.answers = {Echo(5000)};
  EXPECT_EQ(Check(R"({"host":"a","degraded_over_ms":4})").message,
            "slow: took 5 ms, limit is 4 ms");
}

TEST_F(PingProbeTest, SpecsAreChecked) {
  const Catalog catalog;
  for (const char* bad :
       {R"({})", R"({"host":"a b"})", R"({"host":"a","count":0})", R"({"host":"a","count":21})",
        R"({"host":"a","port":80})", R"({"hosts":[{"host":"a","count":0}]})",
        R"({"hosts":[{"host":"a","port":1}]})", R"({"host":"a","packet_timeout_ms":1})",
        R"({"host":"a","degraded_over_loss_percent":101})"}) {
    EXPECT_FALSE(catalog.ValidateSpec("ping", ParseSpec(bad))) << bad;
  }
}

// Where the system lets us, over real sockets; elsewhere the verdict must say so.
TEST(PingProbeNet, TheLoopbackAnswers) {
  RealDialer net;
  ProbeBench bench(*net.dialer);
  const Observation seen = bench.CheckSpec(ParseSpec(R"({"host":"127.0.0.1"})"), "ping");
  if (seen.outcome == CheckOutcome::kBlind) {
    EXPECT_THAT(seen.message, HasSubstr("may not send ICMP"));
    return;
  }
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_TRUE(seen.latency_ms);
}

}  // namespace
}  // namespace pharos::probe
