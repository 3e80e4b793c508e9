#include "schedule/canaries.h"

#include <gtest/gtest.h>

#include "base/fake_clock.h"

namespace pharos::schedule {
namespace {

using model::CheckOutcome;
using model::Status;

// Keeps what is dialled until the test says what comes of it.
class HeldDialer : public net::Dialer {
 public:
  uint64_t Start(net::DialRequest request, net::DialDone done) override {
    requests.push_back(std::move(request));
    held.push_back(std::move(done));
    return requests.size();
  }
  void Cancel(uint64_t) override {}
  size_t InFlight() const override { return held.size(); }
  std::vector<std::string> NameServers() const override { return {}; }
  void Answer(size_t i, net::DialFailure failure) {
    net::DialAnswer answer;
    answer.failure = failure;
    held[i](std::move(answer));
  }

  std::vector<net::DialRequest> requests;
  std::vector<net::DialDone> held;
};

class CanariesTest : public testing::Test {
 protected:
  static probe::Observation Down(const char* failure) {
    probe::Observation seen;
    seen.outcome = CheckOutcome::kAnswered;
    seen.status = Status::kDown;
    seen.evidence.emplace_back("failure", failure);
    return seen;
  }
  void Ask() {
    canaries_.Ask([this](bool open) { verdicts_.push_back(open); });
  }

  HeldDialer dialer_;
  FakeClock clock_;
  Metrics metrics_;
  Canaries canaries_{
      {{"192.0.2.1:53", "[2001:db8::1]:443", "nonsense"}}, &dialer_, clock_, metrics_};
  std::vector<bool> verdicts_;
};

TEST_F(CanariesTest, OnlyFailuresToReachATargetConcernThem) {
  EXPECT_TRUE(canaries_.Concern(Down("timeout")));
  EXPECT_TRUE(canaries_.Concern(Down("unreachable")));
  EXPECT_TRUE(canaries_.Concern(Down("resolve")));
  EXPECT_FALSE(canaries_.Concern(Down("refused")));
  EXPECT_FALSE(canaries_.Concern(Down("tls_verify")));
  probe::Observation up;
  up.status = Status::kUp;
  EXPECT_FALSE(canaries_.Concern(up));
  const Canaries none({}, &dialer_, clock_, metrics_);
  EXPECT_FALSE(none.Concern(Down("timeout")));
}

TEST_F(CanariesTest, OneThatAnswersIsEnoughAndARefusalIsAnAnswer) {
  Ask();
  Ask();
  ASSERT_EQ(dialer_.requests.size(), 2u);  // one round for both
  EXPECT_EQ(dialer_.requests[1].host, "2001:db8::1");
  EXPECT_EQ(dialer_.requests[1].port, 443);
  dialer_.Answer(0, net::DialFailure::kTimeout);
  EXPECT_TRUE(verdicts_.empty());
  dialer_.Answer(1, net::DialFailure::kRefused);
  EXPECT_EQ(verdicts_, (std::vector<bool>{true, true}));
}

TEST_F(CanariesTest, WhenNoneAnswersTheWayIsCutForTwoSeconds) {
  Ask();
  dialer_.Answer(0, net::DialFailure::kUnreachable);
  dialer_.Answer(1, net::DialFailure::kTimeout);
  Ask();
  EXPECT_EQ(verdicts_, (std::vector<bool>{false, false}));
  EXPECT_EQ(dialer_.requests.size(), 2u);
  clock_.Advance(Seconds(2));
  Ask();
  ASSERT_EQ(dialer_.requests.size(), 4u);
  dialer_.Answer(2, net::DialFailure::kNone);
  dialer_.Answer(3, net::DialFailure::kTimeout);
  EXPECT_EQ(verdicts_, (std::vector<bool>{false, false, true}));
}

TEST_F(CanariesTest, WhatWeMayNotAskAboutExcusesNobody) {
  Ask();
  dialer_.Answer(0, net::DialFailure::kBlocked);
  dialer_.Answer(1, net::DialFailure::kOverload);
  EXPECT_EQ(verdicts_, (std::vector<bool>{true}));
}

TEST_F(CanariesTest, ABlindCheckSaysSoAndNothingElse) {
  probe::Observation seen = Down("timeout");
  seen.latency_ms = 10'000;
  MakeBlind(seen, Canaries::kCutMessage);
  EXPECT_EQ(seen.outcome, CheckOutcome::kBlind);
  EXPECT_EQ(seen.status, Status::kNoData);
  EXPECT_FALSE(seen.latency_ms);
  EXPECT_EQ(seen.message, "Monitor was blind: this server could reach none of its canaries");
}

}  // namespace
}  // namespace pharos::schedule
