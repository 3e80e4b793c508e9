#include "api/signals.h"

#include <gtest/gtest.h>

#include "api/resolver.h"
#include "api/toy_test_support.h"

namespace pharos::api {
namespace {

Endpoint Extension(Endpoint row) {
  row.extension = true;
  return row;
}

// Kodo and is0k as far as is0k.md 10.1 tells them apart.
class SignalsTest : public ::testing::Test {
 protected:
  SignalsTest() {
    Dialect kodo = MakeToy("kodo", "/api/v1");
    kodo.claims_header = "x-api-key";
    kodo.key_prefixes = {"kodo_"};
    kodo.owned_paths = {"/api/v1/services", "/api/v1/uptime-monitors"};
    kodo.body_keys = {{"services"}, {"service_ids"}, {"primary_color"}};
    kodo.query_keys = {"limit"};
    kodo.uuid_ids = true;
    kodo.endpoints = {ToyRow("GET", "/incidents", "k1"),
                      ToyRow("POST", "/incidents", "k2"),
                      ToyRow("GET", "/incidents/{id}", "k3"),
                      ToyRow("PATCH", "/incidents/{id}", "k4"),
                      ToyRow("DELETE", "/incidents/{id}", "k5"),
                      ToyRow("POST", "/incidents/{id}/publish", "k6"),
                      Extension(ToyRow("POST", "/incidents/{id}/updates", "k7")),
                      ToyRow("GET", "/services", "k8"),
                      ToyRow("GET", "/status-pages", "k9")};
    Dialect is0k = MakeToy("is0k", "/api/v1");
    is0k.key_prefixes = {"is0k_"};
    is0k.owned_paths = {"/api/v1/monitors", "/api/v1/alert-channels"};
    is0k.answers_unknown_bearer = true;
    is0k.body_keys = {{"monitor_ids"}, {"status_page_ids"}, {"visibility", "password"}};
    is0k.query_keys = {"page", "per_page", "severity", "monitor_id"};
    is0k.endpoints = {ToyRow("GET", "/incidents", "i1"),
                      ToyRow("POST", "/incidents", "i2"),
                      ToyRow("PUT", "/incidents/{number}", "i3"),
                      Extension(ToyRow("GET", "/incidents/{number}", "i4")),
                      ToyRow("POST", "/incidents/{number}/updates", "i5"),
                      ToyRow("GET", "/monitors", "i6"),
                      ToyRow("POST", "/alert-channels", "i7"),
                      ToyRow("GET", "/status-pages", "i8")};
    dialects_ = {is0k, kodo};
    ties_ = {{"GET", "/api/v1/incidents", "is0k", "kodo"},
             {"POST", "/api/v1/incidents", "is0k", "kodo"},
             {"GET", "/api/v1/incidents/{id}", "is0k", "kodo"},
             {"POST", "/api/v1/incidents/{id}/updates", "is0k", "kodo"},
             {"GET", "/api/v1/status-pages", "is0k", "kodo"}};
  }

  std::string Pick(std::string_view method, std::string_view target,
                   std::vector<http::Header> headers = {}, std::string_view body = {}) {
    http::Request request = MakeRequest(method, target);
    request.headers = std::move(headers);
    request.body = body;
    const Resolver resolver =
        Resolver::Build(dialects_, ties_, {{"/api/v1", "kodo"}}, {{"api.is0k.example", "is0k"}})
            .value();
    const Resolved resolved = resolver.Resolve(request, [](std::string_view key) -> std::string {
      if (key == "K_KODO") return "kodo";
      if (key == "K_ENT") return "is0k";
      return key == "kener_1" ? "kener_v4" : "";
    });
    return std::string(resolved.dialect->name);
  }
  static http::Header Bearer(std::string_view token) {
    return {"Authorization", "Bearer " + std::string(token)};
  }

  std::vector<Dialect> dialects_;
  std::vector<Tie> ties_;
};

TEST_F(SignalsTest, WorkedTable) {  // is0k.md 10.3, row by row
  EXPECT_EQ(Pick("GET", "/api/v1/monitors"), "is0k");
  EXPECT_EQ(Pick("GET", "/api/v1/monitors", {Bearer("something")}), "is0k");
  EXPECT_EQ(Pick("POST", "/api/v1/alert-channels"), "is0k");
  EXPECT_EQ(Pick("PUT", "/api/v1/incidents/x"), "is0k");
  EXPECT_EQ(Pick("PATCH", "/api/v1/incidents/x"), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/services"), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents"), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", {Bearer("is0k_live_bad")}), "is0k");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", {Bearer("kodo_bad")}), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", {Bearer("something")}), "is0k");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", {{"X-API-Key", "bad"}}), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/monitors", {{"X-API-Key", "bad"}}), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/status-pages", {{"Host", "api.is0k.example"}}), "is0k");
  EXPECT_EQ(Pick("POST", "/api/v1/incidents", {}, R"({"monitor_ids":[]})"), "is0k");
  EXPECT_EQ(Pick("GET", "/api/v1/unknown"), "kodo");
}

