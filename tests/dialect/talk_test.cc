// The runner itself: what it reads, and above all that a wrong expectation fails.
#include <gtest/gtest.h>

#include "base/json.h"
#include "talk_match.h"
#include "talk_parser.h"
#include "talk_runner.h"

namespace pharos::talk {
namespace {

// Echoes what it got as JSON; /text and /empty answer otherwise.
class ToyPeer : public Peer {
 public:
  Result<WireReply> Send(const WireRequest& request) override {
    WireReply reply;
    reply.status = 200;
    reply.headers.emplace_back("X-Toy", "yes");
    if (request.target == "/text") {
      reply.body = "plain words";
    } else if (request.target == "/gone") {
      return Error(ErrorKind::kTimeout, "nobody there");
    } else if (request.target != "/empty") {
      Value echo;
      echo.Set("method", request.method);
      echo.Set("target", request.target);
      Value headers(Value::Object{});
      for (const auto& [name, value] : request.headers) headers.Set(name, value);
      echo.Set("headers", headers);
      echo.Set("body", request.body);
      echo.Set("list", Value(Value::List{Value(1), Value("two")}));
      echo.Set("now", ToUnixSeconds(now_));
      echo.Set("id", 7);
      reply.body = WriteJson(echo);
    }
    return reply;
  }
  Timestamp Now() override { return now_; }
  void Advance(Duration by) override { now_ += by; }

