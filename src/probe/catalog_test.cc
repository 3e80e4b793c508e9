#include "probe/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "probe/common_fields.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<FieldError> ProblemsOf(std::string_view kind, std::string_view spec) {
  const Catalog catalog;
  auto result = catalog.ValidateSpec(kind, ParseSpec(spec));
  if (result) return {};
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalid);
  return result.error().fields;
}

TEST(Catalog, KnowsItsKindsAndNoOthers) {
  const Catalog catalog;
  std::vector<std::string_view> kinds;
  for (const Probe* probe : catalog.List()) kinds.push_back(probe->descriptor().kind);
  EXPECT_THAT(kinds, ElementsAre("http", "ping", "tcp", "dns", "tls", "domain", "sql", "grpc",
                                 "game", "smtp", "websocket", "mqtt", "redis", "heartbeat", "push",
                                 "group", "manual"));
  EXPECT_EQ(catalog.Find("http"), catalog.List()[0]);
  EXPECT_EQ(catalog.Find("telepathy"), nullptr);
  EXPECT_EQ(catalog.Find(""), nullptr);
}

TEST(Catalog, EveryKindDescribesItself) {
  const Catalog catalog;
  for (const Probe* probe : catalog.List()) {
    const Descriptor& descriptor = probe->descriptor();
    EXPECT_FALSE(descriptor.title.empty());
    EXPECT_FALSE(descriptor.posture.empty()) << descriptor.kind;
    std::set<std::string_view> names;
    for (const model::FieldSpec& row : descriptor.fields) {
      EXPECT_TRUE(names.insert(row.name).second) << row.name;
      EXPECT_FALSE(row.help.empty()) << row.name;
    }
    if (descriptor.pushed) continue;
    ASSERT_GE(descriptor.fields.size(), CommonFields().size());
    for (size_t i = 0; i < CommonFields().size(); ++i) {
      EXPECT_EQ(descriptor.fields[i].name, CommonFields()[i].name);
    }
  }
}

