#include "intake/evidence_gate.h"

#include <gtest/gtest.h>

#include "model/check_evidence.h"

namespace pharos::intake {
namespace {

using model::Status;

model::CheckResult Failure(const std::string& message) {
  model::CheckResult result;
  result.observed = Status::kDown;
  result.message = message;
  result.evidence = std::make_shared<model::CheckEvidence>();
  return result;
}

TEST(EvidenceGateTest, WhatIsNewIsKeptAndOfTheRestOneInTen) {
  model::MonitorState state;
  state.observed = Status::kUp;
  EXPECT_TRUE(IsNews(state, Failure("HTTP 503")));
  state.observed = Status::kDown;
  state.message = "HTTP 503";
  std::string kept;
  for (state.failures = 1; state.failures <= 30; ++state.failures) {
    if (IsNews(state, Failure("HTTP 503"))) kept += std::to_string(state.failures + 1) + " ";
  }
  EXPECT_EQ(kept, "2 3 10 20 30 ");
  state.failures = 14;
  EXPECT_TRUE(IsNews(state, Failure("connection refused")));
  EXPECT_FALSE(IsNews(state, Failure("HTTP 504"))) << "numbers alone are no news";
  model::CheckResult good = Failure("");
  good.observed = Status::kUp;
  EXPECT_TRUE(IsNews(state, good));
}

TEST(EvidenceGateTest, AnOutageOfEverythingIsBounded) {
  EvidenceGate gate;
  const model::MonitorState fresh;
  const Timestamp now = FromUnixSeconds(1'772'582'400);
  int admitted = 0;
  for (int i = 0; i < 10'000; ++i) admitted += gate.Admits(fresh, Failure("no"), now) ? 1 : 0;
  EXPECT_EQ(admitted, EvidenceGate::kBurst);
  EXPECT_FALSE(gate.Admits(fresh, Failure("no"), now));
  admitted = 0;
  for (int i = 0; i < 10'000; ++i) {
    admitted += gate.Admits(fresh, Failure("no"), now + Seconds(1)) ? 1 : 0;
  }
  EXPECT_EQ(admitted, EvidenceGate::kPerSecond);
}

TEST(EvidenceGateTest, WithoutEvidenceThereIsNothingToKeep) {
  EvidenceGate gate;
  model::CheckResult result = Failure("no");
  result.evidence.reset();
  EXPECT_FALSE(gate.Admits({}, result, FromUnixSeconds(1)));
}

}  // namespace
}  // namespace pharos::intake
