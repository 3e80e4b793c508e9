#include "probe/manual/manual_probe.h"

#include <gtest/gtest.h>

#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

TEST(ManualProbe, IsPushedAndHasNothingToSayByItself) {
  const auto probe = MakeManualProbe();
  EXPECT_TRUE(probe->descriptor().pushed);
  Observation seen;
  probe->Start(Value(), net::Purpose::kProbe, Tools{},
               [&](Observation observation) { seen = std::move(observation); });
  EXPECT_EQ(seen.outcome, model::CheckOutcome::kNone);
  EXPECT_EQ(seen.status, model::Status::kNoData);
  EXPECT_EQ(seen.latency_ms, std::nullopt);
}

// product.md 1.6: false by default.
TEST(ManualProbe, RepeatsOnlyWhenAsked) {
  const Catalog catalog;
  const auto spec = catalog.ValidateSpec("manual", Value());
  ASSERT_TRUE(spec);
  EXPECT_FALSE(spec->BoolOr("repeat_last", true));
  EXPECT_TRUE(catalog.ValidateSpec("manual", ParseSpec(R"({"repeat_last":true})")));
  EXPECT_FALSE(catalog.ValidateSpec("manual", ParseSpec(R"({"repeat_last":"yes"})")));
  EXPECT_FALSE(catalog.ValidateSpec("manual", ParseSpec(R"({"url":"http://h.test/"})")));
}

}  // namespace
}  // namespace pharos::probe
