#include "api/kener_v4/type_data.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pharos::api::kener_v4 {
namespace {

Value Json(const char* text) { return ParseJson(text).value(); }

class TypeDataTest : public ::testing::Test {
 protected:
  Result<Value> Compile(std::string_view kind, const char* type_data) {
    return CompileTypeData(probes_, kind, Json(type_data), Value());
  }
  // The message of the refusal, empty when it was accepted.
  std::string Refusal(std::string_view kind, const char* type_data) {
    const Result<Value> spec = Compile(kind, type_data);
    return spec ? "" : spec.error().message;
  }

  probe::Catalog probes_;
};

TEST_F(TypeDataTest, ApiBecomesHttp) {
  const Value spec = Compile("http", R"({"url":"https://a.example.org","method":"head",
      "headers":[{"key":"X-A","value":"1"},{"key":"","value":""}],"body":"b","timeout":4000,
      "allowSelfSignedCert":true,"follow_redirects":false,"max_redirects":2,"other":[1]})")
                         .value();
  EXPECT_EQ(spec.StringOr("url", ""), "https://a.example.org");
  EXPECT_EQ(spec.StringOr("method", ""), "HEAD");
  EXPECT_EQ(WriteJson(*spec.Find("headers")), R"([{"name":"X-A","value":"1"}])");
  EXPECT_EQ(spec.StringOr("body", ""), "b");
  EXPECT_EQ(spec.IntOr("timeout_ms", 0), 4000);
  EXPECT_FALSE(spec.BoolOr("verify_tls", true));
  EXPECT_FALSE(spec.BoolOr("follow_redirects", true));
  EXPECT_EQ(spec.IntOr("max_redirects", 0), 2);
  EXPECT_EQ(spec.StringOr("expected_status", ""), "200-399,429");
}

TEST_F(TypeDataTest, HeartbeatMinutesBecomeSeconds) {
  const Value spec = Compile("heartbeat", R"({"degradedRemainingMinutes":2,
      "downRemainingMinutes":7.5,"secretString":"s3"})")
                         .value();
  EXPECT_EQ(spec.IntOr("degraded_after_s", 0), 120);
  EXPECT_EQ(spec.IntOr("down_after_s", 0), 450);
  EXPECT_EQ(spec.StringOr("secret", ""), "s3");
  EXPECT_EQ(Compile("heartbeat", "{}")->IntOr("down_after_s", 0), 600);
}

TEST_F(TypeDataTest, ManualAndGroup) {
  EXPECT_TRUE(
      Compile("manual", R"({"overrideWithLastKnownStatus":true})")->BoolOr("repeat_last", false));
  const char* group = R"({"monitors":[{"tag":"a","weight":0.5},{"tag":"b","weight":0.5}],
                         "executionDelay":1000})";
  EXPECT_EQ(WriteJson(*Compile("group", group)),
            R"({"members":[{"tag":"a","weight":0.5},{"tag":"b","weight":0.5}]})");
  EXPECT_EQ(*Compile("dns", R"({"host":5})"), Value(Value::Object{}));
}

TEST_F(TypeDataTest, WithoutAnUsableUrlTheSpecStaysEmpty) {
  for (const char* lacking : {"{}", R"({"timeout":5000})", R"({"url":""})", R"({"url":null})",
                              R"({"url":"no url at all"})"}) {
    const Result<Value> spec = Compile("http", lacking);
    ASSERT_TRUE(spec) << lacking;
    EXPECT_TRUE(spec->AsObject().empty()) << lacking;
  }
}

