// Who gets in: every row of every dialect with a key of each scope of that dialect.
#include <gtest/gtest.h>

#include <algorithm>

#include "api/catalog.h"
#include "model/principal.h"
#include "walk_house.h"

namespace pharos::walk {
namespace {

bool LetsIn(const api::Endpoint& row, const std::string& scope) {
  model::Principal who;
  who.scopes = {scope};
  return who.Has(row.scope) || (!row.also_scope.empty() && who.Has(row.also_scope));
}

bool NeedsScope(const api::Endpoint& row) {
  return row.scope != api::kPublicScope && row.scope != api::kAnyKeyScope;
}

// Where a missing resource is told before the missing permission.
bool TellsParentFirst(const api::Dialect& dialect) {
  const auto& gates = dialect.gates;
  return std::find(gates.begin(), gates.end(), api::Gate::kParent) <
         std::find(gates.begin(), gates.end(), api::Gate::kPermission);
}

class ScopeWalk {
 public:
  explicit ScopeWalk(Tally& tally) : tally_(tally) {}

  // Refused keys change nothing; then the narrowest key that should do gets in.
  void Walk(WalkHouse& house, const WireRequest& request, const api::Dialect& dialect,
            const api::Endpoint& row, bool resource_is_there) {
    const std::string name = RowName(dialect, row);
    if (!NeedsScope(row) || !tally_.rows.insert(name).second) return;
    const Dump before = house.TakeDump();
    for (const std::string& scope : ScopesOf(dialect)) {
      if (LetsIn(row, scope)) continue;
      const int status = house.SendAs(1, dialect, {scope}, request).status;
      const bool gone =
          !resource_is_there && (status == 404 || status == 400) && TellsParentFirst(dialect);
      if (status == 403 || gone) continue;
      tally_.Complain(name + " answers " + std::to_string(status) + " to a key with " + scope);
    }
    const Dump after = house.TakeDump();
    for (const char* owner : {"1", ""}) {
      const std::string changed = before.Difference(after, owner, false);
      if (!changed.empty()) tally_.Complain(name + " refused a key and changed " + changed);
    }
    if (row.scope.find('*') != std::string_view::npos) return;
    const int status = house.SendAs(1, dialect, {std::string(row.scope)}, request).status;
    if (status == 401 || status == 403) {
      tally_.Complain(name + " answers " + std::to_string(status) + " to a key with its own scope");
    }
  }

 private:
  Tally& tally_;
};

TEST(ScopeWalk, OnlyTheScopeOfTheRowLetsIn) {
  Tally tally;
  ScopeWalk walk(tally);
  Replay(tally, [&](WalkHouse& house, const WireRequest& request, const api::Resolved& resolved,
                    const WireReply* reply) {
    if (reply == nullptr || reply->status >= 300 || request.method == "HEAD") return;
    const bool is_there = request.method != "DELETE";
    walk.Walk(house, request, *resolved.dialect, *resolved.match.endpoint, is_there);
  });
  // What no conversation reaches is asked with an id that nobody has.
  talk::Variables variables;
  auto house = WalkHouse::Open({}, variables, tally);
  ASSERT_TRUE(house) << house.error().message;
  size_t rows = 0;
  const std::vector<api::Dialect> dialects = api::AllDialects();
  for (const api::Dialect& dialect : dialects) {
    for (const api::Endpoint& row : dialect.endpoints) {
      rows += NeedsScope(row) ? 1 : 0;
      walk.Walk(**house, RequestFor(dialect, row, "x"), dialect, row, false);
    }
  }
  tally.Print("scope walk");
  EXPECT_EQ(tally.rows.size(), rows);
  for (const std::string& problem : tally.problems) ADD_FAILURE() << problem;
}

}  // namespace
}  // namespace pharos::walk