TEST_F(SignalsTest, ValidKeyKeepsItsDialect) {
  EXPECT_EQ(Pick("GET", "/api/v1/monitors", {Bearer("K_KODO")}), "kodo");
  EXPECT_EQ(Pick("PATCH", "/api/v1/incidents/x", {Bearer("K_ENT")}), "is0k");
  EXPECT_EQ(Pick("GET", "/api/v1/services", {Bearer("K_ENT")}), "is0k");
  EXPECT_EQ(Pick("GET", "/api/v1/unknown", {Bearer("K_ENT")}), "is0k");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", {Bearer("K_ENT"), {"X-API-Key", "x"}}), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/services", {Bearer("kener_1")}), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/monitors", {Bearer("kener_1")}), "is0k");
}

TEST_F(SignalsTest, WordOfTheClientComesFirst) {
  const http::Header is0k{"X-Pharos-Dialect", "is0k"};
  EXPECT_EQ(Pick("GET", "/api/v1/services", {is0k}), "is0k");
  EXPECT_EQ(Pick("GET", "/api/v1/services", {is0k, {"X-API-Key", "K_KODO"}}), "is0k");
  EXPECT_EQ(Pick("GET", "/api/v1/monitors", {{"x-pharos-dialect", "Kodo"}}), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/monitors", {{"x-pharos-dialect", "latin"}}), "is0k");
}

TEST_F(SignalsTest, MethodAndSubPath) {
  EXPECT_EQ(Pick("DELETE", "/api/v1/incidents/x"), "kodo");
  EXPECT_EQ(Pick("POST", "/api/v1/incidents/x/publish"), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/services/deep/unknown"), "kodo");
  EXPECT_EQ(Pick("PUT", "/api/v1/incidents/x", {Bearer("something")}), "is0k");
  EXPECT_EQ(Pick("PATCH", "/api/v1/incidents/x", {Bearer("something")}), "kodo");
}

TEST_F(SignalsTest, ExtensionYieldsToWhatIsDocumented) {
  EXPECT_EQ(Pick("GET", "/api/v1/incidents/x"), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents/x", {Bearer("K_ENT")}), "is0k");
  EXPECT_EQ(Pick("POST", "/api/v1/incidents/x/updates"), "is0k");
  EXPECT_EQ(Pick("POST", "/api/v1/incidents/x/updates", {Bearer("K_KODO")}), "kodo");
}

TEST_F(SignalsTest, HostIgnoresCaseAndPort) {
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", {{"Host", "API.is0k.example:8443"}}), "is0k");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", {{"Host", "other.example"}}), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/services", {{"Host", "api.is0k.example"}}), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", {{"Host", "[::1]:80"}}), "kodo");
}

TEST_F(SignalsTest, HeaderNameWithoutASecret) {
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", {{"Authorization", "Basic abc"}}), "is0k");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents?page=2", {{"X-API-Key", ""}}), "kodo");
}

TEST_F(SignalsTest, BodyKeysOfAPost) {
  EXPECT_EQ(Pick("POST", "/api/v1/incidents", {}, R"({"service_ids":[]})"), "kodo");
  EXPECT_EQ(Pick("POST", "/api/v1/incidents?limit=1", {}, R"({"visibility":"x"})"), "kodo");
  EXPECT_EQ(Pick("POST", "/api/v1/incidents", {}, R"({"visibility":"x","password":"y"})"), "is0k");
  EXPECT_EQ(Pick("POST", "/api/v1/incidents?page=1", {}, R"({"services":1,"monitor_ids":1})"),
            "is0k");
  EXPECT_EQ(Pick("POST", "/api/v1/incidents?page=1", {}, "not json"), "is0k");
  const std::string large = R"({"monitor_ids":")" + std::string(70'000, 'x') + R"("})";
  EXPECT_EQ(Pick("POST", "/api/v1/incidents", {}, large), "kodo");
}

TEST_F(SignalsTest, QueryThenIdsThenTheSetting) {
  EXPECT_EQ(Pick("GET", "/api/v1/incidents?per_page=3"), "is0k");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents?limit=3"), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents?limit=3&page=1"), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/other/0d7c1f6e-61a4-4a0e-9a55-6f6f2b1c9e01"), "kodo");
  EXPECT_EQ(Pick("GET", "/api/v1/other/inc_1"), "kodo");
}

}  // namespace
}  // namespace pharos::api
