#include "probe/http/json_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json.h"

namespace pharos::probe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Select(std::string_view path_text, std::string_view json) {
  const auto path = JsonPath::Parse(path_text);
  EXPECT_TRUE(path) << path_text;
  std::vector<std::string> found;
  if (path) {
    path->Select(json, [&](const JsonHit& hit) {
      found.push_back(hit.Text());
      return true;
    });
  }
  return found;
}

constexpr std::string_view kDocument = R"({
  "status": "ok", "n": -1.5e2, "yes": true, "nothing": null,
  "a": {"b": [10, {"c": "deep"}, [1, 2]], "with space": 1, "dot.ted": "x", "it's": "q"},
  "checks": [{"name": "db", "up": true}, {"name": "mail", "up": false}],
  "twice": 1, "twice": 2, "esc\u0061ped": "f\u00fcnf \ud83d\ude00 \"\\\/\b\f\n\r\t"
})";

TEST(JsonPath, WalksNamesIndexesAndQuotedNames) {
  EXPECT_THAT(Select("$.status", kDocument), ElementsAre("ok"));
  EXPECT_THAT(Select("$['status']", kDocument), ElementsAre("ok"));
  EXPECT_THAT(Select("$.n", kDocument), ElementsAre("-1.5e2"));
  EXPECT_THAT(Select("$.yes", kDocument), ElementsAre("true"));
  EXPECT_THAT(Select("$.nothing", kDocument), ElementsAre("null"));
  EXPECT_THAT(Select("$.a.b[0]", kDocument), ElementsAre("10"));
  EXPECT_THAT(Select("$.a.b[1]['c']", kDocument), ElementsAre("deep"));
  EXPECT_THAT(Select("$.a.b[2][1]", kDocument), ElementsAre("2"));
  EXPECT_THAT(Select("$.a[\"with space\"]", kDocument), ElementsAre("1"));
  EXPECT_THAT(Select("$.a['dot.ted']", kDocument), ElementsAre("x"));
  EXPECT_THAT(Select(R"($.a['it\'s'])", kDocument), ElementsAre("q"));
  EXPECT_THAT(Select("$", "7"), ElementsAre("7"));
}

TEST(JsonPath, WhatIsNotThereSelectsNothing) {
  for (const char* path : {"$.missing", "$.status.deeper", "$.a.b[3]", "$.a.b.c", "$[0]",
                           "$.checks.name", "$.status[*]", "$.a.b[9999999]"}) {
    EXPECT_THAT(Select(path, kDocument), IsEmpty()) << path;
  }
}

TEST(JsonPath, StarVisitsAllElementsInOrder) {
  EXPECT_THAT(Select("$.checks[*].name", kDocument), ElementsAre("db", "mail"));
  EXPECT_THAT(Select("$.a.b[*]", kDocument), ElementsAre("10", R"({"c": "deep"})", "[1, 2]"));
  EXPECT_THAT(Select("$.*", R"({"x":1,"y":[2]})"), ElementsAre("1", "[2]"));
  EXPECT_THAT(Select("$[*][*]", "[[1,2],[],3,[4]]"), ElementsAre("1", "2", "4"));
}

TEST(JsonPath, VisitorCanStop) {
  int seen = 0;
  JsonPath::Parse("$[*][*]")->Select("[[1,2,3],[4]]", [&](const JsonHit&) { return ++seen < 2; });
  EXPECT_EQ(seen, 2);
}

TEST(JsonPath, LastOfEqualNamesCounts) {
  EXPECT_THAT(Select("$.twice", kDocument), ElementsAre("2"));
}

TEST(JsonPath, EscapesAreResolvedInNamesAndTexts) {
  EXPECT_THAT(Select("$.escaped", kDocument),
              ElementsAre("f\xC3\xBCnf \xF0\x9F\x98\x80 \"\\/\b\f\n\r\t"));
  EXPECT_THAT(Select("$[0]", R"(["\ud83d"])"), ElementsAre("\xEF\xBF\xBD"));
  EXPECT_THAT(Select("$[0]", R"(["\ud83d\u0041"])"), ElementsAre("\xEF\xBF\xBD"
                                                                 "A"));
}

TEST(JsonPath, HitsKnowTheirTypeAndNumber) {
  const auto type_of = [](std::string_view json) {
    JsonHit seen;
    JsonPath::Parse("$")->Select(json, [&](const JsonHit& hit) {
      seen = hit;
      return true;
    });
    return seen;
  };
  EXPECT_EQ(type_of("null").type, JsonHit::Type::kNull);
  EXPECT_EQ(type_of(" false ").type, JsonHit::Type::kBool);
  EXPECT_EQ(type_of("[]").type, JsonHit::Type::kList);
  EXPECT_EQ(type_of("{}").type, JsonHit::Type::kObject);
  EXPECT_EQ(type_of("\"x\"").type, JsonHit::Type::kText);
  EXPECT_EQ(type_of("-12.5E-1").Number(), -1.25);
  EXPECT_EQ(type_of("\"1\"").Number(), std::nullopt);
  EXPECT_EQ(type_of("1e99999").Number(), std::nullopt);
}

