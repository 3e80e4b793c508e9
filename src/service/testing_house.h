#pragma once

#include <memory>

#include "base/fake_clock.h"
#include "intake/intake.h"
#include "model/principal.h"
#include "service/context.h"
#include "store/sqlite/sqlite_store.h"

namespace pharos::service {

// A store in memory, intake and what else the use cases need, for tests.
struct TestHouse {
  TestHouse() {
    store = store::OpenSqliteStore({.path = ":memory:"}, clock, metrics).value();
    intake = intake::Intake::Start({}, *store, directory, overlays, board, clock, metrics).value();
    context = std::make_unique<Context>(
        Context{*store, directory, *intake, overlays, board, probes, clock});
    who.org = model::OrgId(1);
    who.name = "tester";
    who.scopes = {"*:*"};
  }
  ~TestHouse() { intake->Stop(); }

  FakeClock clock;
  Metrics metrics;
  probe::Catalog probes;
  store::MonitorDirectory directory;
  intake::OverlayBoard overlays;
  notices::Board board;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<intake::Intake> intake;
  std::unique_ptr<Context> context;
  model::Principal who;
};

}  // namespace pharos::service
