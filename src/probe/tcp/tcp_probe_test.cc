#include "probe/tcp/tcp_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/testing/dialer_fixture.h"
#include "net/testing/scripted_server.h"
#include "probe/host_list.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using net::DialFailure;
using testing::HasSubstr;

class TcpProbeTest : public testing::Test {
 protected:
  Observation Check(std::string_view json) { return bench_.CheckSpec(ParseSpec(json), "tcp"); }

  FakeDialer dialer_;
  ProbeBench bench_{dialer_};
};

TEST_F(TcpProbeTest, OneTargetThatAcceptsIsUp) {
  const Observation seen = Check(R"({"host":"db.test","port":5432,"timeout_ms":900})");
  EXPECT_EQ(seen.status, Status::kUp);
  EXPECT_EQ(seen.latency_ms, 2.0);
  ASSERT_EQ(dialer_.requests.size(), 1u);
  EXPECT_EQ(dialer_.requests[0].transport, net::Transport::kTcp);
  EXPECT_EQ(dialer_.requests[0].host, "db.test");
  EXPECT_EQ(dialer_.requests[0].port, 5432);
  EXPECT_EQ(dialer_.requests[0].timeout, Milliseconds(900));
  EXPECT_EQ(dialer_.requests[0].read_limit, 0u);
  EXPECT_EQ(EvidenceOf(seen, "connect"), "2 ms");
}

TEST_F(TcpProbeTest, FailuresAreToldApart) {
  const struct {
    DialFailure failure;
    CheckOutcome outcome;
    Status status;
  } rows[] = {
      {DialFailure::kRefused, CheckOutcome::kAnswered, Status::kDown},
      {DialFailure::kTimeout, CheckOutcome::kTimeout, Status::kDown},
      {DialFailure::kResolve, CheckOutcome::kAnswered, Status::kDown},
      {DialFailure::kBlocked, CheckOutcome::kBlocked, Status::kNoData},
      {DialFailure::kOverload, CheckOutcome::kBlind, Status::kNoData},
  };
  for (const auto& row : rows) {
    dialer_.answers = {FakeDialer::Failure(row.failure, "because")};
    const Observation seen = Check(R"({"host":"db.test","port":1})");
    EXPECT_EQ(seen.outcome, row.outcome);
    EXPECT_EQ(seen.status, row.status);
    EXPECT_EQ(seen.message, "because");
    EXPECT_FALSE(seen.latency_ms);
  }
}

TEST_F(TcpProbeTest, AllOfSeveralTargetsMustAccept) {
  constexpr const char* kThree =
      R"({"hosts":[{"host":"a.test","port":1},{"host":"::1"},{"host":"c.test","port":3}]})";
  net::DialAnswer slow = FakeDialer::Said("");
  slow.phases.connect_us = 5000;
  dialer_.answers = {FakeDialer::Said(""), slow, FakeDialer::Said("")};
  const Observation up = Check(kThree);
  EXPECT_EQ(up.status, Status::kUp);
  EXPECT_EQ(up.latency_ms, 3.0);  // the mean
  EXPECT_EQ(EvidenceOf(up, "[::1]:80"), "open, 5 ms");

  dialer_.answers = {FakeDialer::Said(""), FakeDialer::Failure(DialFailure::kTimeout, "late"),
                     FakeDialer::Failure(DialFailure::kRefused, "refused")};
  const Observation down = Check(kThree);
  EXPECT_EQ(down.status, Status::kDown);
  EXPECT_EQ(down.outcome, CheckOutcome::kAnswered);
  EXPECT_EQ(down.message, "[::1]:80 is timeout; c.test:3 is refused");
  EXPECT_FALSE(down.latency_ms);

  dialer_.answers = {FakeDialer::Failure(DialFailure::kTimeout, "late")};
  EXPECT_EQ(Check(kThree).outcome, CheckOutcome::kTimeout);
  dialer_.answers = {FakeDialer::Said(""), FakeDialer::Failure(DialFailure::kBlocked, "not there")};
  EXPECT_EQ(Check(kThree).outcome, CheckOutcome::kBlocked);
}

TEST_F(TcpProbeTest, TimeoutsOfTargetsAreBounded) {
  Check(R"({"timeout_ms":2000,"hosts":[{"host":"a","timeout_ms":500,"ip_version":"6"},)"
        R"({"host":"b","timeout_ms":9000}]})");
  ASSERT_EQ(dialer_.requests.size(), 2u);
  EXPECT_EQ(dialer_.requests[0].timeout, Milliseconds(500));
  EXPECT_EQ(dialer_.requests[0].ip_version, 6);
  EXPECT_EQ(dialer_.requests[1].timeout, Milliseconds(2000));
}

TEST_F(TcpProbeTest, SlowConnectionsCount) {
  EXPECT_EQ(Check(R"({"host":"a","down_over_ms":1})").message, "slow: took 2 ms, limit is 1 ms");
}

TEST_F(TcpProbeTest, SpecsAreChecked) {
  const Catalog catalog;
  for (const char* bad :
       {R"({})", R"({"host":"a b"})", R"({"host":"a","port":0})", R"({"host":"a","port":"80"})",
        R"({"host":"a","hosts":[{"host":"b"}]})", R"({"hosts":[]})", R"({"hosts":[5]})",
        R"({"hosts":[{}]})", R"({"hosts":[{"host":"a","port":70000}]})",
        R"({"hosts":[{"host":"a","port":1.5}]})", R"({"hosts":[{"host":"a","count":1}]})",
        R"({"hosts":[{"host":"a","ip_version":"5"}]})",
        R"({"hosts":[{"host":"a","timeout_ms":0}]})", R"({"host":"http://a"})"}) {
    EXPECT_FALSE(catalog.ValidateSpec("tcp", ParseSpec(bad))) << bad;
  }
  Value::List many(kMaxHosts + 1, ParseSpec(R"({"host":"a"})"));
  Value spec;
  spec.Set("hosts", many);
  EXPECT_FALSE(catalog.ValidateSpec("tcp", spec));
}

TEST(TcpProbeNet, RealPortsAreJudged) {
  net::ScriptedServer server([](net::ScriptedConnection& peer) { peer.WaitForClose(); });
  const net::RefusingPort nobody;
  RealDialer net;
  ProbeBench bench(*net.dialer);
  Value open;
  open.Set("host", "127.0.0.1");
  open.Set("port", static_cast<int>(server.port()));
  const Observation up = bench.CheckSpec(open, "tcp");
  EXPECT_EQ(up.status, Status::kUp) << up.message;
  EXPECT_TRUE(up.latency_ms);

  Value other;
  other.Set("host", "127.0.0.1");
  other.Set("port", static_cast<int>(nobody.port()));
  EXPECT_THAT(bench.CheckSpec(other, "tcp").message, HasSubstr("connection refused by 127.0.0.1"));
  Value both;
  both.Set("hosts", Value::List{open, other});
  EXPECT_THAT(bench.CheckSpec(both, "tcp").message, HasSubstr(" is refused"));
}

TEST(TcpProbeNet, BlockedIsNotDown) {
  net::OutboundSettings outbound;
  outbound.mode = net::PolicyMode::kUntrusted;
  RealDialer net({}, outbound);
  ProbeBench bench(*net.dialer);
  const Observation seen = bench.CheckSpec(ParseSpec(R"({"host":"127.0.0.1","port":9})"), "tcp");
  EXPECT_EQ(seen.outcome, CheckOutcome::kBlocked);
  EXPECT_EQ(seen.status, Status::kNoData);
}

}  // namespace
}  // namespace pharos::probe
