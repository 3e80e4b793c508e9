// What monitors are to each other and what is remembered of their checks.
#include "store_fixture.h"

namespace pharos::store {
namespace {

using model::MonitorId;

TEST_P(StoreContract, ParentsAndFlapRulesRoundTrip) {
  model::Monitor draft;
  draft.org = kDefaultOrg;
  draft.uid = "00000000-0000-4000-8000-000000000001";
  draft.tag = "child";
  draft.parents = {MonitorId(12), MonitorId(7)};
  draft.flapping = {false, 5, 55};
  const auto stored =
      Put<model::Monitor>([&](Transaction& tx) { return store_->monitors().Insert(tx, draft); });
  const auto read = [&] {
    const auto session = Read();
    return *Value(store_->monitors().FindByTag(*session, kDefaultOrg, "child"));
  };
  EXPECT_EQ(read().parents, draft.parents);
  EXPECT_EQ(read().flapping, draft.flapping);
  model::Monitor changed = stored;
  changed.parents = {};
  changed.flapping = {};
  Put<model::Monitor>([&](Transaction& tx) { return store_->monitors().Update(tx, changed); });
  EXPECT_TRUE(read().parents.empty());
  EXPECT_EQ(read().flapping, model::FlapRule{});
}

TEST_P(StoreContract, ADeletedMonitorIsNobodysParent) {
  const auto add = [&](const char* tag, std::vector<MonitorId> parents) {
    model::Monitor draft;
    draft.org = kDefaultOrg;
    draft.uid = std::string("uid-") + tag;
    draft.tag = tag;
    draft.parents = std::move(parents);
    return Put<model::Monitor>(
        [&](Transaction& tx) { return store_->monitors().Insert(tx, draft); });
  };
  const MonitorId a = add("a", {}).id;
  const MonitorId b = add("b", {}).id;
  const model::Monitor both = add("both", {a, b});
  const model::Monitor one = add("one", {a});
  const model::Monitor other = add("other", {b});
  Write([&](Transaction& tx) { return store_->monitors().Delete(tx, kDefaultOrg, a); });
  const auto session = Read();
  const auto of = [&](const char* tag) {
    return *Value(store_->monitors().FindByTag(*session, kDefaultOrg, tag));
  };
  EXPECT_EQ(of("both").parents, std::vector<MonitorId>{b});
  EXPECT_EQ(of("both").revision, both.revision + 1);
  EXPECT_TRUE(of("one").parents.empty());
  EXPECT_EQ(of("one").revision, one.revision + 1);
  EXPECT_EQ(of("other").parents, std::vector<MonitorId>{b});
  EXPECT_EQ(of("other").revision, other.revision);
}

TEST_P(StoreContract, WhatIsRememberedOfChecksRoundTrips) {
  model::MonitorState plain;
  plain.monitor = MonitorId(1);
  model::MonitorState busy;
  busy.monitor = MonitorId(2);
  busy.side_changes = 0xABCDE;
  busy.flapping = true;
  busy.unreachable = true;
  busy.doubted_at = At(9, 30);
  model::Sample sample;
  sample.at = At(9, 30);
  sample.status = sample.observed = model::Status::kDown;
  sample.message = "refused";
  sample.code = -3;
  sample.attempts = 2;
  busy.doubtful = {sample, sample};
  Write([&](Transaction& tx) -> Status {
    PHAROS_RETURN_IF_ERROR(store_->states().Upsert(tx, plain));
    return store_->states().Upsert(tx, busy);
  });
  const auto session = Read();
  const auto states = Value(store_->states().ListAll(*session));
  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[0], plain);
  EXPECT_EQ(states[1], busy);
}

}  // namespace
}  // namespace pharos::store