TEST(JsonPath, ByteOrderMarkIsIgnored) {
  EXPECT_TRUE(CheckJson("\xEF\xBB\xBF{}"));
  EXPECT_THAT(Select("$.a", "\xEF\xBB\xBF{\"a\":1}"), ElementsAre("1"));
}

TEST(JsonPath, WrongPathsSayWhere) {
  const struct {
    const char* path;
    const char* message;
  } rows[] = {
      {"", "path must begin with $"},
      {"a.b", "path must begin with $"},
      {"$a", "expected . or [ at character 2"},
      {"$.", "expected a name at character 3"},
      {"$..a", "expected a name at character 3"},
      {"$.a b", "expected . or [ at character 4"},
      {"$[", "expected a number, a quoted name or * at character 3"},
      {"$[a]", "expected a number, a quoted name or * at character 3"},
      {"$[-1]", "expected a number, a quoted name or * at character 3"},
      {"$[1", "expected ] at character 4"},
      {"$['a", "quote is not closed at character 3"},
      {"$['a'", "expected ] at character 6"},
      {"$[99999999999]", "index is too large at character 3"},
      {"$[99999999999999999999]", "expected a number, a quoted name or * at character 3"},
  };
  for (const auto& row : rows) {
    const auto path = JsonPath::Parse(row.path);
    ASSERT_FALSE(path) << row.path;
    EXPECT_EQ(path.error().message, row.message) << row.path;
  }
  EXPECT_FALSE(JsonPath::Parse("$" + std::string(512, 'a')));
  std::string deep = "$";
  for (int i = 0; i < 16; ++i) deep += ".a";
  EXPECT_TRUE(JsonPath::Parse(deep));
  EXPECT_FALSE(JsonPath::Parse(deep + ".a"));
}

TEST(CheckJson, AcceptsExactlyWholeValues) {
  for (const char* text : {"0", "-0", "1.5", "1e5", "1E+5", "\"\"", "[]", "{}", "[1,[2,{}]]",
                           R"({"a":"\u00e4\n"})", " \n\t\r[ ] ", "true", "null"}) {
    EXPECT_TRUE(CheckJson(text)) << text;
  }
  for (const char* text :
       {"",        " ",        "01",       "1.",          ".5",   "1e",      "+1",
        "-",       "\"",       "\"\\x\"",  "\"\\u12g4\"", "[1,]", "[,]",     "[1 2]",
        "{\"a\"}", "{\"a\":}", "{a:1}",    "{\"a\":1,}",  "tru",  "nul",     "[1]]",
        "{}{}",    "<html>",   "\"a\nb\"", "[",           "{",    "{\"a\":1"}) {
    EXPECT_FALSE(CheckJson(text)) << text;
  }
}

TEST(CheckJson, SaysWhere) {
  EXPECT_EQ(CheckJson("<html>").error().message, "not JSON at byte 1");
  EXPECT_EQ(CheckJson("{\"a\":!}").error().message, "not JSON at byte 6");
  EXPECT_EQ(CheckJson("[1,2").error().message, "JSON ends too early");
}

TEST(CheckJson, DepthIsBounded) {
  EXPECT_TRUE(CheckJson(std::string(64, '[') + std::string(64, ']')));
  EXPECT_FALSE(CheckJson(std::string(65, '[') + std::string(65, ']')));
  EXPECT_FALSE(CheckJson(std::string(1'000'000, '[')));
}

TEST(JsonPath, BrokenTextsAreSafe) {
  const std::string whole(kDocument);
  for (size_t n = 0; n < whole.size(); ++n) {
    Select("$.checks[*].name", whole.substr(0, n));
    Select("$.*[*].*", whole.substr(n));
  }
}

TEST(CheckJson, AgreesWithTheParser) {
  for (const char* text : {"[1,2,{\"a\":[true,null]}]", "{\"x\":\"y\",\"z\":-1e3}", "[1,2,",
                           "{\"x\" 1}", "[nul]", "\"\\ud83d\\ude00\""}) {
    EXPECT_EQ(static_cast<bool>(CheckJson(text)), static_cast<bool>(ParseJson(text))) << text;
  }
}

}  // namespace
}  // namespace pharos::probe
