#include "probe/http/assertions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"

namespace pharos::probe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Value Json(std::string_view text) {
  auto value = ParseJson(text);
  EXPECT_TRUE(value) << text;
  return value ? *value : Value();
}

Assertions Compile(std::string_view spec) {
  std::vector<FieldError> problems;
  Assertions assertions = CompileAssertions(Json(spec), problems);
  EXPECT_THAT(problems, IsEmpty()) << (problems.empty() ? "" : problems[0].message);
  return assertions;
}

std::vector<FieldError> ProblemsOf(std::string_view spec) {
  std::vector<FieldError> problems;
  CompileAssertions(Json(spec), problems);
  return problems;
}

std::vector<std::string> JudgeJson(std::string_view check, std::string_view body) {
  const Assertions assertions = Compile("{\"json_checks\":[" + std::string(check) + "]}");
  return JudgeBody(assertions, {.kept = body, .limit = 1024});
}

std::vector<std::string> JudgeHeader(std::string_view check, const HeaderList& headers) {
  return JudgeHeaders(Compile("{\"header_checks\":[" + std::string(check) + "]}"), headers);
}

TEST(Assertions, StatusMessageNamesTheExpectationOnlyWhenSomebodySetIt) {
  EXPECT_THAT(JudgeStatus(Compile("{}"), 204), IsEmpty());
  EXPECT_THAT(JudgeStatus(Compile("{}"), 429), IsEmpty());
  EXPECT_THAT(JudgeStatus(Compile("{}"), 503), ElementsAre("HTTP 503"));
  EXPECT_THAT(JudgeStatus(Compile(R"({"expected_status":"201"})"), 200),
              ElementsAre("HTTP 200, expected 201"));
}

TEST(Assertions, HeaderOperators) {
  const HeaderList headers = {{"Content-Type", "text/html"}, {"X-Tag", "a"}, {"x-tag", "b"}};
  const struct {
    const char* check;
    const char* wrong;  // empty: holds
  } rows[] = {
      {R"({"name":"content-type","op":"equals","value":"text/html"})", ""},
      {R"({"name":"Content-Type","op":"equals","value":"text/plain"})",
       R"(header Content-Type is "text/html", expected "text/plain")"},
      {R"({"name":"X-Tag","op":"equals","value":"b"})", ""},
      {R"({"name":"Content-Type","op":"contains","value":"html"})", ""},
      {R"({"name":"Content-Type","op":"contains","value":"json"})",
       R"(header Content-Type is "text/html", expected it to contain "json")"},
      {R"({"name":"Content-Type","op":"matches","value":"^text/.*l$"})", ""},
      {R"({"name":"Content-Type","op":"matches","value":"^html"})",
       R"(header Content-Type is "text/html", expected it to match "^html")"},
      {R"({"name":"X-Tag","op":"exists"})", ""},
      {R"({"name":"X-None","op":"exists"})", "header X-None is missing"},
      {R"({"name":"X-None","op":"equals","value":""})", R"(header X-None is missing, expected "")"},
      {R"({"name":"X-None","op":"absent"})", ""},
      {R"({"name":"X-Tag","op":"absent"})", R"(header X-Tag is "a", expected it to be absent)"},
  };
  for (const auto& row : rows) {
    if (*row.wrong == '\0') {
      EXPECT_THAT(JudgeHeader(row.check, headers), IsEmpty()) << row.check;
    } else {
      EXPECT_THAT(JudgeHeader(row.check, headers), ElementsAre(row.wrong)) << row.check;
    }
  }
}

