#include "api/resolver.h"

#include <gtest/gtest.h>

#include "api/toy_test_support.h"

namespace pharos::api {
namespace {

// Two dialects in the position of Kodo and is0k on /api/v1, one alone on /api/v4, one on /api.
class ResolverTest : public ::testing::Test {
 protected:
  ResolverTest() {
    Dialect red = MakeToy("red", "/api/v1");
    red.mounts.push_back({.prefix = "/red/api", .lone = true});
    red.credentials.push_back({CredentialReader::Kind::kHeader, "X-API-Key"});
    red.claims_header = "X-API-Key";
    red.key_prefixes = {"red_"};
    red.owned_paths = {"/api/v1/services"};
    red.endpoints = {
        ToyRow("GET", "/incidents", "red.list"), ToyRow("PATCH", "/incidents/{id}", "red.patch"),
        ToyRow("GET", "/incidents/{id}", "red.get"), ToyRow("GET", "/services", "red.services")};
    Dialect blue = MakeToy("blue", "/api/v1");
    blue.mounts.push_back({.prefix = "/blue/api", .lone = true});
    blue.key_prefixes = {"blue_"};
    blue.answers_unknown_bearer = true;
    blue.endpoints = {ToyRow("GET", "/incidents", "blue.list"),
                      ToyRow("PUT", "/incidents/{number}", "blue.put"),
                      ToyRow("GET", "/monitors", "blue.monitors")};
    Dialect green = MakeToy("green", "/api/v4");
    green.mounts.push_back({.prefix = "/api", .fallback = true});
    green.endpoints = {ToyRow("GET", "/toys", "green.toys")};
    dialects_ = {red, blue, green};
    ties_ = {{"GET", "/api/v1/incidents", "red", "blue"}};
  }

  Result<Resolver> Build() { return Resolver::Build(dialects_, ties_, {{"/api/v1", "red"}}); }

  std::string Pick(http::Request request) {
    const Resolver resolver = Build().value();
    const Resolved resolved = resolver.Resolve(request, [](std::string_view key) -> std::string {
      return key == "stored-blue" ? "blue" : key == "stored-red" ? "red" : "";
    });
    return resolved.dialect ? std::string(resolved.dialect->name) : "nobody";
  }
  std::string Pick(std::string_view method, std::string_view path, std::string_view header = {},
                   std::string_view value = {}) {
    http::Request request = MakeRequest(method, path);
    if (!header.empty()) request.headers.push_back({std::string(header), std::string(value)});
    return Pick(std::move(request));
  }

  std::vector<Dialect> dialects_;
  std::vector<Tie> ties_;
};

TEST_F(ResolverTest, CredentialsComeFirstThenThePath) {
  EXPECT_EQ(Pick("GET", "/api/v1/monitors"), "blue");
  EXPECT_EQ(Pick("GET", "/api/v1/services"), "red");
  EXPECT_EQ(Pick("GET", "/api/v1/monitors", "X-API-Key", "anything"), "red");
  EXPECT_EQ(Pick("POST", "/api/v1/monitors", "Authorization", "Bearer stored-red"), "red");
  EXPECT_EQ(Pick("POST", "/api/v1/monitors", "Authorization", "Bearer something"), "blue");
  EXPECT_EQ(Pick("GET", "/api/v1/services/deep/unknown"), "red");
  EXPECT_EQ(Pick("GET", "/api/v4/toys"), "green");
}

TEST_F(ResolverTest, MethodDecidesOnASharedPath) {
  EXPECT_EQ(Pick("PUT", "/api/v1/incidents/7"), "blue");
  EXPECT_EQ(Pick("PATCH", "/api/v1/incidents/7"), "red");
  EXPECT_EQ(Pick("PATCH", "/api/v1/incidents/7", "Authorization", "Bearer blue_x"), "blue");
}

TEST_F(ResolverTest, HeaderKindThenStoredKeyThenPrefix) {
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", "X-API-Key", "blue_x"), "red");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", "Authorization", "Bearer stored-blue"), "blue");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", "Authorization", "Bearer stored-red"), "red");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", "Authorization", "Bearer red_unknown"), "red");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", "Authorization", "Bearer blue_unknown"), "blue");
}

