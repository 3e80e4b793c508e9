#include "api/kener/type_data.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pharos::api::kener {
namespace {

constexpr Release kBoth[] = {Release::kThree, Release::kFour};

// What `type_data` says for a kind, as JSON, or the text of the refusal.
std::string Read(Release release, std::string_view kind, std::string_view type_data) {
  Value spec(Value::Object{});
  const Value given = ParseJson(type_data).value();
  const Status read = ReadRows(release, RowsOf(release, kind), given, spec);
  return read ? WriteJson(spec) : read.error().message;
}

// What is shown of `spec`, as JSON.
std::string Show(Release release, std::string_view kind, std::string_view spec) {
  const Value stored = ParseJson(spec).value();
  Value shown(Value::Object{});
  for (const Row& row : RowsOf(release, kind)) {
    if (const Value* value = stored.Find(row.field)) {
      shown.Set(row.key, ShowValue(release, row, *value));
    }
  }
  return WriteJson(shown);
}

TEST(KenerTypeData, TextsAndHeaders) {
  constexpr std::string_view kSent =
      R"({"url":"https://a.example.net","method":"post","body":"b","mine":1,)"
      R"("headers":[{"key":" X-A ","value":"1"},{"key":"X-B"},{"key":"","value":""}]})";
  constexpr std::string_view kSpec =
      R"({"url":"https://a.example.net","method":"POST",)"
      R"("headers":[{"name":"X-A","value":"1"},{"name":"X-B","value":""}],"body":"b"})";
  for (const Release release : kBoth) {
    EXPECT_EQ(Read(release, "http", kSent), kSpec);
    EXPECT_EQ(Show(release, "http", kSpec),
              R"({"url":"https://a.example.net","method":"POST",)"
              R"("headers":[{"key":"X-A","value":"1"},{"key":"X-B","value":""}],"body":"b"})");
  }
  EXPECT_EQ(Read(Release::kFour, "http", R"({"headers":[{}]})"), R"({"headers":[]})");
  EXPECT_TRUE(Read(Release::kThree, "http", R"({"headers":[{}]})")
                  .starts_with("type_data.headers must be a list"));
}

TEST(KenerTypeData, GameServers) {
  constexpr std::string_view kGiven =
      R"({"gameId":"csgo","host":"203.0.113.7","port":27015,"timeout":4000,"guessPort":true,)"
      R"("requestRules":false})";
  constexpr std::string_view kSpec =
      R"({"game":"csgo","host":"203.0.113.7","port":27015,"timeout_ms":4000,"guess_port":true,)"
      R"("request_rules":false})";
  for (const Release release : kBoth) {
    EXPECT_EQ(Read(release, "game", kGiven), kSpec);
    EXPECT_EQ(Show(release, "game", kSpec), kGiven);
  }
}

TEST(KenerTypeData, NumbersAndFlags) {
  EXPECT_EQ(Read(Release::kFour, "http", R"({"timeout":4000,"allowSelfSignedCert":true})"),
            R"({"timeout_ms":4000,"verify_tls":false})");
  EXPECT_EQ(Read(Release::kThree, "http", R"({"timeout":"4000","allowSelfSignedCert":"NO"})"),
            R"({"timeout_ms":4000,"verify_tls":true})");
  EXPECT_EQ(Read(Release::kFour, "http", R"({"timeout":"4000"})"),
            "type_data.timeout must be a number");
  EXPECT_EQ(Read(Release::kFour, "http", R"({"allowSelfSignedCert":"NO"})"),
            "type_data.allowSelfSignedCert must be true or false");
  EXPECT_EQ(Read(Release::kFour, "http", R"({"follow_redirects":false,"max_redirects":2})"),
            R"({"follow_redirects":false,"max_redirects":2})");
  EXPECT_EQ(Read(Release::kThree, "http", R"({"follow_redirects":false})"), "{}");
  for (const Release release : kBoth) {
    EXPECT_EQ(Read(release, "http", R"({"timeout":5.5})"),
              "type_data.timeout must be a whole number");
    EXPECT_EQ(Read(release, "http", R"({"timeout":1e300})"), "type_data.timeout must be a number");
    EXPECT_EQ(Show(release, "http", R"({"verify_tls":false})"), R"({"allowSelfSignedCert":true})");
  }
}

TEST(KenerTypeData, PortsAreTextsInKener4) {
  for (const Release release : kBoth) {
    EXPECT_EQ(Read(release, "tls", R"({"port":"8443"})"), R"({"port":8443})");
    EXPECT_EQ(Read(release, "tls", R"({"port":8443})"), R"({"port":8443})");
    EXPECT_EQ(Read(release, "tls", R"({"port":" "})"), "{}");
    EXPECT_EQ(Read(release, "tls", R"({"port":"x"})"), "type_data.port must be a number");
  }
  EXPECT_EQ(Show(Release::kFour, "tls", R"({"port":443})"), R"({"port":"443"})");
  EXPECT_EQ(Show(Release::kThree, "tls", R"({"port":443})"), R"({"port":443})");
}

TEST(KenerTypeData, ProblemsNameKeysOfTheClient) {
  EXPECT_EQ(InTypeDataWords(Release::kFour, "heartbeat", "must be greater than degraded_after_s"),
            "must be greater than degradedRemainingMinutes");
  EXPECT_EQ(InTypeDataWords(Release::kFour, "tls", "must not be less than down_below_hours"),
            "must not be less than downRemainingHours");
  EXPECT_EQ(InTypeDataWords(Release::kFour, "tls", "is no host name"), "is no host name");
  EXPECT_EQ(InTypeDataWords(Release::kFour, "manual", ""), "");
}

TEST(KenerTypeData, MinutesAreSeconds) {
  for (const Release release : kBoth) {
    EXPECT_EQ(Read(release, "heartbeat",
                   R"({"degradedRemainingMinutes":2,"downRemainingMinutes":7.5,)"
                   R"("secretString":"s3"})"),
              R"({"degraded_after_s":120,"down_after_s":450,"secret":"s3"})");
    EXPECT_EQ(Show(release, "heartbeat", R"({"degraded_after_s":120,"down_after_s":450})"),
              R"({"degradedRemainingMinutes":2,"downRemainingMinutes":7.5})");
  }
}

TEST(KenerTypeData, Hosts) {
  constexpr std::string_view kSent =
      R"({"hosts":[{"type":"IP4","host":"192.0.2.1","port":"22","timeout":900},)"
      R"({"type":"IP6","host":"2001:db8::1"},{"type":"DOMAIN","host":" a.example.org ","count":5}]})";
  constexpr std::string_view kSpec =
      R"({"hosts":[{"host":"192.0.2.1","ip_version":"4","port":22,"timeout_ms":900},)"
      R"({"host":"2001:db8::1","ip_version":"6"},{"host":"a.example.org","count":5}]})";
  for (const Release release : kBoth) {
    for (const std::string_view kind : {"ping", "tcp"}) {
      EXPECT_TRUE(HasHostList(RowsOf(release, kind)));
      EXPECT_EQ(Read(release, kind, kSent), kSpec);
      EXPECT_EQ(Show(release, kind, kSpec),
                R"({"hosts":[{"type":"IP4","host":"192.0.2.1","port":22,"timeout":900},)"
                R"({"type":"IP6","host":"2001:db8::1"},)"
                R"({"type":"DOMAIN","host":"a.example.org","count":5}]})");
      EXPECT_EQ(Read(release, kind, R"({"hosts":[{"host":"a","port":"x"}]})"),
                "type_data.hosts[0].port must be a number");
      for (const char* bad : {R"({"hosts":{}})", R"({"hosts":["a"]})", R"({"hosts":[{}]})"}) {
        EXPECT_TRUE(Read(release, kind, bad).starts_with("type_data.hosts must be a list")) << bad;
      }
    }
    EXPECT_FALSE(HasHostList(RowsOf(release, "dns")));
  }
  // Kener 4 goes by the look of a host, and leaves out empty rows.
  constexpr std::string_view kPlain = R"({"hosts":[{"host":"192.0.2.1"}]})";
  EXPECT_EQ(Show(Release::kFour, "ping", kPlain),
            R"({"hosts":[{"type":"IP4","host":"192.0.2.1"}]})");
  EXPECT_EQ(Show(Release::kThree, "ping", kPlain),
            R"({"hosts":[{"type":"DOMAIN","host":"192.0.2.1"}]})");
  constexpr std::string_view kEmptyRow = R"({"hosts":[{"host":"a"},{"type":"IP4","host":""}]})";
  EXPECT_EQ(Read(Release::kFour, "ping", kEmptyRow), R"({"hosts":[{"host":"a"}]})");
  EXPECT_EQ(Read(Release::kThree, "ping", kEmptyRow),
            R"({"hosts":[{"host":"a"},{"host":"","ip_version":"4"}]})");
}

TEST(KenerTypeData, Lookups) {
  constexpr std::string_view kSent =
      R"({"host":"example.org","lookupRecord":"mx","matchType":"ALL","values":["a",""],)"
      R"("nameServer":"192.0.2.53","transport":"TLS","tlsPort":"8853"})";
  EXPECT_EQ(Read(Release::kFour, "dns", kSent),
            R"({"host":"example.org","record_type":"MX","match":"all","values":["a"],)"
            R"("transport":"tls","name_server":"192.0.2.53","tls_port":8853})");
  EXPECT_EQ(Read(Release::kThree, "dns", kSent),
            R"({"host":"example.org","record_type":"MX","name_server":"192.0.2.53",)"
            R"("match":"all","values":["a",""]})");
  for (const Release release : kBoth) {
    EXPECT_EQ(Show(release, "dns", R"({"match":"any"})"), R"({"matchType":"ANY"})");
    EXPECT_EQ(Read(release, "dns", R"({"values":"x"})"),
              "type_data.values must be a list of texts");
  }
}

TEST(KenerTypeData, MembersAreWeighedOrSelected) {
  constexpr std::string_view kWeighed = R"([{"tag":"a","weight":0.5},{"tag":"b"}])";
  EXPECT_EQ(Read(Release::kFour, "group", R"({"monitors":)" + std::string(kWeighed) + "}"),
            R"({"members":)" + std::string(kWeighed) + "}");
  EXPECT_EQ(Show(Release::kFour, "group", R"({"members":[{"tag":"a","weight":1}]})"),
            R"({"monitors":[{"tag":"a","weight":1}]})");
  EXPECT_EQ(Read(Release::kThree, "group",
                 R"({"monitors":[{"tag":"a","selected":true},{"tag":"b","selected":false}]})"),
            R"({"members":[{"tag":"a"}]})");
  EXPECT_EQ(Show(Release::kThree, "group", R"({"members":[{"tag":"a","weight":1}]})"),
            R"({"monitors":[{"tag":"a","selected":true}]})");
  EXPECT_EQ(Read(Release::kFour, "group",
                 R"({"monitors":[],"executionDelay":2000,"latencyCalculation":"MAX"})"),
            R"({"members":[],"delay_ms":2000,"latency":"max"})");
  EXPECT_EQ(Show(Release::kFour, "group", R"({"delay_ms":2000,"latency":"max"})"),
            R"({"executionDelay":2000,"latencyCalculation":"MAX"})");
  EXPECT_EQ(Read(Release::kThree, "group", R"({"timeout":500,"monitors":[]})"),
            R"({"delay_ms":500,"members":[]})");
  EXPECT_EQ(Read(Release::kFour, "group", R"({"monitors":["a"]})"),
            "type_data.monitors must be a list of {tag, weight} objects");
  EXPECT_EQ(Read(Release::kThree, "group", R"({"monitors":["a"]})"),
            "type_data.monitors must be a list of {tag, selected} objects");
}

TEST(KenerTypeData, WrongTypesNameTheField) {
  for (const Release release : kBoth) {
    EXPECT_EQ(Read(release, "http", R"({"url":5})"), "type_data.url must be a string");
    EXPECT_EQ(Read(release, "http", R"({"method":[]})"), "type_data.method must be a string");
    EXPECT_EQ(Read(release, "heartbeat", R"({"secretString":7})"),
              "type_data.secretString must be a string");
    for (const char* headers :
         {R"({"headers":{}})", R"({"headers":[1]})", R"({"headers":[{"key":1}]})"}) {
      EXPECT_EQ(Read(release, "http", headers),
                "type_data.headers must be a list of {key, value} objects with texts");
    }
  }
  const Error error = WrongTypeData("url", "must be a string");
  EXPECT_EQ(error.kind, ErrorKind::kInvalid);
  ASSERT_EQ(error.fields.size(), 1u);
  EXPECT_EQ(error.fields[0].field, "type_data.url");
}

TEST(KenerTypeData, WhatIsNotGivenIsRemoved) {
  for (const Release release : kBoth) {
    Value spec = ParseJson(R"({"url":"x","timeout_ms":5,"keyword":"kept"})").value();
    const Value given = ParseJson(R"({"url":" ","timeout":null})").value();
    ASSERT_TRUE(ReadRows(release, RowsOf(release, "http"), given, spec));
    EXPECT_EQ(WriteJson(spec), R"({"keyword":"kept"})");
    EXPECT_EQ(TypeDataKeyOf(release, "http", "timeout_ms"), "timeout");
    EXPECT_EQ(TypeDataKeyOf(release, "http", "keyword"), "keyword");
    EXPECT_EQ(TypeDataKeyOf(release, "sql", "connection_string"), "connectionString");
  }
  EXPECT_EQ(Read(Release::kFour, "manual", R"({"overrideWithLastKnownStatus":true})"),
            R"({"repeat_last":true})");
  EXPECT_TRUE(RowsOf(Release::kThree, "manual").empty());
}

TEST(KenerTypeData, EvaluationFunctionsAreKeptAsWritten) {
  constexpr std::string_view kFunction = R"x("(async function () {\n  return 5\n})")x";
  const std::string spec = R"({"eval":)" + std::string(kFunction) + "}";
  for (const Release release : kBoth) {
    for (const auto& [kind, key] :
         {std::pair("http", "eval"), std::pair("ping", "pingEval"), std::pair("tcp", "tcpEval")}) {
      const std::string given = "{\"" + std::string(key) + "\":" + std::string(kFunction) + "}";
      EXPECT_EQ(Read(release, kind, given), spec) << kind;
      EXPECT_EQ(Show(release, kind, spec), given) << kind;
      EXPECT_EQ(Read(release, kind, "{\"" + std::string(key) + "\":5}"),
                "type_data." + std::string(key) + " must be a string");
      for (const char* none : {"\"  \"", "null"}) {
        EXPECT_EQ(Read(release, kind, "{\"" + std::string(key) + "\":" + none + "}"), "{}");
      }
    }
  }
}

}  // namespace
}  // namespace pharos::api::kener