TEST(Assertions, JsonOperators) {
  const char* body = R"({"s":"ok","n":42,"f":0.5,"t":true,"z":null,"l":[1,2,3],"o":{},"x":"7"})";
  const struct {
    const char* check;
    const char* wrong;  // empty: holds
  } rows[] = {
      {R"({"path":"$.s","op":"equals","value":"ok"})", ""},
      {R"({"path":"$.s","op":"equals","value":"bad"})", R"(JSON $.s is "ok", expected "bad")"},
      {R"({"path":"$.n","op":"equals","value":42})", ""},
      {R"({"path":"$.n","op":"equals","value":42.0})", ""},
      {R"({"path":"$.n","op":"equals","value":"42"})", ""},
      {R"({"path":"$.x","op":"equals","value":7})", R"(JSON $.x is "7", expected 7)"},
      {R"({"path":"$.t","op":"equals","value":true})", ""},
      {R"({"path":"$.t","op":"equals","value":"true"})", ""},
      {R"({"path":"$.t","op":"equals","value":false})", "JSON $.t is true, expected false"},
      {R"({"path":"$.z","op":"equals","value":null})", ""},
      {R"({"path":"$.z","op":"equals"})", ""},
      {R"({"path":"$.o","op":"equals","value":"{}"})", R"(JSON $.o is {}, expected "{}")"},
      {R"({"path":"$.q","op":"equals","value":"ok"})", R"(JSON $.q is not there, expected "ok")"},
      {R"({"path":"$.l[*]","op":"equals","value":3})", ""},
      {R"({"path":"$.l[*]","op":"equals","value":9})", "JSON $.l[*] is 1, expected 9"},
      {R"({"path":"$.s","op":"not_equals","value":"bad"})", ""},
      {R"({"path":"$.s","op":"not_equals","value":"ok"})",
       R"(JSON $.s is "ok", expected anything but "ok")"},
      {R"({"path":"$.q","op":"not_equals","value":"ok"})",
       R"(JSON $.q is not there, expected anything but "ok")"},
      {R"({"path":"$.l[*]","op":"not_equals","value":2})",
       "JSON $.l[*] is 2, expected anything but 2"},
      {R"({"path":"$.s","op":"contains","value":"k"})", ""},
      {R"({"path":"$.n","op":"contains","value":"4"})",
       R"(JSON $.n is 42, expected it to contain "4")"},
      {R"({"path":"$.n","op":"greater","value":41.5})", ""},
      {R"({"path":"$.n","op":"greater","value":"42"})",
       R"(JSON $.n is 42, expected more than "42")"},
      {R"({"path":"$.f","op":"less","value":1})", ""},
      {R"({"path":"$.x","op":"less","value":100})", R"(JSON $.x is "7", expected less than 100)"},
      {R"({"path":"$.z","op":"exists"})", ""},
      {R"({"path":"$.q","op":"exists"})", "JSON $.q is not there"},
      {R"({"path":"$.q","op":"absent"})", ""},
      {R"({"path":"$.z","op":"absent"})", "JSON $.z is null, expected it to be absent"},
  };
  for (const auto& row : rows) {
    if (*row.wrong == '\0') {
      EXPECT_THAT(JudgeJson(row.check, body), IsEmpty()) << row.check;
    } else {
      EXPECT_THAT(JudgeJson(row.check, body), ElementsAre(row.wrong)) << row.check;
    }
  }
}

TEST(Assertions, JsonNeedsAJsonBodyAndAllOfIt) {
  const char* exists = R"({"path":"$.a","op":"exists"})";
  EXPECT_THAT(JudgeJson(exists, "<html>"), ElementsAre("answer body: not JSON at byte 1"));
  EXPECT_THAT(JudgeJson(exists, ""), ElementsAre("answer body: JSON ends too early"));
  const Assertions assertions = Compile("{\"json_checks\":[" + std::string(exists) + "]}");
  EXPECT_THAT(JudgeBody(assertions, {.kept = "{\"a\":1}", .over_limit = true, .limit = 7}),
              ElementsAre("JSON checks need the whole answer body, which is longer than 7 bytes"));
}

TEST(Assertions, KeywordsAndExpressions) {
  const Assertions all = Compile(R"({"keyword":"ready","keyword_absent":"error",
      "body_regex":"v[0-9]+","body_regex_absent":"(?i)fatal"})");
  EXPECT_THAT(JudgeBody(all, {.keyword_found = true, .kept = "ready v12", .limit = 99}), IsEmpty());
  EXPECT_THAT(JudgeBody(all, {.forbidden_found = true, .kept = "FATAL error", .limit = 99}),
              ElementsAre("keyword \"ready\" not found", "found \"error\", which must be absent",
                          "answer body does not match body_regex",
                          "answer body matches body_regex_absent"));
}

