#include "api/kener/js.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pharos::api::kener {
namespace {

std::optional<double> Number(const char* json) { return ToNumber(ParseJson(json).value()); }
std::string Text(const char* json) { return ToText(ParseJson(json).value()); }

TEST(Js, ToNumber) {
  EXPECT_EQ(Number("5"), 5);
  EXPECT_EQ(Number("\"5\""), 5);
  EXPECT_EQ(Number("\" 5 \""), 5);
  EXPECT_EQ(Number("\"0x10\""), 16);
  EXPECT_EQ(Number("\"1e1\""), 10);
  EXPECT_EQ(Number("\"+5\""), 5);
  EXPECT_EQ(Number("\"-5.5\""), -5.5);
  EXPECT_EQ(Number("true"), 1);
  EXPECT_EQ(Number("false"), 0);
  EXPECT_EQ(Number("\"\""), 0);
  EXPECT_EQ(Number("null"), 0);
  EXPECT_EQ(Number("[5]"), 5);
  EXPECT_EQ(Number("[]"), 0);
  EXPECT_EQ(Number("[\"7\"]"), 7);
  for (const char* bad : {"{}", "[1,2]", "\"x\"", "\"5x\"", "\"inf\"", "\"nan\"", "\"--5\"",
                          "\"+-5\"", "\"-\"", "\"+\"", "\"0x\"", "\"0xg\"", "\"-inf\""}) {
    EXPECT_EQ(Number(bad), std::nullopt) << bad;
  }
}

TEST(Js, ParseIntPrefix) {
  EXPECT_EQ(ParseIntPrefix("12abc"), 12);
  EXPECT_EQ(ParseIntPrefix(" -7.9"), -7);
  EXPECT_EQ(ParseIntPrefix("+3"), 3);
  EXPECT_EQ(ParseIntPrefix("007"), 7);
  EXPECT_DOUBLE_EQ(ParseIntPrefix("99999999999999999999").value_or(0), 1e20);
  EXPECT_EQ(ParseIntPrefix("abc"), std::nullopt);
  EXPECT_EQ(ParseIntPrefix(""), std::nullopt);
  EXPECT_EQ(ParseIntPrefix("-"), std::nullopt);
  EXPECT_EQ(ParseIntPrefix(".5"), std::nullopt);
}

TEST(Js, ToText) {
  EXPECT_EQ(Text("5"), "5");
  EXPECT_EQ(Text("5.5"), "5.5");
  EXPECT_EQ(Text("true"), "true");
  EXPECT_EQ(Text("null"), "null");
  EXPECT_EQ(Text("[1,null,[2,\"x\"]]"), "1,,2,x");
  EXPECT_EQ(Text("{\"a\":1}"), "[object Object]");
  EXPECT_EQ(Text("\"as is\""), "as is");
}

TEST(Js, IsTruthy) {
  for (const char* yes : {"1", "\"x\"", "[]", "{}", "true", "-1"}) {
    EXPECT_TRUE(IsTruthy(ParseJson(yes).value())) << yes;
  }
  for (const char* no : {"0", "\"\"", "null", "false"}) {
    EXPECT_FALSE(IsTruthy(ParseJson(no).value())) << no;
  }
  const Value* absent = nullptr;
  EXPECT_FALSE(IsTruthy(absent));
}

TEST(Js, LooseNumber) {
  const auto loose = [](const char* json) {
    const Value value = ParseJson(json).value();
    return LooseNumber(&value);
  };
  EXPECT_EQ(loose("5"), 5);
  EXPECT_EQ(loose("\" 5.5 \""), 5.5);
  EXPECT_EQ(loose("\"-1e3\""), -1000);
  for (const char* bad : {"null", "true", "[]", "{}", "\"\"", "\"5x\"", "\"inf\"", "\"nan\""}) {
    EXPECT_EQ(loose(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(LooseNumber(nullptr), std::nullopt);
}

}  // namespace
}  // namespace pharos::api::kener
