#include "probe/group/group_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using testing::ElementsAre;

std::vector<FieldError> ProblemsOf(std::string_view spec) {
  auto result = Catalog().ValidateSpec("group", ParseSpec(spec));
  return result ? std::vector<FieldError>() : result.error().fields;
}

TEST(GroupProbe, IsJudgedFromItsMembersAndNeverStarted) {
  const auto probe = MakeGroupProbe();
  EXPECT_TRUE(probe->descriptor().pushed);
  EXPECT_EQ(probe->descriptor().kind, "group");
}

// product.md 2.11
TEST(GroupProbe, Defaults) {
  const auto spec = Catalog().ValidateSpec(
      "group", ParseSpec(R"({"members":[{"tag":"a","weight":0.5},{"tag":"b","weight":0.5}]})"));
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->StringOr("latency", ""), "avg");
  EXPECT_EQ(spec->IntOr("delay_ms", 0), 1000);
  EXPECT_EQ(spec->StringOr("judge_by", ""), "score");
}

TEST(GroupProbe, WeightsSumToOneWithinAHundredth) {
  struct Row {
    const char* members;
    bool fine;
  };
  constexpr Row kRows[] = {
      {R"([{"tag":"a","weight":0.5},{"tag":"b","weight":0.3},{"tag":"c","weight":0.2}])", true},
      {R"([{"tag":"a","weight":0.333},{"tag":"b","weight":0.333},{"tag":"c","weight":0.334}])",
       true},
      {R"([{"tag":"a","weight":0.33},{"tag":"b","weight":0.33},{"tag":"c","weight":0.33}])", true},
      {R"([{"tag":"a","weight":0.5},{"tag":"b","weight":0.51}])", true},
      {R"([{"tag":"a","weight":0.5},{"tag":"b","weight":0.52}])", false},
      {R"([{"tag":"a","weight":0.5},{"tag":"b","weight":0.4}])", false},
      {R"([{"tag":"a","weight":1},{"tag":"b","weight":1}])", false},
      {R"([{"tag":"a","weight":1},{"tag":"b","weight":0}])", true},
      {R"([{"tag":"a"},{"tag":"b"}])", true},
      {R"([{"tag":"a","weight":1},{"tag":"b"}])", false},
      {R"([{"tag":"a","weight":-0.5},{"tag":"b","weight":1.5}])", false},
      {R"([{"tag":"a","weight":"1"},{"tag":"b","weight":0}])", false},
      {R"([{"tag":"a","weight":0.5},{"tag":"a","weight":0.5}])", false},
      {R"([{"tag":"","weight":0.5},{"tag":"b","weight":0.5}])", false},
      {R"([{"weight":0.5},{"tag":"b","weight":0.5}])", false},
      {R"(["a","b"])", false},
      {R"([{"tag":"a","weight":0.5,"more":1},{"tag":"b","weight":0.5}])", false},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(ProblemsOf(std::string("{\"members\":") + row.members + "}").empty(), row.fine)
        << row.members;
  }
}

TEST(GroupProbe, TextsNameTheMember) {
  EXPECT_THAT(ProblemsOf(R"({"members":[{"tag":"a","weight":0.5},{"tag":"a","weight":0.5}]})"),
              ElementsAre(FieldError{"spec.members[1]", "is named twice"}));
  EXPECT_THAT(ProblemsOf(R"({"members":[{"tag":"a","weight":0.5},{"tag":"b","weight":0.4}]})"),
              ElementsAre(FieldError{"spec.members", "must have weights that sum to 1"}));
}

TEST(GroupProbe, LimitsOfTheRest) {
  const std::string members = R"("members":[{"tag":"a"},{"tag":"b"}])";
  EXPECT_TRUE(ProblemsOf("{" + members + R"(,"latency":"max","delay_ms":60000})").empty());
  EXPECT_FALSE(ProblemsOf("{" + members + R"(,"latency":"median"})").empty());
  EXPECT_FALSE(ProblemsOf("{" + members + R"(,"delay_ms":60001})").empty());
  std::string many;
  for (int i = 0; i <= 100; ++i)
    many += (i > 0 ? ",{\"tag\":\"m" : "{\"tag\":\"m") + std::to_string(i) + "\"}";
  EXPECT_FALSE(ProblemsOf("{\"members\":[" + many + "]}").empty());
}

}  // namespace
}  // namespace pharos::probe
