#include "api/router.h"

#include <gtest/gtest.h>

#include "api/toy_test_support.h"

namespace pharos::api {
namespace {

std::vector<Endpoint> Rows() {
  return {ToyRow("GET", "/toys", "list"),
          ToyRow("POST", "/toys", "create"),
          ToyRow("GET", "/toys/special", "special"),
          ToyRow("GET", "/toys/{id}", "get"),
          ToyRow("GET", "/toys/{id}/parts/{part}", "part"),
          ToyRow("GET", "/toys/special/{deep}", "deep")};
}

std::string Operation(const Router& router, std::string_view method, std::string_view path) {
  const RouteMatch match = router.Match(method, path, true);
  if (!match.path_known) return "unknown";
  return match.endpoint == nullptr ? "method" : std::string(match.endpoint->operation);
}

TEST(Router, FindsRowsAndTellsPathFromMethod) {
  const std::vector<Endpoint> rows = Rows();
  const Router router = Router::Build(rows, "").value();
  EXPECT_EQ(Operation(router, "GET", "/toys"), "list");
  EXPECT_EQ(Operation(router, "POST", "/toys"), "create");
  EXPECT_EQ(Operation(router, "PUT", "/toys"), "method");
  EXPECT_EQ(Operation(router, "GET", "/toys/7"), "get");
  EXPECT_EQ(Operation(router, "GET", "/toys/7/parts/a%2Fb"), "part");
  EXPECT_EQ(Operation(router, "GET", ""), "unknown");
  EXPECT_EQ(Operation(router, "GET", "/"), "unknown");
  EXPECT_EQ(Operation(router, "GET", "/toys/"), "unknown");
  EXPECT_EQ(Operation(router, "GET", "/toys//parts/x"), "unknown");
  EXPECT_EQ(Operation(router, "GET", "/toys/7/parts"), "unknown");
  EXPECT_EQ(Operation(router, "GET", "/toys/7/parts/x/y"), "unknown");
}

TEST(Router, LiteralsWinAndFallBackToParameters) {
  const std::vector<Endpoint> rows = Rows();
  const Router router = Router::Build(rows, "").value();
  EXPECT_EQ(Operation(router, "GET", "/toys/special"), "special");
  EXPECT_EQ(Operation(router, "GET", "/toys/special/x"), "deep");
  const RouteMatch match = router.Match("GET", "/toys/special/parts/x", true);
  ASSERT_NE(match.endpoint, nullptr);
  EXPECT_EQ(match.endpoint->operation, "part");
  EXPECT_EQ(match.params.size(), 2u);
  EXPECT_EQ(match.params.Find("id"), "special");
  EXPECT_EQ(match.params.Find("part"), "x");
}

TEST(Router, ParametersStayEncoded) {
  const std::vector<Endpoint> rows = Rows();
  const Router router = Router::Build(rows, "").value();
  EXPECT_EQ(router.Match("GET", "/toys/a%2Db", true).params.Find("id"), "a%2Db");
  EXPECT_EQ(router.Match("GET", "/toys/a", true).params.Find("other"), "");
}

TEST(Router, HeadFindsGetWhereTheDialectSaysSo) {
  const std::vector<Endpoint> rows = Rows();
  const Router router = Router::Build(rows, "").value();
  EXPECT_NE(router.Match("HEAD", "/toys", true).endpoint, nullptr);
  EXPECT_EQ(router.Match("HEAD", "/toys", false).endpoint, nullptr);
  const RouteMatch match = router.Match("PUT", "/toys", true);
  EXPECT_EQ(Router::Allow(*match.rows, true), "GET, POST, HEAD");
  EXPECT_EQ(Router::Allow(*match.rows, false), "GET, POST");
}

TEST(Router, RefusesBadRows) {
  const auto refused = [](std::vector<Endpoint> rows) { return !Router::Build(rows, ""); };
  EXPECT_TRUE(refused({ToyRow("GET", "toys", "a")}));
  EXPECT_TRUE(refused({ToyRow("GET", "/toys//x", "a")}));
  EXPECT_TRUE(refused({ToyRow("GET", "/toys", "a"), ToyRow("GET", "/toys", "b")}));
  EXPECT_TRUE(refused({ToyRow("GET", "/{a}", "a"), ToyRow("POST", "/{b}", "b")}));
  EXPECT_TRUE(refused({ToyRow("GET", "/{a}/{b}/{c}/{d}/{e}", "a")}));
}

TEST(Router, OnlyRowsOfTheArea) {
  std::vector<Endpoint> rows = Rows();
  rows.push_back(ToyRow("GET", "/{key}", "push"));
  rows.back().area = "push";
  const Router main = Router::Build(rows, "").value();
  const Router push = Router::Build(rows, "push").value();
  EXPECT_EQ(Operation(main, "GET", "/x"), "unknown");
  EXPECT_EQ(Operation(push, "GET", "/x"), "push");
  EXPECT_EQ(Operation(push, "GET", "/toys/1"), "unknown");
}

TEST(Router, PatternsOverlapWhenOnePathFitsBoth) {
  EXPECT_TRUE(PatternsOverlap("/a/{x}", "/a/{y}"));
  EXPECT_TRUE(PatternsOverlap("/a/{x}", "/a/b"));
  EXPECT_TRUE(PatternsOverlap("/a", "/a"));
  EXPECT_FALSE(PatternsOverlap("/a/{x}", "/a"));
  EXPECT_FALSE(PatternsOverlap("/a/{x}", "/b/{x}"));
}

}  // namespace
}  // namespace pharos::api