TEST(Assertions, CutBodiesAreSaidPlainly) {
  const Assertions both = Compile(R"({"keyword":"ready","body_regex":"v[0-9]"})");
  EXPECT_THAT(JudgeBody(both, {.kept = "x", .over_limit = true, .limit = 1024}),
              ElementsAre("keyword \"ready\" not found in the first 1024 bytes",
                          "answer body does not match body_regex in the first 1024 bytes"));
}

TEST(Assertions, OnlyExpressionsAndJsonNeedTheBodyKept) {
  EXPECT_FALSE(Compile("{}").NeedsKeptBody());
  EXPECT_FALSE(Compile(R"({"keyword":"a","keyword_absent":"b"})").NeedsKeptBody());
  EXPECT_TRUE(Compile(R"({"body_regex_absent":"b"})").NeedsKeptBody());
  EXPECT_FALSE(Compile(R"({"body_regex_absent":"b"})").WantsSomethingInBody());
  EXPECT_TRUE(Compile(R"({"keyword":"a"})").WantsSomethingInBody());
}

TEST(Assertions, ProblemsNameTheField) {
  const struct {
    const char* spec;
    FieldError problem;
  } rows[] = {
      {R"({"expected_status":"ok"})",
       {"expected_status",
        "\"ok\" is not a status code (200), a range (200-299) or a hundred (2xx)"}},
      {R"({"json_checks":[{"path":"a","op":"exists"}]})",
       {"json_checks[0].path", "path must begin with $"}},
      {R"({"json_checks":[{"path":"$","op":"is"}]})",
       {"json_checks[0].op",
        "must be one of equals, not_equals, contains, greater, less, exists, absent"}},
      {R"({"json_checks":[{"path":"$","op":"exists"},{"path":"$","op":"less","value":"x"}]})",
       {"json_checks[1].value", "must be a number"}},
      {R"({"json_checks":[{"path":"$","op":"equals","value":[1]}]})",
       {"json_checks[0].value", "must be a text, a number, true, false or null"}},
      {R"({"json_checks":[{"path":"$","op":"contains","value":1}]})",
       {"json_checks[0].value", "must be a text"}},
      {R"({"json_checks":[{"path":"$","op":"exists","valu":1}]})",
       {"json_checks[0].valu", "is not known"}},
      {R"({"header_checks":[{"name":"a b","op":"exists"}]})",
       {"header_checks[0].name", "must be a header name"}},
      {R"({"header_checks":[{"name":"a","op":"less"}]})",
       {"header_checks[0].op", "must be one of equals, contains, matches, exists, absent"}},
      {R"({"header_checks":[{"name":"a","op":"equals","value":5}]})",
       {"header_checks[0].value", "must be a text"}},
      {R"({"header_checks":[7]})", {"header_checks[0]", "must be an object"}},
  };
  for (const auto& row : rows) EXPECT_THAT(ProblemsOf(row.spec), ElementsAre(row.problem));
}

TEST(Assertions, ExpressionsAreCheckedAndBounded) {
  const auto field_of = [](const std::string& pattern) {
    Value spec;
    spec.Set("body_regex", pattern);
    std::vector<FieldError> problems;
    CompileAssertions(spec, problems);
    return problems.empty() ? std::string() : problems[0].field;
  };
  EXPECT_EQ(field_of("^ok$"), "");
  EXPECT_EQ(field_of("("), "body_regex");
  EXPECT_EQ(field_of("(?=look)"), "body_regex");
  EXPECT_EQ(field_of(std::string(1025, 'a')), "body_regex");
  EXPECT_EQ(field_of("((((a{100}){100}){100}){100})"), "body_regex");
}

// Exponential for engines that back-track.
TEST(Assertions, HostileExpressionsStayLinear) {
  const Assertions assertions = Compile(R"({"body_regex":"^(a+)+$"})");
  const std::string body = std::string(100'000, 'a') + "b";
  EXPECT_EQ(JudgeBody(assertions, {.kept = body, .limit = body.size()}).size(), 1u);
}

TEST(Assertions, NumberOfChecksIsBounded) {
  std::string list = R"({"path":"$","op":"exists"})";
  for (int i = 0; i < 20; ++i) list += R"(,{"path":"$","op":"exists"})";
  EXPECT_THAT(ProblemsOf("{\"json_checks\":[" + list + "]}"),
              ElementsAre(FieldError{"json_checks", "must be at most 20"}));
}

}  // namespace
}  // namespace pharos::probe
