#include "probe/push/push_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using testing::ElementsAre;

std::vector<FieldError> ProblemsOf(std::string_view spec) {
  auto result = Catalog().ValidateSpec("push", ParseSpec(spec));
  return result ? std::vector<FieldError>() : result.error().fields;
}

TEST(PushProbe, IsPushedWithTheSilenceOfHeartbeats) {
  const auto probe = MakePushProbe();
  EXPECT_TRUE(probe->descriptor().pushed);
  const auto spec = Catalog().ValidateSpec("push", Value());
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->IntOr("degraded_after_s", 0), 300);
  EXPECT_EQ(spec->IntOr("down_after_s", 0), 600);
  EXPECT_THAT(
      ProblemsOf(R"({"degraded_after_s":600})"),
      ElementsAre(FieldError{"spec.down_after_s", "must be greater than degraded_after_s"}));
}

TEST(PushProbe, FiguresAndTheirLimits) {
  struct Row {
    const char* figure;
    const char* field;  // empty: fine
  };
  constexpr Row kRows[] = {
      {R"({"name":"queue"})", ""},
      {R"({"name":"queue","unit":"jobs","degraded_above":100,"down_above":1000})", ""},
      {R"({"name":"free","unit":"GB","degraded_below":20,"down_below":5})", ""},
      {R"({"name":"free","degraded_below":20,"down_below":null})", ""},
      {R"({"name":""})", "spec.figures[0].name"},
      {R"({"unit":"s"})", "spec.figures[0].name"},
      {R"({"name":7})", "spec.figures[0].name"},
      {R"({"name":"q","unit":"a unit that is too long"})", "spec.figures[0].unit"},
      {R"({"name":"q","warn":1})", "spec.figures[0].warn"},
      {R"({"name":"q","down_above":"9"})", "spec.figures[0].down_above"},
      {R"({"name":"q","degraded_above":9,"down_above":8})", "spec.figures[0].down_above"},
      {R"({"name":"q","degraded_below":8,"down_below":9})", "spec.figures[0].down_below"},
  };
  for (const Row& row : kRows) {
    const auto problems = ProblemsOf(std::string("{\"figures\":[") + row.figure + "]}");
    if (std::string_view(row.field).empty()) {
      EXPECT_TRUE(problems.empty()) << row.figure;
      continue;
    }
    ASSERT_EQ(problems.size(), 1U) << row.figure;
    EXPECT_EQ(problems[0].field, row.field);
  }
  EXPECT_EQ(ProblemsOf(R"({"figures":[{"name":"q"},{"name":"q"}]})").size(), 1U);
}

}  // namespace
}  // namespace pharos::probe