TEST_F(ResolverTest, UnknownBearerAndNoCredentials) {
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", "Authorization", "Bearer something"), "blue");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents"), "red");
  EXPECT_EQ(Pick("GET", "/api/v1/unknown"), "red");
  EXPECT_EQ(Pick("GET", "/api/v1/incidents", "Authorization", "Basic abc"), "blue");
}

TEST_F(ResolverTest, LoneMountsNeedNoGuessing) {
  EXPECT_EQ(Pick("GET", "/red/api/incidents", "Authorization", "Bearer blue_x"), "red");
  EXPECT_EQ(Pick("GET", "/blue/api/incidents", "X-API-Key", "red_x"), "blue");
  EXPECT_EQ(Pick("GET", "/blue/api/unknown"), "blue");
}

TEST_F(ResolverTest, LongestMountWinsAndFallbackIsLast) {
  EXPECT_EQ(Pick("GET", "/api/v4/unknown"), "green");
  EXPECT_EQ(Pick("GET", "/api/whatever"), "green");
  EXPECT_EQ(Pick("GET", "/api"), "nobody");
  EXPECT_EQ(Pick("GET", "/apiary"), "nobody");
  EXPECT_EQ(Pick("GET", "/"), "nobody");
  const Resolver resolver = Build().value();
  EXPECT_TRUE(resolver.Owns(MakeRequest("GET", "/api/v1/x")));
  EXPECT_FALSE(resolver.Owns(MakeRequest("GET", "/status")));
}

TEST_F(ResolverTest, UnlistedTieStopsTheStart) {
  ties_.clear();
  const Result<Resolver> resolver = Build();
  ASSERT_FALSE(resolver);
  EXPECT_EQ(resolver.error().kind, ErrorKind::kInvalid);
  EXPECT_NE(resolver.error().message.find("GET /api/v1/incidents"), std::string::npos);
}

TEST_F(ResolverTest, TieMustNameBothDialectsAndTheMethod) {
  ties_ = {{"GET", "/api/v1/incidents", "red", "green"}};
  EXPECT_FALSE(Build());
  ties_ = {{"POST", "/api/v1/incidents", "red", "blue"}};
  EXPECT_FALSE(Build());
  ties_ = {{"GET", "/api/v1/incidents", "blue", "red"}};
  EXPECT_TRUE(Build());
}

TEST_F(ResolverTest, OverlapOfLiteralAndParameterIsATieToo) {
  dialects_[1].endpoints.push_back(ToyRow("GET", "/incidents/open", "blue.open"));
  EXPECT_FALSE(Build());
  ties_.push_back({"GET", "/api/v1/incidents/{id}", "red", "blue"});
  EXPECT_TRUE(Build());
}

TEST_F(ResolverTest, LoneMountCannotBeShared) {
  dialects_[1].mounts.push_back({.prefix = "/red/api"});
  EXPECT_FALSE(Build());
}

TEST_F(ResolverTest, UndecodableEscapeMatchesNothing) {
  const Resolver resolver = Build().value();
  const http::Request request = MakeRequest("GET", "/api/v1/incidents/%zz");
  const Resolved resolved =
      resolver.Resolve(request, [](std::string_view) { return std::string(); });
  ASSERT_NE(resolved.dialect, nullptr);
  EXPECT_FALSE(resolved.match.path_known);
}

TEST_F(ResolverTest, MountWithAConditionTakesItsShare) {
  Dialect yellow = MakeToy("yellow", "/api/v4");
  yellow.mounts = {{.prefix = "/api/beat", .when = [](const http::Request& request) {
                      return request.path.find(':') != std::string::npos;
                    }}};
  yellow.endpoints = {ToyRow("GET", "/{id}", "yellow.beat")};
  Dialect red = MakeToy("pink", "/api/beat");
  red.mounts[0].when = [](const http::Request& request) { return request.query == "pink"; };
  red.endpoints = {ToyRow("GET", "/{name}", "pink.beat")};
  dialects_.push_back(yellow);
  dialects_.push_back(red);
  EXPECT_EQ(Pick("GET", "/api/beat/a:b"), "yellow");
  EXPECT_EQ(Pick("GET", "/api/beat/ab?pink"), "pink");
  EXPECT_EQ(Pick("GET", "/api/beat/ab"), "green");
}

