#include "app/demo.h"

#include <gtest/gtest.h>

#include "app/demo_data.h"
#include "app/wiring.h"
#include "base/fake_clock.h"
#include "probe/catalog.h"
#include "store/incident_store.h"
#include "store/monitor_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/state_store.h"

namespace pharos::app {
namespace {

TEST(Demo, FillsAStoreThatTheOverviewCanShow) {
  FakeClock clock;
  Metrics metrics;
  auto targets = DemoTargets::Start(clock, metrics).value();
  auto store = store::OpenSqliteStore({.path = ":memory:"}, clock, metrics).value();
  ASSERT_TRUE(FillDemoStore(*store, *targets, clock));
  auto session = store->Read().value();
  const auto monitors = store->monitors().ListAll(*session).value();
  EXPECT_EQ(monitors.size(), 14u);
  for (const model::Monitor& m : monitors) {
    if (m.kind != "http") continue;
    EXPECT_TRUE(m.spec.StringOr("url", "").starts_with(targets->Url("/"))) << m.tag;
  }
  EXPECT_EQ(store->incidents().ListOpen(*session)->size(), 1u);
  const auto labels = store->monitors().FindByTag(*session, model::OrgId(1), "labels").value();
  ASSERT_EQ(labels->parents.size(), 1u);
  // The page stands from the first moment, not from the first check on.
  for (const model::MonitorState& state : store->states().ListAll(*session).value()) {
    EXPECT_NE(state.shown, model::Status::kNoData) << state.monitor.value();
  }
  const probe::Catalog catalog;
  const auto group = store->monitors().FindByTag(*session, model::OrgId(1), "shopping").value();
  EXPECT_TRUE(catalog.ValidateSpec("group", group->spec));
}

TEST(Demo, ALaterDemoGivesItsMonitorsTheNewAddresses) {
  FakeClock clock;
  Metrics metrics;
  auto store = store::OpenSqliteStore({.path = ":memory:"}, clock, metrics).value();
  {
    auto targets = DemoTargets::Start(clock, metrics).value();
    ASSERT_TRUE(FillDemoStore(*store, *targets, clock));
  }
  auto targets = DemoTargets::Start(clock, metrics).value();
  ASSERT_TRUE(RefreshDemoUrls(*store, *targets));
  auto session = store->Read().value();
  const auto website = store->monitors().FindByTag(*session, model::OrgId(1), "website").value();
  EXPECT_EQ(website->spec.StringOr("url", ""), targets->Url("/site"));
}

}  // namespace
}  // namespace pharos::app
