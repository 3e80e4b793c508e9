#include "automation/service_status.h"

#include <gtest/gtest.h>

#include "automation/automation_testing.h"

namespace pharos::automation {
namespace {

using model::Status;

class ServiceStatusTest : public testing::Test {
 protected:
  ServiceStatusTest() {
    service_ = house_.AddMonitor("shop", [](model::Monitor& m) {
      m.kind = "manual";
      m.spec = Value(Value::Object{});
    });
    a_ = house_.AddMonitor("a", [&](model::Monitor& m) { m.service = service_.id; });
    b_ = house_.AddMonitor("b", [&](model::Monitor& m) { m.service = service_.id; });
  }
  void Follow() {
    ServiceFollower follower(*house_.house.context);
    for (int i = 0; i < 100; ++i) {
      const auto more = follower.Step();
      ASSERT_TRUE(more) << more.error().message << more.error().detail;
      if (!*more) return;
    }
  }
  Status Shown() {
    const auto state = house_.house.intake->states().Find(service_.id);
    return state ? state->shown : Status::kNoData;
  }
  void ReportAll(Status a, Status b) {
    house_.Report(a_, a);
    house_.Report(b_, b);
    Follow();
  }

  AutomationHouse house_;
  model::Monitor service_;
  model::Monitor a_;
  model::Monitor b_;
};

TEST_F(ServiceStatusTest, TheWorstOfItsMonitorsCounts) {
  ReportAll(Status::kUp, Status::kDegraded);
  EXPECT_EQ(Shown(), Status::kDegraded);
  ReportAll(Status::kDown, Status::kDegraded);
  EXPECT_EQ(Shown(), Status::kDown);
  ReportAll(Status::kUp, Status::kDown);
  EXPECT_EQ(Shown(), Status::kDown);
  ReportAll(Status::kUp, Status::kUp);
  EXPECT_EQ(Shown(), Status::kUp);
}

TEST_F(ServiceStatusTest, AStatusSetByHandStaysUntilTheMonitorsChange) {
  ReportAll(Status::kUp, Status::kUp);
  house_.Report(service_, Status::kDegraded);
  ReportAll(Status::kUp, Status::kUp);
  Follow();
  EXPECT_EQ(Shown(), Status::kDegraded);
  ReportAll(Status::kDown, Status::kUp);
  EXPECT_EQ(Shown(), Status::kDown);
  ReportAll(Status::kUp, Status::kUp);
  EXPECT_EQ(Shown(), Status::kUp);
}

TEST_F(ServiceStatusTest, SeveralChangesAtOnceEndInTheLastResult) {
  house_.Report(a_, Status::kUp);
  house_.Report(b_, Status::kUp);
  house_.Report(a_, Status::kDown);
  house_.Report(b_, Status::kDown);
  house_.Report(a_, Status::kUp);
  Follow();
  EXPECT_EQ(Shown(), Status::kDown);
}

TEST_F(ServiceStatusTest, AnEventCountsAlsoBeforeTheBoardOfStatesHasMoved) {
  ReportAll(Status::kUp, Status::kUp);
  Value data;
  data.Set("monitor", a_.id.value());
  data.Set("from", "up");
  data.Set("to", "down");
  data.Set("ordinal", 2);
  house_.Append(model::kMonitorTransition, data);
  Follow();
  EXPECT_EQ(Shown(), Status::kDown);
}

TEST_F(ServiceStatusTest, AReportThatWasCutOffIsMadeAgain) {
  ReportAll(Status::kUp, Status::kUp);
  house_.Report(a_, Status::kDown);
  // The process died after the report and before the place moved: the same events come again.
  Follow();
  house_.house.clock.Advance(Minutes(1));
  ASSERT_TRUE(house_.house.store->Write([&](store::Transaction& tx) {
    return house_.house.store->events().SetPlace(tx, ServiceFollower::kReader, model::EventId(1));
  }));
  Follow();
  EXPECT_EQ(Shown(), Status::kDown);
}

TEST(ServiceStatus, CertificatesCountWhenTheyAreNearTheirEnd) {
  model::Monitor monitor;
  monitor.kind = "tls";
  model::MonitorState state;
  state.shown = Status::kDegraded;
  EXPECT_EQ(ServiceStatusOf(monitor, state), Status::kUp);
  state.shown = Status::kDown;
  Value certificate;
  certificate.Set("days_until_expiry", 1);
  certificate.Set("is_valid", true);
  state.facts.Set("certificate", certificate);
  EXPECT_EQ(ServiceStatusOf(monitor, state), Status::kDegraded);
  certificate.Set("is_valid", false);
  state.facts.Set("certificate", certificate);
  EXPECT_EQ(ServiceStatusOf(monitor, state), Status::kDown);
  certificate.Set("is_valid", true);
  certificate.Set("days_until_expiry", -1);
  state.facts.Set("certificate", certificate);
  EXPECT_EQ(ServiceStatusOf(monitor, state), Status::kDown);
  monitor.kind = "domain";
  state.facts = {};
  Value registration;
  registration.Set("days_until_expiry", 3);
  state.facts.Set("registration", registration);
  EXPECT_EQ(ServiceStatusOf(monitor, state), Status::kDegraded);
}

TEST(ServiceStatus, WhoHasNothingToSaySaysNothing) {
  model::Monitor monitor;
  monitor.kind = "http";
  model::MonitorState state;
  for (const Status quiet : {Status::kNoData, Status::kMaintenance}) {
    state.shown = quiet;
    EXPECT_EQ(ServiceStatusOf(monitor, state), std::nullopt);
  }
  state.shown = Status::kDown;
  monitor.active = false;
  EXPECT_EQ(ServiceStatusOf(monitor, state), std::nullopt);
  EXPECT_EQ(WorstOf({std::nullopt, Status::kUp, Status::kDegraded}), Status::kDegraded);
  EXPECT_EQ(WorstOf({std::nullopt}), std::nullopt);
}

}  // namespace
}  // namespace pharos::automation
