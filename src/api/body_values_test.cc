#include "api/body_values.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pharos::api {
namespace {

const Value& Body() {
  static const Value body = ParseJson(R"({"text":"a","empty":"","null":null,"int":5,"real":5.75,
      "flag":false,"list":["a",1,"b"],"time":"2026-03-04T05:06:07.123456Z","wrong":"soon"})")
                                .value();
  return body;
}

using Texts = std::vector<std::string>;

TEST(BodyValues, ReadsWhatIsThere) {
  EXPECT_EQ(TextOf(Body(), "text"), "a");
  EXPECT_EQ(TextOf(Body(), "empty"), "");
  EXPECT_EQ(IntOf(Body(), "int"), 5);
  EXPECT_EQ(IntOf(Body(), "real"), 5);
  EXPECT_EQ(NumberOf(Body(), "int"), 5.0);
  EXPECT_EQ(NumberOf(Body(), "real"), 5.75);
  EXPECT_EQ(BoolOf(Body(), "flag"), false);
  EXPECT_EQ(TextsOf(Body(), "list"), (Texts{"a", "b"}));
  ASSERT_TRUE(SecondOf(Body(), "time"));
  EXPECT_EQ(FormatIsoMillis(*SecondOf(Body(), "time")), "2026-03-04T05:06:07.000Z");
  ASSERT_TRUE(MillisecondOf(Body(), "time"));
  EXPECT_EQ(ToUnixMicros(*MillisecondOf(Body(), "time")) % 1'000'000, 123'000);
}

TEST(BodyValues, AbsentNullAndOtherTypesAreNothing) {
  for (const char* name : {"absent", "null", "list"}) {
    EXPECT_EQ(TextOf(Body(), name), std::nullopt) << name;
    EXPECT_EQ(IntOf(Body(), name), std::nullopt) << name;
    EXPECT_EQ(NumberOf(Body(), name), std::nullopt) << name;
    EXPECT_EQ(BoolOf(Body(), name), std::nullopt) << name;
    EXPECT_EQ(SecondOf(Body(), name), std::nullopt) << name;
    EXPECT_EQ(MillisecondOf(Body(), name), std::nullopt) << name;
  }
  EXPECT_EQ(TextsOf(Body(), "null"), std::nullopt);
  EXPECT_EQ(TextsOf(Body(), "text"), std::nullopt);
  EXPECT_EQ(SecondOf(Body(), "wrong"), std::nullopt);
}

TEST(BodyValues, NullEmptiesWhereItMay) {
  EXPECT_EQ(TextOrEmptyOf(Body(), "text"), "a");
  EXPECT_EQ(TextOrEmptyOf(Body(), "null"), "");
  EXPECT_EQ(TextOrEmptyOf(Body(), "absent"), std::nullopt);
  EXPECT_EQ(TextsOrEmptyOf(Body(), "list"), (Texts{"a", "b"}));
  EXPECT_EQ(TextsOrEmptyOf(Body(), "null"), Texts{});
  EXPECT_EQ(TextsOrEmptyOf(Body(), "absent"), std::nullopt);
  EXPECT_TRUE(IsSent(Body(), "null"));
  EXPECT_TRUE(IsSentNull(Body(), "null"));
  EXPECT_FALSE(IsSentNull(Body(), "text"));
  EXPECT_FALSE(IsSent(Body(), "absent"));
}

TEST(BodyValues, WritesMembers) {
  const Timestamp at = FromUnixSeconds(1'700'000'000);
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutText(json, "a", "");
  PutTextOrNull(json, "b", "");
  PutTextOrNull(json, "c", "x");
  PutOptionalText(json, "d", std::optional<std::string>(""));
  PutOptionalText(json, "e", std::optional<std::string>());
  PutSecond(json, "f", at);
  PutSecondOrNull(json, "g", std::nullopt);
  PutMillisecond(json, "h", at);
  PutMillisecondOrNull(json, "i", UnlessNever(Timestamp{}));
  PutMillisecondOrNull(json, "j", UnlessNever(at));
  json.EndObject();
  EXPECT_EQ(out, R"({"a":"","b":null,"c":"x","d":"","e":null,"f":"2023-11-14T22:13:20Z","g":null,)"
                 R"("h":"2023-11-14T22:13:20.000Z","i":null,"j":"2023-11-14T22:13:20.000Z"})");
}

TEST(BodyValuesTest, NumbersThatAreNoIntegersAreNone) {
  Value body;
  for (const double number : {3.4e47, -7.8e83, 9.1e15}) {
    body.Set("number", number);
    EXPECT_EQ(IntOf(body, "number"), std::nullopt) << number;
  }
  body.Set("number", 9007199254740991.0);
  EXPECT_EQ(IntOf(body, "number"), 9007199254740991);
}

}  // namespace
}  // namespace pharos::api
