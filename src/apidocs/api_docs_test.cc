#include "apidocs/api_docs.h"

#include <gtest/gtest.h>

#include "api/catalog.h"
#include "api/toy_test_support.h"
#include "base/json.h"

namespace pharos::apidocs {
namespace {

class ApiDocsTest : public ::testing::Test {
 protected:
  static std::vector<api::Dialect> Toys() {
    api::Dialect red = api::MakeToy("red", "/api/v1");
    red.title = "Red & round";
    red.endpoints = {api::ToyRow("GET", "/toys", "red.toys")};
    red.mounts.push_back({.prefix = "/red/api", .lone = true});
    red.mounts.push_back({.prefix = "/push", .area = "push", .keyless = true});
    api::Dialect blue = api::MakeToy("blue", "/api/v1");
    blue.endpoints = {api::ToyRow("GET", "/toys", "blue.toys")};
    return {red, blue};
  }
  http::Response Get(std::string_view target) const {
    const auto answer = docs_.Answer(api::MakeRequest("GET", target));
    return answer ? *answer : http::Response(404);
  }
  static std::string Body(const http::Response& response) {
    return response.shared_body ? *response.shared_body : response.body;
  }
  static std::string Operation(const http::Response& response, std::string_view path) {
    const Value document = ParseJson(Body(response)).value();
    return document.Find("paths")->Find(path)->Find("get")->StringOr("operationId", "");
  }
  static std::string Header(const http::Response& response, std::string_view name) {
    for (const http::Header& header : response.headers) {
      if (header.name == name) return header.value;
    }
    return {};
  }

  const ApiDocs docs_{Toys(), [](const http::Request&) { return "blue"; }};
};

TEST_F(ApiDocsTest, SharedMountIsChosenByTheQueryOrAsUsual) {
  EXPECT_EQ(Operation(Get("/api/v1/openapi.json?dialect=red"), "/api/v1/toys"), "red.toys");
  EXPECT_EQ(Operation(Get("/api/v1/openapi.json?dialect=blue"), "/api/v1/toys"), "blue.toys");
  EXPECT_EQ(Operation(Get("/api/v1/openapi.json?dialect=green"), "/api/v1/toys"), "blue.toys");
  EXPECT_EQ(Operation(Get("/api/v1/openapi.json"), "/api/v1/toys"), "blue.toys");
  EXPECT_EQ(Operation(Get("/red/api/openapi.json"), "/red/api/toys"), "red.toys");
}

TEST_F(ApiDocsTest, AnswersNothingElse) {
  EXPECT_EQ(Get("/push/openapi.json").status, 404);
  EXPECT_EQ(Get("/openapi.json").status, 404);
  EXPECT_EQ(Get("/api/v1/docs/more").status, 404);
  EXPECT_FALSE(docs_.Answer(api::MakeRequest("POST", "/api/v1/openapi.json")));
}

TEST_F(ApiDocsTest, PageLoadsFromThisServerAlone) {
  const http::Response page = Get("/api/v1/docs?dialect=red");
  EXPECT_EQ(page.status, 200);
  const std::string html = Body(page);
  EXPECT_NE(html.find("<title>Red &amp; round</title>"), std::string::npos);
  EXPECT_NE(html.find("data-document=\"/api/v1/openapi.json?dialect=red\""), std::string::npos);
  EXPECT_EQ(html.find("//"), std::string::npos) << "an address of another host";
  EXPECT_EQ(html.find("style="), std::string::npos);
  const std::string policy = Header(page, "content-security-policy");
  EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  size_t files = 0;
  for (size_t at = 0; (at = html.find("/assets/", at)) != std::string::npos; ++files) {
    const std::string path = html.substr(at, html.find('"', at) - at);
    const http::Response file = Get(path);
    EXPECT_EQ(file.status, 200) << path;
    EXPECT_GT(Body(file).size(), 100u) << path;
    EXPECT_NE(Header(file, "cache-control").find("immutable"), std::string::npos);
    at += path.size();
  }
  EXPECT_EQ(files, 4u);
}

TEST_F(ApiDocsTest, SendsPreparedBytesAndRemembersThem) {
  http::Request request = api::MakeRequest("GET", "/red/api/openapi.json");
  request.headers = {{"Accept-Encoding", "br"}};
  const http::Response first = *docs_.Answer(request);
  EXPECT_EQ(Header(first, "content-encoding"), "br");
  request.headers.push_back({"If-None-Match", Header(first, "etag")});
  EXPECT_EQ(docs_.Answer(request)->status, 304);
}

TEST(ApiDocs, EveryDialectIsDescribed) {
  const std::vector<api::Dialect> dialects = api::AllDialects();
  const ApiDocs docs(dialects, [](const http::Request&) { return ""; });
  for (const api::Dialect& dialect : dialects) {
    for (const api::Mount& mount : dialect.mounts) {
      if (!mount.area.empty() || mount.fallback || mount.keyless) continue;
      const std::string prefix(mount.prefix);
      const std::string query = "?dialect=" + std::string(dialect.name);
      for (const char* end : {"/openapi.json", "/docs"}) {
        const auto answer = docs.Answer(api::MakeRequest("GET", prefix + end + query));
        ASSERT_TRUE(answer) << prefix << end;
        EXPECT_EQ(answer->status, 200);
      }
    }
  }
}

}  // namespace
}  // namespace pharos::apidocs
