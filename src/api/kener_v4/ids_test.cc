#include "api/kener_v4/ids.h"

#include <gtest/gtest.h>

#include "api/kener_v4/pages.h"
#include "api/kener_v4/times.h"

namespace pharos::api::kener_v4 {
namespace {

TEST(Times, MinuteStartsFloorEverywhere) {
  EXPECT_EQ(MinuteStart(1750000029.9), 1750000020);
  EXPECT_EQ(MinuteStart(-100), -120);
  EXPECT_EQ(MinuteStart(0), 0);
  EXPECT_EQ(MinuteStart(1e13), std::nullopt);
  EXPECT_EQ(MinuteInstant(1e12), std::nullopt);  // beyond the year 9999
  EXPECT_EQ(MinuteInstant(61), FromUnixSeconds(60));
}

TEST(Times, LooseInstantsReadAsJavaScriptDoes) {
  EXPECT_EQ(LooseInstant(Value()), FromUnixSeconds(0));
  EXPECT_EQ(LooseInstant(Value("1750003599")), FromUnixSeconds(1750003560));
  EXPECT_EQ(LooseInstant(Value("soon")), std::nullopt);
  EXPECT_EQ(LooseInstant(Value(Value::Object{})), std::nullopt);
}

TEST(Times, NumbersReadBackAsJavaScriptPrintsThem) {
  EXPECT_EQ(NumberText(2), "2");
  EXPECT_EQ(NumberText(1e20), "100000000000000000000");
  EXPECT_EQ(NumberText(-7), "-7");
  EXPECT_EQ(NumberText(1.0 / 0.0), "Infinity");
}

TEST(SanitisedPath, Table) {
  EXPECT_EQ(SanitisedPath("My Cool/Page!"), "my-coolpage");
  EXPECT_EQ(SanitisedPath("Team  Status!"), "team-status");
  EXPECT_EQ(SanitisedPath("~home"), "home");
  EXPECT_EQ(SanitisedPath("///"), "");
  EXPECT_EQ(SanitisedPath(" a\tb_c "), "a-b_c");
}

}  // namespace
}  // namespace pharos::api::kener_v4