TEST_F(ResolverTest, TwoMountsOfOneDialectAtOnePlaceShareItsRows) {
  dialects_[1].mounts.push_back({.prefix = "/blue/api", .area = "old", .lone = true});
  Endpoint old = ToyRow("GET", "/monitor", "blue.old");
  old.area = "old";
  dialects_[1].endpoints.push_back(old);
  const Resolver resolver = Build().value();
  const auto operation = [&](std::string_view path) {
    const http::Request request = MakeRequest("GET", path);
    const Resolved resolved =
        resolver.Resolve(request, [](std::string_view) { return std::string(); });
    return std::string(resolved.match.endpoint->operation);
  };
  EXPECT_EQ(operation("/blue/api/monitor"), "blue.old");
  EXPECT_EQ(operation("/blue/api/monitors"), "blue.monitors");
}

TEST_F(ResolverTest, TrailingSlashIsIgnoredWhereTheDialectSaysSo) {
  const auto known = [&](std::string_view path) {
    const Resolver resolver = Build().value();
    const http::Request request = MakeRequest("GET", path);
    return resolver.Resolve(request, [](std::string_view) { return std::string(); })
        .match.path_known;
  };
  EXPECT_FALSE(known("/api/v4/toys/"));
  dialects_[2].ignores_trailing_slash = true;
  EXPECT_TRUE(known("/api/v4/toys/"));
  EXPECT_FALSE(known("/api/v4/toys//"));
}

TEST_F(ResolverTest, HostOfNobodyStopsTheStart) {
  const Result<Resolver> resolver =
      Resolver::Build(dialects_, ties_, {}, {{"a.example", "purple"}});
  ASSERT_FALSE(resolver);
  EXPECT_NE(resolver.error().message.find("a.example"), std::string::npos);
}

TEST(ReadCredential, HeaderWinsUnlessEmptyAndBareKeysNeedLeave) {
  Dialect d = MakeToy("toy", "/toy");
  d.credentials = {{CredentialReader::Kind::kBearer},
                   {CredentialReader::Kind::kHeader, "X-API-Key"}};
  http::Request request = MakeRequest("GET", "/toy");
  request.headers = {{"Authorization", "Bearer token"}, {"x-api-key", "  "}};
  EXPECT_EQ(ReadCredential(d, request), "token");
  request.headers[1].value = "key";
  EXPECT_EQ(ReadCredential(d, request), "key");
  request.headers = {{"Authorization", "bare"}};
  EXPECT_EQ(ReadCredential(d, request), "");
  d.credentials = {{CredentialReader::Kind::kBare}};
  EXPECT_EQ(ReadCredential(d, request), "bare");
  request.headers = {{"Authorization", "Bearer token"}};
  EXPECT_EQ(ReadCredential(d, request), "token");
  request.headers = {{"Authorization", "Basic token"}};
  EXPECT_EQ(ReadCredential(d, request), "");
}

TEST(BearerToken, NeedsExactlyTwoWords) {
  const auto token = [](std::string_view value) {
    http::Request request = MakeRequest("GET", "/");
    request.headers.push_back({"Authorization", std::string(value)});
    return std::string(BearerToken(request));
  };
  EXPECT_EQ(token("Bearer abc"), "abc");
  EXPECT_EQ(token("bEaReR abc"), "abc");
  EXPECT_EQ(token("  Bearer abc  "), "abc");
  EXPECT_EQ(token("Bearer  abc"), "");
  EXPECT_EQ(token("Bearer\tabc"), "");
  EXPECT_EQ(token("Bearer abc def"), "");
  EXPECT_EQ(token("Token abc"), "");
  EXPECT_EQ(token("abc"), "");
  EXPECT_EQ(token("Bearer"), "");
  EXPECT_EQ(token(""), "");
}

}  // namespace
}  // namespace pharos::api