TEST_F(TypeDataTest, WrongTypesNameTheField) {
  EXPECT_EQ(Refusal("http", R"({"url":5})"), "type_data.url must be a string");
  EXPECT_EQ(Refusal("http", R"({"method":[]})"), "type_data.method must be a string");
  EXPECT_EQ(Refusal("http", R"({"timeout":"5"})"), "type_data.timeout must be a number");
  EXPECT_EQ(Refusal("http", R"({"timeout":5.5})"), "type_data.timeout must be a whole number");
  EXPECT_EQ(Refusal("http", R"({"follow_redirects":"yes"})"),
            "type_data.follow_redirects must be true or false");
  for (const char* headers :
       {R"({"headers":{}})", R"({"headers":[1]})", R"({"headers":[{"key":1}]})"}) {
    EXPECT_EQ(Refusal("http", headers),
              "type_data.headers must be a list of {key, value} objects with texts");
  }
  EXPECT_EQ(Refusal("heartbeat", R"({"secretString":7})"),
            "type_data.secretString must be a string");
  EXPECT_EQ(Refusal("group", R"({"monitors":["a"]})"),
            "type_data.monitors must be a list of {tag, weight} objects");
}

TEST_F(TypeDataTest, ValuesOutOfRangeNameTheField) {
  EXPECT_EQ(Refusal("http", R"({"url":"https://a.example.org","timeout":1})"),
            "type_data.timeout must be between 100 and 120000");
  EXPECT_TRUE(Refusal("http", R"({"url":"https://a.example.org","method":"BREW"})")
                  .starts_with("type_data.method must be one of: GET"));
  EXPECT_EQ(Refusal("heartbeat", R"({"degradedRemainingMinutes":9,"downRemainingMinutes":3})"),
            "type_data.downRemainingMinutes must be greater than degraded_after_s");
}

TEST_F(TypeDataTest, EvaluationFunctionsAreRefused) {
  EXPECT_TRUE(Refusal("http", R"x({"eval":"(async function () {})"})x")
                  .starts_with("type_data.eval must be empty"));
  EXPECT_EQ(Refusal("http", R"({"eval":"  "})"), "");
  EXPECT_EQ(Refusal("http", R"({"eval":null})"), "");
  EXPECT_EQ(Refusal("http", R"({"eval":5})"), "type_data.eval must be a string");
}

TEST_F(TypeDataTest, EchoesWhatWasSentWhileItStillHolds) {
  const Value sent = Json(R"({"url":"https://a.example.org","timeout":4000,"mine":[1,2]})");
  const Value spec = CompileTypeData(probes_, "http", sent, Value()).value();
  EXPECT_EQ(PresentTypeData(probes_, "http", spec, sent), sent);
  EXPECT_EQ(PresentTypeData(probes_, "http", Value(Value::Object{}), Value()),
            Value(Value::Object{}));
}

TEST_F(TypeDataTest, ShowsWhatChangedElsewhere) {
  const Value sent = Json(R"({"url":"https://a.example.org","timeout":4000,"mine":1})");
  Value spec = CompileTypeData(probes_, "http", sent, Value()).value();
  spec.Set("timeout_ms", 9000);
  spec.Set("verify_tls", false);
  EXPECT_EQ(
      WriteJson(PresentTypeData(probes_, "http", spec, sent)),
      R"({"url":"https://a.example.org","timeout":9000,"mine":1,"allowSelfSignedCert":true})");
}

TEST_F(TypeDataTest, DescribesMonitorsMadeElsewhere) {
  const Value spec =
      probes_.ValidateSpec("http", Json(R"({"url":"https://b.example.org"})")).value();
  EXPECT_EQ(WriteJson(PresentTypeData(probes_, "http", spec, Value())),
            R"({"url":"https://b.example.org","method":"GET","headers":[],"body":"",)"
            R"("timeout":10000,"allowSelfSignedCert":false,"follow_redirects":true,)"
            R"("max_redirects":5})");
}

TEST_F(TypeDataTest, KeepsWhatItHasNoWordFor) {
  Value base = probes_
                   .ValidateSpec("http", Json(R"({"url":"https://b.example.org",
                                                  "keyword":"hello"})"))
                   .value();
  const Value spec =
      CompileTypeData(probes_, "http", Json(R"({"url":"https://c.example.org"})"), base).value();
  EXPECT_EQ(spec.StringOr("keyword", ""), "hello");
  EXPECT_EQ(spec.StringOr("url", ""), "https://c.example.org");
}

}  // namespace
}  // namespace pharos::api::kener_v4
