#include "api/dialect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "api/catalog.h"
#include "api/kodo/scopes.h"
#include "api/resolver.h"

namespace pharos::api::kodo {

Dialect MakeDialect();

namespace {

http::Request Get(std::string path) {
  http::Request request;
  request.method = "GET";
  request.path = std::move(path);
  request.target = request.path;
  return request;
}

TEST(KodoDialect, RowsMakeSense) {
  const auto checked = CheckDialect(MakeDialect());
  EXPECT_TRUE(checked) << checked.error().message;
}

// What waits for targets and receivers out there holds no worker meanwhile.
TEST(KodoDialect, OutboundTrafficIsWaitedForWithoutAWorker) {
  size_t seen = 0;
  for (const Endpoint& row : MakeDialect().endpoints) {
    const bool goes_out = row.operation.ends_with(".check") || row.operation.ends_with(".test") ||
                          row.operation == "ssl_monitor.create" ||
                          row.operation == "domain_monitor.create";
    if (!goes_out) continue;
    ++seen;
    EXPECT_TRUE(AnswersLater(row.execution)) << row.operation;
  }
  EXPECT_EQ(seen, 7u);
}

// Keys of beacons and alert sources come back in the manner of this dialect when they are unknown.
TEST(KodoDialect, EveryKeyItIssuesIsKnownByItsPrefix) {
  const Dialect dialect = MakeDialect();
  for (const std::string_view prefix : {"kodo_", "bpk_", "kas_"}) {
    EXPECT_EQ(std::count(dialect.key_prefixes.begin(), dialect.key_prefixes.end(), prefix), 1);
  }
}

// kodo.md 2.3: nothing is guarded by a scope that no key can be given.
TEST(KodoDialect, EveryScopeOfARowCanBeGiven) {
  for (const Endpoint& row : MakeDialect().endpoints) {
    if (row.scope == kPublicScope || row.scope == kAnyKeyScope) continue;
    EXPECT_TRUE(IsKnownScope(row.scope)) << row.pattern;
  }
}

TEST(KodoDialect, ScopesAreThoseOfTheContractAndTheirWildcards) {
  EXPECT_EQ(kScopes.size(), 18u);  // the nineteenth is "*:*"
  for (const std::string_view scope : kScopes) EXPECT_TRUE(IsKnownScope(scope)) << scope;
  for (const char* scope : {"*:*", "*:read", "*:write", "incidents:*", "audit_log:*"}) {
    EXPECT_TRUE(IsKnownScope(scope)) << scope;
  }
  for (const char* scope :
       {"", "tea:pour", "tea:*", "incidents", "incidents:", "audit_log:write", "*:pour", ":*"}) {
    EXPECT_FALSE(IsKnownScope(scope)) << scope;
  }
}

// What hangs directly below /api is taken by name, so that the rest stays with others.
TEST(KodoDialect, RootPathsAreTakenByName) {
  std::vector<Dialect> dialects;
  dialects.push_back(MakeDialect());
  const Resolver resolver = Resolver::Build(dialects, {}, {}).value();
  EXPECT_TRUE(resolver.Owns(Get("/api/heartbeat/x")));
  EXPECT_TRUE(resolver.Owns(Get("/api/v1/heartbeat/x")));
  EXPECT_TRUE(resolver.Owns(Get("/kodo/api/heartbeat/x")));
  EXPECT_TRUE(resolver.Owns(Get("/kodo/api/v1/services")));
  EXPECT_FALSE(resolver.Owns(Get("/api/heartbeats")));
  EXPECT_FALSE(resolver.Owns(Get("/api/status")));
  EXPECT_FALSE(resolver.Owns(Get("/api")));
}

// kodo.md 3: the strict profile has its own numbers for reads, writes and heartbeats; check 26.
TEST(KodoDialect, RateClassesOfBothProfiles) {
  const Dialect dialect = MakeDialect();
  const auto find = [&](std::string_view name, std::string_view profile) {
    for (const RateClass& row : dialect.rate_classes) {
      if (row.name == name && row.profile == profile) return row;
    }
    return RateClass{};
  };
  EXPECT_EQ(find("ordinary", "").per_minute, 1000);
  EXPECT_EQ(find("heartbeat", "").per_minute, 10000);
  EXPECT_EQ(find("beacon", "").per_minute, 0);
  EXPECT_EQ(find("ordinary", "strict").per_minute, 100);
  EXPECT_EQ(find("ordinary", "strict").writes_per_minute, 30);
  EXPECT_EQ(find("heartbeat", "strict").per_minute, 120);
}

}  // namespace
}  // namespace pharos::api::kodo
