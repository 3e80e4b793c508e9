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

TEST_F(TypeDataTest, ManualAndGroup) {
  EXPECT_TRUE(
      Compile("manual", R"({"overrideWithLastKnownStatus":true})")->BoolOr("repeat_last", false));
  const char* group = R"({"monitors":[{"tag":"a","weight":0.5},{"tag":"b","weight":0.5}],
                         "executionDelay":1000})";
  EXPECT_EQ(WriteJson(*Compile("group", group)),
            R"({"members":[{"tag":"a","weight":0.5},{"tag":"b","weight":0.5}],)"
            R"("judge_by":"score","latency":"avg","delay_ms":1000})");
  const auto wrong = Compile("group", R"({"monitors":[{"tag":"a","weight":0.5}]})");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().fields[0].field, "type_data.monitors");
}

TEST_F(TypeDataTest, SqlAndGrpc) {
  EXPECT_EQ(Refusal("sql", R"({"query":5})"), "type_data.query must be a string");
  EXPECT_EQ(*Compile("sql", R"({"dbType":"pg"})"), Value(Value::Object{}));
  const Value sql = Compile("sql", R"({"dbType":"mysql2","connectionString":"mysql://u:$PW@h/d",
      "query":"SELECT 2","timeout":700})")
                        .value();
  EXPECT_EQ(sql.StringOr("connection_string", ""), "mysql://u:$PW@h/d");
  EXPECT_EQ(sql.StringOr("query", ""), "SELECT 2");
  EXPECT_EQ(sql.IntOr("timeout_ms", 0), 700);
  EXPECT_EQ(Compile("sql", R"({"connectionString":"$DB"})")->IntOr("timeout_ms", 0), 5000);
  EXPECT_EQ(Refusal("sql", R"({"connectionString":"mssql://u@h/d"})"),
            "type_data.connectionString names SQL Server, which is not supported; PostgreSQL, "
            "MySQL and MariaDB are");
  const Value grpc = Compile("grpc", R"({"host":"a.example.org","port":5000,"service":"shop",
      "tls":true,"insecure":true,"timeout":900})")
                         .value();
  EXPECT_EQ(grpc.StringOr("host", ""), "a.example.org");
  EXPECT_EQ(grpc.IntOr("port", 0), 5000);
  EXPECT_EQ(grpc.StringOr("service", ""), "shop");
  EXPECT_TRUE(grpc.BoolOr("tls", false));
  EXPECT_FALSE(grpc.BoolOr("verify_tls", true));
  EXPECT_EQ(grpc.IntOr("timeout_ms", 0), 900);
  EXPECT_EQ(Compile("grpc", R"({"host":"h"})")->IntOr("port", 0), 50051);
}

TEST_F(TypeDataTest, GamedigBecomesGame) {
  const Value spec = Compile("game", R"({"gameId":"valheim","host":"a.example.org","port":2457,
      "timeout":4000,"guessPort":true})")
                         .value();
  EXPECT_EQ(spec.StringOr("game", ""), "valheim");
  EXPECT_EQ(spec.IntOr("port", 0), 2457);
  EXPECT_EQ(spec.IntOr("timeout_ms", 0), 4000);
  EXPECT_TRUE(spec.BoolOr("guess_port", false));
  EXPECT_TRUE(Compile("game", R"({"gameId":"csgo"})")->AsObject().empty());
  EXPECT_EQ(Refusal("game", R"({"gameId":"teamspeak3","host":"a.example.org"})"),
            "type_data.gameId needs the protocol teamspeak3, which is not supported; supported are "
            "valve, minecraft, bedrock, quake3, quake2, quake1, gamespy1, tcp, udp");
}

TEST_F(TypeDataTest, SslBecomesTls) {
  const Value spec = Compile("tls", R"({"host":"shop.example.org","port":"8443",
      "degradedRemainingHours":336,"downRemainingHours":48})")
                         .value();
  EXPECT_EQ(spec.StringOr("host", ""), "shop.example.org");
  EXPECT_EQ(spec.IntOr("port", 0), 8443);
  EXPECT_EQ(spec.IntOr("degraded_below_hours", 0), 336);
  EXPECT_EQ(spec.IntOr("down_below_hours", 0), 48);
  EXPECT_EQ(Compile("tls", R"({"host":"a.example.org","port":444})")->IntOr("port", 0), 444);
  EXPECT_EQ(Compile("tls", R"({"host":"a.example.org","port":""})")->IntOr("port", 0), 443);
  EXPECT_TRUE(Compile("tls", R"({"port":"443"})")->AsObject().empty());
  EXPECT_EQ(Refusal("tls", R"({"host":"a.example.org","port":"x"})"),
            "type_data.port must be a number");
  EXPECT_EQ(Refusal("tls", R"({"host":"a.example.org","port":"70000"})"),
            "type_data.port must be between 1 and 65535");
  EXPECT_EQ(WriteJson(PresentTypeData(
                probes_, "tls",
                probes_.ValidateSpec("tls", Json(R"({"host":"b.example.org"})")).value(), Value())),
            R"({"host":"b.example.org","port":"443","degradedRemainingHours":168,)"
            R"("downRemainingHours":24})");
}

