#include "probe/heartbeat/heartbeat_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using testing::ElementsAre;

std::vector<FieldError> ProblemsOf(std::string_view spec) {
  auto result = Catalog().ValidateSpec("heartbeat", ParseSpec(spec));
  return result ? std::vector<FieldError>() : result.error().fields;
}

TEST(HeartbeatProbe, IsPushedSoThatNobodySchedulesIt) {
  const auto probe = MakeHeartbeatProbe();
  EXPECT_TRUE(probe->descriptor().pushed);
  EXPECT_EQ(probe->descriptor().kind, "heartbeat");
}

// product.md 2.10
TEST(HeartbeatProbe, DefaultsAreFiveAndTenMinutes) {
  const auto spec = Catalog().ValidateSpec("heartbeat", Value());
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->IntOr("degraded_after_s", 0), 300);
  EXPECT_EQ(spec->IntOr("down_after_s", 0), 600);
  EXPECT_FALSE(spec->BoolOr("accept_get_ping", true));
  EXPECT_FALSE(spec->BoolOr("public_ping", true));
  EXPECT_EQ(spec->Find("secret"), nullptr);
}

TEST(HeartbeatProbe, DownComesAfterDegraded) {
  const FieldError wrong{"spec.down_after_s", "must be greater than degraded_after_s"};
  EXPECT_THAT(ProblemsOf(R"({"degraded_after_s":600,"down_after_s":600})"), ElementsAre(wrong));
  EXPECT_THAT(ProblemsOf(R"({"degraded_after_s":900})"), ElementsAre(wrong));
  EXPECT_THAT(ProblemsOf(R"({"degraded_after_s":299,"down_after_s":300})"), ElementsAre());
  EXPECT_THAT(ProblemsOf(R"({"degraded_after_s":0,"down_after_s":30})"), ElementsAre());
}

TEST(HeartbeatProbe, OldTwoWordSecretsAreFine) {
  EXPECT_THAT(ProblemsOf(R"({"secret":"x"})"), ElementsAre());
  EXPECT_THAT(ProblemsOf(R"({"secret":"quiet-harbour","interval_s":86400,"down_after_s":172800})"),
              ElementsAre());
  EXPECT_FALSE(ProblemsOf("{\"secret\":\"" + std::string(129, 'x') + "\"}").empty());
}

TEST(HeartbeatProbe, ImpossibleTimesAreRefused) {
  EXPECT_FALSE(ProblemsOf(R"({"down_after_s":0})").empty());
  EXPECT_FALSE(ProblemsOf(R"({"interval_s":-5})").empty());
  EXPECT_FALSE(ProblemsOf(R"({"degraded_after_s":1e12,"down_after_s":2e12})").empty());
  EXPECT_FALSE(ProblemsOf(R"({"accept_get_ping":"yes"})").empty());
}

}  // namespace
}  // namespace pharos::probe
