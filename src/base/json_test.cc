#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <random>
#include <string>

#include "base/text.h"

namespace pharos {
namespace {

Value Parsed(std::string_view text) {
  Result<Value> value = ParseJson(text);
  EXPECT_TRUE(value.has_value()) << text << ": " << (value ? "" : value.error().message);
  return value ? *std::move(value) : Value();
}

// The text after one round, or the name of the error kind.
std::string Round(std::string_view text) {
  const Result<Value> value = ParseJson(text);
  return value ? WriteJson(*value) : ErrorKindName(value.error().kind);
}

std::string Number(double number) {
  std::string out;
  AppendJsonNumber(out, number);
  return out;
}

std::string Nested(int depth) {
  const auto n = static_cast<size_t>(depth);
  return std::string(n, '[') + "1" + std::string(n, ']');
}

TEST(JsonParseTest, ReadsEveryKind) {
  const Value v =
      Parsed(R"( {"a":null,"b":true,"c":-7,"d":2.5,"e":"x\n\u00e9","f":[1,[]],"g":{}} )");
  EXPECT_TRUE(v.Find("a")->IsNull());
  EXPECT_TRUE(v.Find("b")->AsBool());
  EXPECT_EQ(v.Find("c")->AsInt(), -7);
  EXPECT_DOUBLE_EQ(v.Find("d")->AsDouble(), 2.5);
  EXPECT_EQ(v.Find("e")->AsString(), "x\n\xC3\xA9");
  EXPECT_EQ(v.Find("f")->AsList().size(), 2U);
  EXPECT_TRUE(v.Find("g")->IsObject());
}

TEST(JsonParseTest, ReadsScalarsAtTheRoot) {
  EXPECT_EQ(Parsed("1").AsInt(), 1);
  EXPECT_EQ(Parsed("\"x\"").AsString(), "x");
  EXPECT_TRUE(Parsed(" null ").IsNull());
  EXPECT_FALSE(Parsed("false").AsBool());
}

TEST(JsonParseTest, IgnoresByteOrderMark) {
  EXPECT_EQ(Round("\xEF\xBB\xBF{\"a\":1}"), "{\"a\":1}");
}

TEST(JsonParseTest, RefusesWhatIsNotJson) {
  for (const char* text :
       {"",          " ",       "\xEF\xBB\xBF", "{",        "}",       "[1,]",      "{\"a\":}",
        "{\"a\" 1}", "{a:1}",   "'x'",          "\"x",      "tru",     "nul",       "01",
        "+1",        "1.",      ".5",           "1e",       "-",       "NaN",       "Infinity",
        "1 2",       "[1]]",    "{}{}",         "\"\x01\"", "\"\\x\"", "\"\\u12\"", "\"\\ud8\"",
        "\"\\",      "[\"a\",", "// x\n1",      "\xFF"}) {
    const Result<Value> value = ParseJson(text);
    ASSERT_FALSE(value.has_value()) << text;
    EXPECT_EQ(value.error().kind, ErrorKind::kInvalid) << text;
    EXPECT_FALSE(value.error().message.empty());
  }
}

TEST(JsonParseTest, LastOfEqualNamesWins) {
  EXPECT_EQ(Round(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
  std::string many = "{";
  for (int i = 0; i < 100; ++i)
    many += "\"k" + std::to_string(i % 50) + "\":" + std::to_string(i) + ",";
  many += "\"k7\":\"last\"}";
  const Value v = Parsed(many);
  EXPECT_EQ(v.AsObject().size(), 50U);
  EXPECT_EQ(v.Find("k7")->AsString(), "last");
  EXPECT_EQ(v.Find("k8")->AsInt(), 58);
  EXPECT_EQ(v.AsObject()[7].first, "k7");
}

TEST(JsonParseTest, ManyMembersStayLinear) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += "\"" + std::to_string(i) + "\":1,";
  text += "\"0\":2}";
  const Value v = Parsed(text);
  EXPECT_EQ(v.AsObject().size(), 200'000U);
  EXPECT_EQ(v.AsObject()[0].second.AsInt(), 2);
}

TEST(JsonParseTest, InvalidUtf8BecomesReplacementCharacters) {
  EXPECT_EQ(Parsed("\"a\xFF\xC3(\xE2\x82\"").AsString(),
            "a\xEF\xBF\xBD\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(Parsed("{\"\x80\":1}").AsObject()[0].first, "\xEF\xBF\xBD");
  // A surrogate as raw bytes is no UTF-8 either.
  EXPECT_EQ(Parsed("\"\xED\xA0\x80\"").AsString(), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(JsonParseTest, SurrogatePairsJoinAndLoneOnesAreReplaced) {
  EXPECT_EQ(Parsed(R"("\ud83d\ude00")").AsString(), "\xF0\x9F\x98\x80");
  EXPECT_EQ(Parsed(R"("\uD83D\uDE00")").AsString(), "\xF0\x9F\x98\x80");
  EXPECT_EQ(Parsed(R"("\ud83d")").AsString(), "\xEF\xBF\xBD");
  EXPECT_EQ(Parsed(R"("\ude00!")").AsString(), "\xEF\xBF\xBD!");
  EXPECT_EQ(Parsed(R"("\ud83d\ud83d\ude00")").AsString(), "\xEF\xBF\xBD\xF0\x9F\x98\x80");
  EXPECT_EQ(Parsed(R"("\ud83dx")").AsString(), "\xEF\xBF\xBDx");
  EXPECT_EQ(Parsed(R"("\ud83d\n")").AsString(), "\xEF\xBF\xBD\n");
  EXPECT_EQ(Parsed(R"("\\ud83d")").AsString(), "\\ud83d");
  EXPECT_EQ(Parsed(R"({"\udc00":1})").AsObject()[0].first, "\xEF\xBF\xBD");
}

TEST(JsonParseTest, KeepsNulCharacter) {
  EXPECT_EQ(Parsed(R"("a\u0000b")").AsString(), std::string("a\0b", 3));
  EXPECT_EQ(Round(R"("a\u0000b")"), R"("a\u0000b")");
}

TEST(JsonParseTest, IntegersBeyond64BitsBecomeReals) {
  EXPECT_EQ(Parsed("9223372036854775807").AsInt(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(Parsed("-9223372036854775808").AsInt(), std::numeric_limits<int64_t>::min());
  for (const char* text : {"9223372036854775808", "18446744073709551615", "18446744073709551616",
                           "123456789012345678901234567890", "-9223372036854775809"}) {
    const Value v = Parsed(text);
    ASSERT_FALSE(v.IsInt()) << text;
    EXPECT_DOUBLE_EQ(v.AsDouble(), std::strtod(text, nullptr));
  }
  EXPECT_EQ(Round("[1,123456789012345678901234567890,\"123456789012345678901234567890\",2.5]"),
            "[1,1.2345678901234568e+29,\"123456789012345678901234567890\",2.5]");
  EXPECT_EQ(Round("[0.12345678901234567890123,99999999999999999999]"),
            "[0.12345678901234568,100000000000000000000]");
  EXPECT_EQ(Round("[00000000000000000000001]"), "invalid");
}

TEST(JsonParseTest, ManyBigIntegersStillFit) {
  std::string text = "[";
  for (int i = 0; i < 5000; ++i) text += "123456789012345678901,";
  text += "0]";
  EXPECT_EQ(Parsed(text).AsList().size(), 5001U);
}

TEST(JsonParseTest, LimitsDepth) {
  EXPECT_EQ(Round(Nested(64)), Nested(64));
  EXPECT_EQ(Round(Nested(65)), "too_large");
  EXPECT_EQ(Round(Nested(10'000)), "too_large");
  EXPECT_EQ(Round(std::string(10'000, '[')), "invalid");
  const Result<Value> deep =
      ParseJson(Nested(100'000), {.max_bytes = 1 << 20, .max_depth = 1'000'000});
  ASSERT_FALSE(deep.has_value());
  EXPECT_EQ(deep.error().kind, ErrorKind::kTooLarge);
  EXPECT_TRUE(ParseJson("[[1]]", {.max_depth = 2}).has_value());
  EXPECT_FALSE(ParseJson("[[[1]]]", {.max_depth = 2}).has_value());
  std::string objects;
  for (int i = 0; i < 10'000; ++i) objects += "{\"a\":";
  EXPECT_EQ(Round(objects), "invalid");
  EXPECT_EQ(Round(objects + "1" + std::string(10'000, '}')), "too_large");
}

TEST(JsonParseTest, LimitsBytes) {
  EXPECT_TRUE(ParseJson("[1,2]", {.max_bytes = 5}).has_value());
  const Result<Value> value = ParseJson("[1,22]", {.max_bytes = 5});
  ASSERT_FALSE(value.has_value());
  EXPECT_EQ(value.error().kind, ErrorKind::kTooLarge);
}

TEST(JsonWriteTest, NumbersReadAsInJavaScript) {
  EXPECT_EQ(Number(0), "0");
  EXPECT_EQ(Number(-0.0), "0");
  EXPECT_EQ(Number(100.0), "100");
  EXPECT_EQ(Number(-1.5), "-1.5");
  EXPECT_EQ(Number(0.1), "0.1");
  EXPECT_EQ(Number(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(Number(99.98), "99.98");
  EXPECT_EQ(Number(1234567.125), "1234567.125");
  EXPECT_EQ(Number(1e20), "100000000000000000000");
  EXPECT_EQ(Number(123456789012345680000.0), "123456789012345680000");
  EXPECT_EQ(Number(1e21), "1e+21");
  EXPECT_EQ(Number(1.5e300), "1.5e+300");
  EXPECT_EQ(Number(0.000001), "0.000001");
  EXPECT_EQ(Number(0.00000123), "0.00000123");
  EXPECT_EQ(Number(1e-7), "1e-7");
  EXPECT_EQ(Number(1.25e-7), "1.25e-7");
  EXPECT_EQ(Number(5e-324), "5e-324");
  EXPECT_EQ(Number(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
  EXPECT_EQ(Number(9007199254740993.0), "9007199254740992");
  EXPECT_EQ(Number(std::nan("")), "null");
  EXPECT_EQ(Number(-std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonWriteTest, EscapesOnlyWhatMustBe) {
  EXPECT_EQ(WriteJson(Value("a\"b\\c/d\b\f\n\r\t\x01\x1f\x7f\xC3\xA9\xE2\x80\xA8")),
            "\"a\\\"b\\\\c/d\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xC3\xA9\xE2\x80\xA8\"");
}

TEST(JsonWriteTest, NeverWritesInvalidUtf8) {
  EXPECT_EQ(WriteJson(Value("a\xFF")), "\"a\xEF\xBF\xBD\"");
}

TEST(JsonWriteTest, KeepsMemberOrder) {
  Value v;
  v.Set("z", 1);
  v.Set("a", Value::List{true, nullptr, 2.5});
  v.Set("z", "again");
  EXPECT_EQ(WriteJson(v), R"({"z":"again","a":[true,null,2.5]})");
}

TEST(JsonWriterTest, WritesCommasAndNesting) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("a").Int(std::numeric_limits<int64_t>::min());
  json.Key("b").BeginList().EndList();
  json.Key("c")
      .BeginList()
      .Real(1)
      .Bool(false)
      .Null()
      .BeginObject()
      .EndObject()
      .String("x")
      .EndList();
  json.Key("d").BeginObject().Key("e").Tree(Value(Value::List{1, 2})).EndObject();
  json.EndObject();
  EXPECT_EQ(out, R"({"a":-9223372036854775808,"b":[],"c":[1,false,null,{},"x"],"d":{"e":[1,2]}})");
}

Value RandomValue(std::mt19937_64& random, int depth) {
  const auto text = [&] {
    static const char* const kPieces[] = {"a", "\"", "\\",   "\n",   "\xC3\xA9", "\xF0\x9F\x98\x80",
                                          "/", " ",  "\x01", "ud800"};
    std::string s;
    for (uint64_t n = random() % 8; n > 0; --n) s += kPieces[random() % std::size(kPieces)];
    return s;
  };
  switch (random() % (depth > 0 ? 7 : 5)) {
    case 0:
      return nullptr;
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<int64_t>(random() >> (random() % 64)) * (random() % 2 == 0 ? 1 : -1);
    case 3: {
      double d = 0;
      const uint64_t bits = random();
      std::memcpy(&d, &bits, sizeof(d));
      // Whole numbers come back as integers, which compare unequal to reals.
      return std::isfinite(d) && d != std::trunc(d) ? d : 0.5;
    }
    case 4:
      return text();
    case 5: {
      Value::List list;
      for (uint64_t n = random() % 6; n > 0; --n) list.push_back(RandomValue(random, depth - 1));
      return list;
    }
    default: {
      Value object{Value::Object{}};
      for (uint64_t n = random() % 24; n > 0; --n)
        object.Set(text(), RandomValue(random, depth - 1));
      return object;
    }
  }
}

TEST(JsonPropertyTest, WrittenValuesReadBackEqual) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2000; ++round) {
    const Value value = RandomValue(random, 4);
    const std::string text = WriteJson(value);
    const Result<Value> back = ParseJson(text);
    ASSERT_TRUE(back.has_value()) << text;
    ASSERT_EQ(*back, value) << text;
    ASSERT_EQ(WriteJson(*back), text);
  }
}

TEST(JsonPropertyTest, NumbersReadBackExactly) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 100'000; ++round) {
    double d = 0;
    const uint64_t bits = random();
    std::memcpy(&d, &bits, sizeof(d));
    if (!std::isfinite(d)) continue;
    ASSERT_EQ(std::strtod(Number(d).c_str(), nullptr), d) << Number(d);
  }
}

TEST(JsonPropertyTest, DamagedTextsNeverBreakTheParser) {
  std::mt19937_64 random(9);
  for (int round = 0; round < 5000; ++round) {
    std::string text = WriteJson(RandomValue(random, 3));
    for (uint64_t n = 1 + random() % 4; n > 0 && !text.empty(); --n) {
      const size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 3);
          break;
        default:
          text.insert(at, 1, "\\u\"[{}d8"[random() % 8]);
          break;
      }
    }
    const Result<Value> value = ParseJson(text);
    if (!value) continue;
    const std::string written = WriteJson(*value);
    ASSERT_TRUE(IsValidUtf8(written));
    ASSERT_EQ(Round(written), written);
  }
}

TEST(Regression, ABigIntegerLeavesItsNeighboursWhole) {
  const Value parsed =
      ParseJson("[9223372036854775807,-9223372036854775808,100000000000000000000]").value();
  EXPECT_EQ(parsed.AsList()[0], Value(INT64_MAX));
  EXPECT_EQ(parsed.AsList()[1], Value(INT64_MIN));
  EXPECT_FALSE(parsed.AsList()[2].IsInt());
}

TEST(Regression, NoTextAtAllIsRefusedLikeAnyOther) {
  EXPECT_EQ(ParseJson({}).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(ParseJson("\xEF\xBB\xBF").error().kind, ErrorKind::kInvalid);
}

}  // namespace
}  // namespace pharos