TEST_F(TypeDataTest, HostListsOfPingAndTcp) {
  const char* hosts = R"({"hosts":[{"type":"IP4","host":"192.0.2.1","port":22,"timeout":900},
      {"type":"IP6","host":"2001:db8::1"},{"type":"DOMAIN","host":"a.example.org","port":"443"},
      {"type":"IP4","host":""}],"tcpEval":""})";
  const Value tcp = Compile("tcp", hosts).value();
  EXPECT_EQ(WriteJson(*tcp.Find("hosts")),
            R"([{"host":"192.0.2.1","ip_version":"4","port":22,"timeout_ms":900},)"
            R"({"host":"2001:db8::1","ip_version":"6"},{"host":"a.example.org","port":443}])");
  const Value ping =
      Compile("ping", R"({"hosts":[{"type":"DOMAIN","host":"a.example.org","count":5}]})").value();
  EXPECT_EQ(WriteJson(*ping.Find("hosts")), R"([{"host":"a.example.org","count":5}])");
  EXPECT_EQ(ping.IntOr("degraded_over_loss_percent", 0), 100);
  for (const char* lacking :
       {"{}", R"({"hosts":null})", R"({"hosts":[]})", R"({"hosts":[{"type":"IP4","host":""}]})"}) {
    EXPECT_TRUE(Compile("tcp", lacking)->AsObject().empty()) << lacking;
    EXPECT_TRUE(Compile("ping", lacking)->AsObject().empty()) << lacking;
  }
  EXPECT_TRUE(Refusal("tcp", R"({"hosts":{}})").starts_with("type_data.hosts must be a list"));
  EXPECT_EQ(Refusal("tcp", R"({"hosts":[{"host":"a","port":"x"}]})"),
            "type_data.hosts[0].port must be a number");
  EXPECT_TRUE(Refusal("tcp", R"({"hosts":[{"host":"a","port":0}]})")
                  .starts_with("type_data.hosts[0].port must be a whole number from 1"));
  EXPECT_EQ(Compile("ping", R"x({"hosts":[{"host":"a"}],"pingEval":"(async function () {})"})x")
                ->StringOr("eval", ""),
            "(async function () {})");
}

TEST_F(TypeDataTest, SingleTargetsOfOtherDialectsAreShownAsAList) {
  const Value single =
      probes_.ValidateSpec("tcp", Json(R"({"host":"a.example.org","port":22})")).value();
  EXPECT_EQ(WriteJson(PresentTypeData(probes_, "tcp", single, Value())),
            R"({"hosts":[{"type":"DOMAIN","host":"a.example.org","port":22}]})");
  // Sent back, the list takes the place of the single one.
  const Value again =
      CompileTypeData(probes_, "tcp", PresentTypeData(probes_, "tcp", single, Value()), single)
          .value();
  EXPECT_EQ(again.StringOr("host", "?"), "");
  EXPECT_EQ(WriteJson(*again.Find("hosts")), R"([{"host":"a.example.org","port":22}])");
}

TEST_F(TypeDataTest, DnsWords) {
  const Value spec = Compile("dns", R"({"host":"example.org","lookupRecord":"mx","matchType":"ALL",
      "values":["mx1.example.org",""],"transport":"TLS","nameServer":"dns.example.org",
      "tlsPort":8853,"tlsServername":"x.example.org","allowSelfSignedCert":true})")
                         .value();
  EXPECT_EQ(spec.StringOr("host", ""), "example.org");
  EXPECT_EQ(spec.StringOr("record_type", ""), "MX");
  EXPECT_EQ(spec.StringOr("match", ""), "all");
  EXPECT_EQ(WriteJson(*spec.Find("values")), R"(["mx1.example.org"])");
  EXPECT_EQ(spec.StringOr("transport", ""), "tls");
  EXPECT_EQ(spec.StringOr("name_server", ""), "dns.example.org");
  EXPECT_EQ(spec.IntOr("tls_port", 0), 8853);
  EXPECT_EQ(spec.StringOr("tls_server_name", ""), "x.example.org");
  EXPECT_FALSE(spec.BoolOr("verify_tls", true));
  EXPECT_TRUE(Compile("dns", R"({"values":["192.0.2.1"]})")->AsObject().empty());
  EXPECT_TRUE(Refusal("dns", R"({"host":"a.example.org","lookupRecord":"NAPTR"})")
                  .starts_with("type_data.lookupRecord must be one of"));
  EXPECT_EQ(Refusal("dns", R"({"host":"a.example.org","values":"x"})"),
            "type_data.values must be a list of texts");
  const Value shown = PresentTypeData(probes_, "dns", spec, Value());
  EXPECT_EQ(shown.StringOr("matchType", ""), "ALL");
  EXPECT_EQ(shown.StringOr("transport", ""), "TLS");
}

TEST_F(TypeDataTest, RefusalsNameTheKey) {
  EXPECT_EQ(Compile("heartbeat", "{}")->IntOr("down_after_s", 0), 600);
  EXPECT_EQ(Refusal("http", R"({"url":5})"), "type_data.url must be a string");
  EXPECT_EQ(Refusal("http", R"({"url":"https://a.example.org","eval":5})"),
            "type_data.eval must be a string");
}

TEST_F(TypeDataTest, WithoutAnUsableUrlTheSpecStaysEmpty) {
  for (const char* lacking : {"{}", R"({"timeout":5000})", R"({"url":""})", R"({"url":null})",
                              R"({"url":"no url at all"})"}) {
    const Result<Value> spec = Compile("http", lacking);
    ASSERT_TRUE(spec) << lacking;
    EXPECT_TRUE(spec->AsObject().empty()) << lacking;
  }
}

TEST_F(TypeDataTest, ValuesOutOfRangeNameTheField) {
  EXPECT_EQ(Refusal("http", R"({"url":"https://a.example.org","timeout":1})"),
            "type_data.timeout must be between 100 and 120000");
  EXPECT_TRUE(Refusal("http", R"({"url":"https://a.example.org","method":"BREW"})")
                  .starts_with("type_data.method must be one of: GET"));
  EXPECT_EQ(Refusal("heartbeat", R"({"degradedRemainingMinutes":9,"downRemainingMinutes":3})"),
            "type_data.downRemainingMinutes must be greater than degradedRemainingMinutes");
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
