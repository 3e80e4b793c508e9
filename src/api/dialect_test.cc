#include "api/dialect.h"

#include <gtest/gtest.h>

#include "api/catalog.h"
#include "api/resolver.h"
#include "api/toy_test_support.h"

namespace pharos::api {
namespace {

Dialect Toy() {
  Dialect d = MakeToy("toy", "/toy");
  d.endpoints = {ToyRow("GET", "/toys", "list")};
  return d;
}

TEST(Dialect, SoundOneIsAccepted) { EXPECT_TRUE(CheckDialect(Toy())); }

TEST(Dialect, RowWithoutScopeDoesNotStart) {
  Dialect d = Toy();
  d.endpoints[0].scope = "";
  const Status status = CheckDialect(d);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "toy: GET /toys has no scope");
  d.endpoints[0].scope = "not a scope";
  EXPECT_FALSE(CheckDialect(d));
  d.endpoints[0].scope = kPublicScope;
  EXPECT_TRUE(CheckDialect(d));
}

TEST(Dialect, RowsMustBeComplete) {
  const auto refused = [](auto change) {
    Dialect d = Toy();
    change(d);
    return !CheckDialect(d);
  };
  EXPECT_TRUE(refused([](Dialect& d) { d.endpoints[0].operation = ""; }));
  EXPECT_TRUE(refused([](Dialect& d) { d.endpoints[0].method = ""; }));
  EXPECT_TRUE(refused([](Dialect& d) { d.endpoints[0].act = {}; }));
  EXPECT_TRUE(refused([](Dialect& d) { d.endpoints[0].execution = Execution::kAsync; }));
  EXPECT_TRUE(refused([](Dialect& d) { d.endpoints[0].execution = Execution::kWorkerAsync; }));
  EXPECT_TRUE(refused([](Dialect& d) { d.endpoints[0].reads_body = true; }));
  EXPECT_TRUE(refused([](Dialect& d) { d.endpoints[0].rate_class = "special"; }));
  EXPECT_TRUE(refused([](Dialect& d) { d.endpoints[0].area = "elsewhere"; }));
  EXPECT_TRUE(refused([](Dialect& d) { d.endpoints.push_back(d.endpoints[0]); }));
  EXPECT_TRUE(refused([](Dialect& d) { d.errors.pop_back(); }));
  EXPECT_TRUE(refused([](Dialect& d) { d.envelope = {}; }));
  EXPECT_TRUE(refused([](Dialect& d) { d.mounts[0].prefix = "toy/"; }));
  EXPECT_TRUE(refused([](Dialect& d) { d.mounts.clear(); }));
  EXPECT_TRUE(refused([](Dialect& d) { d.name = ""; }));
}

TEST(Dialect, FillInReplacesTheMarks) {
  const http::Request request = MakeRequest("PUT", "/a/b?x=1");
  EXPECT_EQ(FillIn("{method} of '{path}' needs {scope}", request, "a:b"),
            "PUT of '/a/b' needs a:b");
  EXPECT_EQ(FillIn("plain", request, ""), "plain");
  // What a client sends is never taken for a mark.
  EXPECT_EQ(FillIn("no '{path}'", MakeRequest("GET", "/{method}"), ""), "no '/{method}'");
}

TEST(Catalog, EveryDialectIsSoundAndNoTieIsUnlisted) {
  const std::vector<Dialect> dialects = AllDialects();
  ASSERT_FALSE(dialects.empty());
  for (const Dialect& dialect : dialects) {
    const Status status = CheckDialect(dialect);
    EXPECT_TRUE(status) << status.error().message;
  }
  EXPECT_TRUE(Resolver::Build(dialects, AllTies(), {}));
}

TEST(Catalog, EveryRowHasAScopeAndAnOperation) {
  size_t rows = 0;
  for (const Dialect& dialect : AllDialects()) {
    for (const Endpoint& row : dialect.endpoints) {
      EXPECT_FALSE(row.scope.empty()) << row.pattern;
      EXPECT_FALSE(row.operation.empty()) << row.pattern;
      ++rows;
    }
  }
  EXPECT_GE(rows, 16u);
}

TEST(Catalog, SeedsASite) { EXPECT_GE(SeededSiteEntries().size(), 30u); }

}  // namespace
}  // namespace pharos::api