// Probes read specs that other parts wrote; whatever stands there must not bring them down.
TEST(Catalog, DefaultsOfEveryKindAreValid) {
  const Catalog catalog;
  EXPECT_TRUE(catalog.ValidateSpec("http", ParseSpec(R"({"url":"https://shop.example/"})")));
  for (const char* kind : {"ping", "tcp", "dns"}) {
    EXPECT_TRUE(catalog.ValidateSpec(kind, ParseSpec(R"({"host":"shop.example"})"))) << kind;
  }
  EXPECT_TRUE(catalog.ValidateSpec("tls", ParseSpec(R"({"host":"shop.example"})")));
  EXPECT_TRUE(catalog.ValidateSpec("domain", ParseSpec(R"({"domain":"shop.example"})")));
  EXPECT_TRUE(catalog.ValidateSpec("heartbeat", ParseSpec("{}")));
  EXPECT_TRUE(catalog.ValidateSpec("manual", ParseSpec("{}")));
}

TEST(Catalog, DocumentationNamesEveryField) {
  const Catalog catalog;
  for (const Probe* probe : catalog.List()) {
    const Descriptor& descriptor = probe->descriptor();
    std::ifstream file(std::string(PHAROS_SOURCE_DIR) + "/docs/probes/" +
                       std::string(descriptor.kind) + ".md");
    std::stringstream text;
    text << file.rdbuf();
    for (const model::FieldSpec& row : descriptor.fields) {
      EXPECT_THAT(text.str(), HasSubstr("| `" + std::string(row.name) + "` |")) << descriptor.kind;
    }
  }
}

TEST(Catalog, ProblemsAreCollectedWithPrefix) {
  const auto problems = ProblemsOf(
      "http", R"({"url":"ftp://x/","timeout_ms":5,"color":"red","expected_status":"ok"})");
  std::vector<std::string> fields;
  for (const FieldError& problem : problems) fields.push_back(problem.field);
  EXPECT_THAT(fields, testing::UnorderedElementsAre("spec.timeout_ms", "spec.color", "spec.url",
                                                    "spec.expected_status"));
}

TEST(Catalog, UnknownKindIsAProblemOfTheKind) {
  EXPECT_THAT(ProblemsOf("telepathy", "{}"),
              ElementsAre(FieldError{"kind", "is not a known kind of monitor"}));
}

TEST(Catalog, HttpSpecProblems) {
  const struct {
    const char* spec;
    const char* field;
  } rows[] = {
      {R"({})", "spec.url"},
      {R"({"url":""})", "spec.url"},
      {R"({"url":5})", "spec.url"},
      {R"({"url":"file:///etc/passwd"})", "spec.url"},
      {R"({"url":"http://user:pw@h.test/"})", "spec.url"},
      {R"({"url":"http://h.test:99999/"})", "spec.url"},
      {R"({"url":"http://h.test/a b"})", "spec.url"},
      {R"({"url":"gopher://$HOST/"})", "spec.url"},
      {R"({"url":"http://h.test/","method":"BREW"})", "spec.method"},
      {R"({"url":"http://h.test/","headers":[{"name":"a b","value":""}]})", "spec.headers[0].name"},
      {R"({"url":"http://h.test/","headers":[{"name":"Content-Length","value":"5"}]})",
       "spec.headers[0].name"},
      {R"({"url":"http://h.test/","headers":[{"name":"a","value":"b\r\nc: d"}]})",
       "spec.headers[0].value"},
      {R"({"url":"http://h.test/","headers":{"a":"b"}})", "spec.headers"},
      {R"({"url":"http://h.test/","max_redirects":21})", "spec.max_redirects"},
      {R"({"url":"http://h.test/","tls_min_version":"1.1"})", "spec.tls_min_version"},
      {R"({"url":"http://h.test/","ca_pem":"hello"})", "spec.ca_pem"},
      {R"({"url":"http://h.test/","client_key_pem":
          "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----"})",
       "spec.client_cert_pem"},
      {R"({"url":"http://h.test/","ip_version":"5"})", "spec.ip_version"},
      {R"({"url":"http://h.test/","body_regex":"("})", "spec.body_regex"},
      {R"({"url":"http://h.test/","method":"HEAD","keyword":"x"})", "spec.keyword"},
      {R"({"url":"http://h.test/","max_body_bytes":1})", "spec.max_body_bytes"},
      {R"({"url":"http://h.test/","latency":"middle"})", "spec.latency"},
      {R"({"url":"http://h.test/","degraded_over_ms":10,"down_over_ms":10})", "spec.down_over_ms"},
      {R"({"url":"http://h.test/","retries":6})", "spec.retries"},
  };
  for (const auto& row : rows) {
    std::vector<std::string> fields;
    for (const FieldError& problem : ProblemsOf("http", row.spec)) fields.push_back(problem.field);
    EXPECT_THAT(fields, Contains(row.field)) << row.spec;
  }
}

TEST(Catalog, HttpSpecsThatAreFine) {
  for (const char* spec :
       {R"({"url":"http://$HOST/x"})", R"({"url":"$URL"})", R"({"url":"https://[::1]:8443/"})",
        R"({"url":"http://h.test/","method":"HEAD","keyword_absent":"x"})",
        R"({"url":"http://h.test/","tls_min_version":"","ip_version":"6"})",
        R"({"url":"http://h.test/","headers":[{"name":"Host","value":"other.test"}]})",
        R"({"url":"http://h.test/","degraded_over_ms":null})"}) {
    EXPECT_THAT(ProblemsOf("http", spec), testing::IsEmpty()) << spec;
  }
}

TEST(Catalog, ValidatedSpecHoldsTheDefaults) {
  const Catalog catalog;
  const auto spec = catalog.ValidateSpec("http", ParseSpec(R"({"url":"http://h.test/"})"));
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->IntOr("timeout_ms", 0), 10000);
  EXPECT_EQ(spec->IntOr("retry_delay_ms", 0), 5000);
  EXPECT_EQ(spec->StringOr("expected_status", ""), "200-399,429");
  EXPECT_EQ(spec->IntOr("max_body_bytes", 0), 1048576);
  EXPECT_FALSE(spec->BoolOr("reuse_connection", true));
  EXPECT_EQ(spec->Find("degraded_over_ms"), nullptr);
}

TEST(Catalog, SecretsAreMarked) {
  const Catalog catalog;
  const auto is_secret = [&](std::string_view kind, std::string_view name) {
    for (const model::FieldSpec& row : catalog.Find(kind)->descriptor().fields) {
      if (row.name == name) return row.secret;
    }
    return false;
  };
  EXPECT_TRUE(is_secret("http", "client_key_pem"));
  EXPECT_TRUE(is_secret("heartbeat", "secret"));
  EXPECT_FALSE(is_secret("http", "url"));
}

// What the scheduler counts checks by (schedule.max_per_host).
TEST(CatalogTest, TheTargetIsTheHost) {
  const Catalog catalog;
  const auto target = [&](const char* kind, const char* field, const char* text) {
    Value spec;
    spec.Set(field, text);
    return catalog.Find(kind)->TargetOf(spec);
  };
  EXPECT_EQ(target("http", "url", "https://user:p@Shop.example:8443/live?a=b@c"), "shop.example");
  EXPECT_EQ(target("http", "url", "http://[2001:db8::1]:81/"), "[2001:db8::1]");
  EXPECT_EQ(target("http", "url", "http://plain.example?x"), "plain.example");
  EXPECT_EQ(target("http", "url", "nonsense"), "");
  EXPECT_EQ(target("sql", "connection_string", "mysql://u:p@DB.example:3306/shop?a=b"),
            "db.example");
  EXPECT_EQ(target("sql", "connection_string", "$SHOP_DATABASE"), "");
  EXPECT_EQ(target("tcp", "host", "DB.example"), "db.example");
  EXPECT_EQ(target("domain", "domain", "example.org"), "example.org");
  EXPECT_EQ(catalog.Find("http")->TargetOf(Value()), "");
  Value first, second, several;
  first.Set("host", "A.example");
  second.Set("host", "b.example");
  several.Set("hosts", Value(Value::List{first, second}));
  EXPECT_EQ(catalog.Find("ping")->TargetOf(several), "a.example");
}

}  // namespace
}  // namespace pharos::probe