 private:
  Timestamp now_ = FromUnixSeconds(1'000'030);
};

Report PlayText(const std::string& text) {
  const Result<Session> session = ParseTalk(text, "toy.talk");
  if (!session) {
    Report report;
    report.failures.push_back(session.error().message);
    return report;
  }
  return Play(*session, [](const Session& s, Variables& variables) {
    for (const KeyWish& key : s.keys) variables[key.variable] = "text-of-" + key.variable;
    return Result<std::unique_ptr<Peer>>(std::make_unique<ToyPeer>());
  });
}

// The failures of one exchange against the toy.
std::vector<std::string> Failures(const std::string& exchange) {
  return PlayText("session: s\ntalk: t\n" + exchange).failures;
}

TEST(TalkRunner, RightExpectationsPass) {
  const Report report = PlayText(
      "# a comment\n"
      "session: toy\n"
      "about: first\n"
      "key: KEY toy scopes=a:b,c:d\n"
      "header: X-Key: ${KEY}\n"
      "\n"
      "talk: everything\n"
      "> POST /x?a=1\n"
      "> X-More: and more\n"
      "> body {\"at\":${NOW+60}}\n"
      "< 200\n"
      "< x-toy: yes\n"
      "< X-Toy: *\n"
      "< no x-other\n"
      "< json {\"method\":\"POST\",\"body\":\"{\\\"at\\\":1000080}\",\"id\":\"<integer>\"}\n"
      "< json {\"headers\":{\"X-Key\":\"text-of-KEY\",\"Content-Type\":\"application/json\"}}\n"
      "< keys . method,target,headers,body,list,now,id\n"
      "< has list \"two\"\n"
      "< lacks list 3\n"
      "< size list 2\n"
      "< remember ID = id\n"
      "> GET /x/${ID}\n"
      "> without X-Key\n"
      "< 200\n"
      "< json {\"target\":\"/x/7\"}\n"
      "< exact {\"method\":\"GET\",\"target\":\"/x/7\",\"headers\":{},\"body\":\"\","
      "\"list\":[1,\"two\"],\"now\":1000030,\"id\":7}\n"
      "talk: texts\n"
      "> GET /text\n"
      "< 200\n"
      "< text plain words\n"
      "advance: 90s\n"
      "> GET /empty\n"
      "< 200\n"
      "< empty\n"
      "> GET /x\n"
      "< 200\n"
      "< json {\"now\":1000120}\n");
  EXPECT_EQ(report.failures, std::vector<std::string>());
  EXPECT_EQ(report.sessions, 1);
  EXPECT_EQ(report.talks, 2);
  EXPECT_EQ(report.exchanges, 5);
}

TEST(TalkRunner, EveryWrongExpectationFails) {
  for (const char* wrong :
       {"< 201", "< 200\n< x-toy: no", "< 200\n< x-other: *", "< 200\n< no x-toy",
        "< 200\n< json {\"method\":\"PUT\"}", "< 200\n< json {\"more\":1}",
        "< 200\n< json {\"list\":[1]}", "< 200\n< json {\"id\":\"<string>\"}",
        "< 200\n< exact {\"method\":\"GET\"}", "< 200\n< text other", "< 200\n< empty",
        "< 200\n< keys . target,method", "< 200\n< has list 3", "< 200\n< lacks list 1",
        "< 200\n< size list 3", "< 200\n< keys none a", "< 200\n< remember X = none",
        "< 200\n< json {broken", "< 200\n< json {\"a\":${NOBODY}}"}) {
    EXPECT_EQ(Failures(std::string("> GET /x\n") + wrong).size(), 1u) << wrong;
  }
  EXPECT_EQ(Failures("> GET /text\n< 200\n< json {}").size(), 1u);
  EXPECT_EQ(Failures("> GET /gone\n< 200").size(), 1u);
  EXPECT_EQ(Failures("> GET /${NOBODY}\n< 200").size(), 1u);
}

TEST(TalkRunner, FailureIsReadable) {
  const auto failures = Failures("> PUT /x\n> body {\"a\":1}\n< 404\n< json {\"id\":8}");
  ASSERT_EQ(failures.size(), 1u);
  for (const char* part : {"toy.talk:3: t", "> PUT /x", "status: want 404, got 200",
                           "id: want 8, got 7", "< 200 {\"method\":\"PUT\""}) {
    EXPECT_NE(failures[0].find(part), std::string::npos) << part << "\n" << failures[0];
  }
}

TEST(TalkRunner, AFailureEndsItsTalkOnly) {
  const Report report = PlayText(
      "session: s\ntalk: one\n> GET /x\n< 404\n> GET /x\n< 404\ntalk: two\n> GET /x\n< 200\n");
  EXPECT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(report.talks, 2);
  EXPECT_EQ(report.exchanges, 2);
}

TEST(TalkParser, RefusesWhatItDoesNotUnderstand) {
  for (const char* bad :
       {"", "session: s\n", "talk: t\n", "> GET /\n< 200\n", "talk: t\n> GET\n< 200\n",
        "talk: t\n> GET /\n", "talk: t\n> GET /\n< json {}\n", "talk: t\n< 200\n",
        "talk: t\n> GET /\n< 99\n", "mood: good\ntalk: t\n> GET /\n< 200\n",
        "talk: t\nkey: A b\n> GET /\n< 200\n", "key: A\ntalk: t\n> GET /\n< 200\n",
        "key: A b odd\ntalk: t\n> GET /\n< 200\n", "talk: t\n> GET /\n> nocolon\n< 200\n",
        "talk: t\n> GET /\n< 200\n< remember X path\n", "talk: t\nnonsense\n> GET /\n< 200\n",
        "where: moon\ntalk: t\n> GET /\n< 200\n", "talk: t\n> GET /\n> filler x\n< 200\n"}) {
    EXPECT_FALSE(ParseTalk(bad, "bad.talk")) << bad;
  }
}

TEST(TalkParser, NamesTheLine) {
  const Result<Session> session = ParseTalk("session: s\ntalk: t\n> GET /\n< soon\n", "a.talk");
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().message, "a.talk:4: the status comes first");
}

TEST(TalkParser, AdvanceNeedsAClockThatCanBeSet) {
  const auto plain = ParseTalk("talk: t\n> GET /\n< 200\n", "a.talk");
  EXPECT_FALSE(plain->in_process_only);
  const auto timed = ParseTalk("talk: t\nadvance: 5s\n> GET /\n< 200\n", "a.talk");
  EXPECT_TRUE(timed->in_process_only);
  EXPECT_EQ(timed->talks[0].exchanges[0].advance, "5s");
}

std::vector<std::string> Diff(const char* want, const char* got, MatchMode mode) {
  return Compare(ParseJson(want).value(), ParseJson(got).value(), mode);
}

TEST(TalkMatch, SubsetAndExact) {
  EXPECT_TRUE(Diff(R"({"a":1})", R"({"b":2,"a":1.0})", MatchMode::kSubset).empty());
  EXPECT_EQ(Diff(R"({"a":1})", R"({"b":2,"a":1})", MatchMode::kExact).size(), 1u);
  EXPECT_EQ(Diff(R"({"a":1,"b":2})", R"({"b":2,"a":1})", MatchMode::kExact).size(), 1u);
  EXPECT_EQ(Diff(R"({"a":null})", R"({})", MatchMode::kSubset).size(), 1u);
  EXPECT_EQ(Diff(R"({"a":{}})", R"({"a":[]})", MatchMode::kSubset).size(), 1u);
  EXPECT_EQ(Diff("[1,2]", "[1,3,4]", MatchMode::kSubset),
            (std::vector<std::string>{".: want 2 elements, got 3 elements", "1: want 2, got 3"}));
}

TEST(TalkMatch, Matchers) {
  const auto fits = [](const char* matcher, const char* got) {
    return Compare(Value(matcher), ParseJson(got).value(), MatchMode::kSubset).empty();
  };
  EXPECT_TRUE(fits("<any>", "null"));
  EXPECT_TRUE(fits("<integer>", "5"));
  EXPECT_FALSE(fits("<integer>", "5.5"));
  EXPECT_TRUE(fits("<number>", "5.5"));
  EXPECT_FALSE(fits("<number>", "\"5\""));
  EXPECT_TRUE(fits("<object>", "{}"));
  EXPECT_TRUE(fits("<list>", "[]"));
  EXPECT_TRUE(fits("<iso-millis>", "\"2026-03-04T05:06:07.000Z\""));
  EXPECT_FALSE(fits("<iso-millis>", "\"2026-03-04T05:06:07Z\""));
  EXPECT_TRUE(fits("<sql-seconds>", "\"2026-03-04 05:06:07\""));
  EXPECT_FALSE(fits("<sql-seconds>", "\"2026-03-04T05:06:07\""));
  EXPECT_TRUE(fits("<starts ab>", "\"abc\""));
  EXPECT_FALSE(fits("<starts b>", "\"abc\""));
  EXPECT_TRUE(fits("<ends bc>", "\"abc\""));
  EXPECT_TRUE(fits("<contains b>", "\"abc\""));
  EXPECT_FALSE(fits("<contains x>", "5"));
  EXPECT_TRUE(fits("<unheard of>", "\"<unheard of>\""));
}

TEST(TalkMatch, LocateWalksObjectsAndLists) {
  const Value root = ParseJson(R"({"a":[{"b":5}]})").value();
  EXPECT_EQ(Locate(root, "."), &root);
  EXPECT_EQ(*Locate(root, "a.0.b"), Value(5));
  EXPECT_EQ(Locate(root, "a.1"), nullptr);
  EXPECT_EQ(Locate(root, "a.x"), nullptr);
  EXPECT_EQ(Locate(root, "b.c"), nullptr);
}

}  // namespace
}  // namespace pharos::talk
