#include "automation/auto_incidents.h"

#include <gtest/gtest.h>

#include "automation/automation_testing.h"
#include "service/incidents.h"
#include "service/organisations.h"

namespace pharos::automation {
namespace {

using model::Incident;
using model::IncidentSeverity;
using model::IncidentState;
using model::Status;

class AutoIncidentsTest : public testing::Test {
 protected:
  model::Monitor AddWatched(int threshold = 3,
                            const std::function<void(model::Monitor&)>& change = {}) {
    return house_.AddMonitor("checkout", [&](model::Monitor& m) {
      m.auto_incident.enabled = true;
      m.auto_incident.failure_threshold = threshold;
      if (change) change(m);
    });
  }
  void Fail(const model::Monitor& monitor, int times) {
    for (int i = 0; i < times; ++i) house_.Report(monitor, Status::kDown, "HTTP 503");
    house_.Drain();
  }
  void Recover(const model::Monitor& monitor) {
    house_.Report(monitor, Status::kUp);
    house_.Drain();
  }
  void Sweep() {
    EventPump pump(*house_.house.context, {}, house_.house.metrics);
    const auto swept = pump.Sweep();
    EXPECT_TRUE(swept) << swept.error().message << swept.error().detail;
  }
  // As if a maintenance of an hour ran on the monitor.
  void Maintain(model::MonitorId monitor) {
    rules::MaintenanceWindow window;
    window.occurrence.starts_at = house_.house.clock.Now() - Minutes(5);
    window.occurrence.ends_at = house_.house.clock.Now() + Hours(1);
    window.occurrence.state = model::OccurrenceState::kOngoing;
    window.impacts = {{monitor, Status::kMaintenance}};
    house_.house.overlays.ResetMaintenances({window});
  }
  void PutSetting(const char* name, Value value) {
    Value changes;
    changes.Set(name, std::move(value));
    service::OrganisationService organisations(*house_.house.context);
    ASSERT_TRUE(organisations.PutSettings(house_.house.who, changes));
  }

  AutomationHouse house_;
};

TEST_F(AutoIncidentsTest, OpensAfterEnoughFailuresAndEndsWithTheRecovery) {
  const model::Monitor monitor = AddWatched(3);
  house_.Report(monitor, Status::kUp);
  Fail(monitor, 2);
  EXPECT_TRUE(house_.Incidents().empty());
  Fail(monitor, 1);
  ASSERT_EQ(house_.Incidents().size(), 1u);
  const Incident open = house_.Incidents()[0];
  EXPECT_EQ(open.title, "The checkout is down");
  EXPECT_EQ(open.severity, IncidentSeverity::kMajor);
  EXPECT_EQ(open.source, model::IncidentSource::kMonitor);
  EXPECT_EQ(open.cause, monitor.id);
  EXPECT_FALSE(open.draft);
  EXPECT_EQ(open.impacts.at(0).monitor, monitor.id);
  Fail(monitor, 5);
  EXPECT_EQ(house_.Incidents().size(), 1u);
  Recover(monitor);
  const Incident over = house_.Incidents()[0];
  EXPECT_EQ(over.state, IncidentState::kResolved);
  EXPECT_TRUE(over.ended_at.has_value());
}

TEST_F(AutoIncidentsTest, ThresholdOneOpensWithTheFirstFailureAndTheMessageNamesIt) {
  const model::Monitor monitor = AddWatched(1);
  house_.AddChannel(model::ChannelScope::kLinked,
                    [&](model::Channel& c) { c.monitors = {monitor.id}; });
  house_.Report(monitor, Status::kUp);
  Fail(monitor, 1);
  Recover(monitor);
  const auto rows = house_.Deliveries();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].event, "monitor.down");
  EXPECT_EQ(rows[1].event, "monitor.up");
  ASSERT_NE(rows[0].message.Find("incident"), nullptr);
  EXPECT_TRUE(rows[0].message.Find("incident")->Find("resolved_at")->IsNull());
  ASSERT_NE(rows[1].message.Find("incident"), nullptr);
  EXPECT_EQ(rows[1].message.Find("incident")->IntOr("duration_s", 0), 60);
}

TEST_F(AutoIncidentsTest, SeverityIsByKindUnlessTheMonitorSaysSo) {
  const model::Monitor heartbeat = AddWatched(1, [](model::Monitor& m) { m.kind = "heartbeat"; });
  Fail(heartbeat, 1);
  ASSERT_EQ(house_.Incidents().size(), 1u);
  EXPECT_EQ(house_.Incidents()[0].severity, IncidentSeverity::kMinor);
  EXPECT_EQ(house_.Incidents()[0].source, model::IncidentSource::kHeartbeat);
  const model::Monitor critical = house_.AddMonitor("critical", [](model::Monitor& m) {
    m.auto_incident = {true, 1, Seconds(900), IncidentSeverity::kCritical};
  });
  Fail(critical, 1);
  EXPECT_EQ(house_.Incidents()[0].severity, IncidentSeverity::kCritical);
}

TEST_F(AutoIncidentsTest, NothingWithoutTheSwitch) {
  const model::Monitor monitor = house_.AddMonitor("plain");
  Fail(monitor, 5);
  Sweep();
  EXPECT_TRUE(house_.Incidents().empty());
}

TEST_F(AutoIncidentsTest, TheCooldownKeepsQuietUntilItIsOver) {
  const model::Monitor monitor =
      AddWatched(1, [](model::Monitor& m) { m.auto_incident.cooldown = Minutes(15); });
  Fail(monitor, 1);
  Recover(monitor);
  Fail(monitor, 1);
  Sweep();
  EXPECT_EQ(house_.Incidents().size(), 1u);
  house_.house.clock.Advance(Minutes(14));
  Sweep();  // still failing when the cooldown ends
  ASSERT_EQ(house_.Incidents().size(), 2u);
  EXPECT_EQ(house_.Incidents()[0].state, IncidentState::kInvestigating);
  Sweep();
  EXPECT_EQ(house_.Incidents().size(), 2u);
}

TEST_F(AutoIncidentsTest, AMaintenanceOfTheMonitorOrItsServiceOpensNone) {
  const model::Monitor service = house_.AddMonitor("shop", [](model::Monitor& m) {
    m.kind = "manual";
    m.spec = Value(Value::Object{});
  });
  const model::Monitor monitor = AddWatched(2, [&](model::Monitor& m) { m.service = service.id; });
  house_.house.clock.Advance(Minutes(30));
  Maintain(service.id);
  Fail(monitor, 3);
  EXPECT_TRUE(house_.Incidents().empty());
  house_.house.overlays.ResetMaintenances({});
  Sweep();
  ASSERT_EQ(house_.Incidents().size(), 1u);
  EXPECT_EQ(house_.Incidents()[0].impacts.size(), 2u);
}

TEST_F(AutoIncidentsTest, DraftsArePublishedLaterIfTheOrganisationWantsThat) {
  PutSetting("auto_incident_visibility", "draft");
  PutSetting("auto_publish_minutes", 10);
  const model::Monitor monitor = AddWatched(1);
  Fail(monitor, 1);
  ASSERT_EQ(house_.Incidents().size(), 1u);
  EXPECT_TRUE(house_.Incidents()[0].draft);
  EXPECT_EQ(house_.Incidents()[0].publish_at, house_.house.clock.Now() + Minutes(10));
  Recover(monitor);
  EXPECT_FALSE(house_.Incidents()[0].publish_at.has_value());
  EXPECT_EQ(house_.Incidents()[0].state, IncidentState::kResolved);
}

TEST_F(AutoIncidentsTest, ARecoveryThatNobodyWasShownEndsItToo) {
  const model::Monitor monitor =
      AddWatched(2, [](model::Monitor& m) { m.confirmation_threshold = 10; });
  house_.Report(monitor, Status::kUp);
  Fail(monitor, 2);
  ASSERT_EQ(house_.Incidents().size(), 1u);
  Sweep();
  EXPECT_EQ(house_.Incidents()[0].state, IncidentState::kInvestigating);
  Recover(monitor);
  Sweep();
  EXPECT_EQ(house_.Incidents()[0].state, IncidentState::kResolved);
}

TEST_F(AutoIncidentsTest, TheIncidentOfARemovedMonitorEnds) {
  const model::Monitor monitor = AddWatched(1);
  Fail(monitor, 1);
  ASSERT_EQ(house_.Incidents().size(), 1u);
  house_.house.directory.Remove(monitor.id);
  Sweep();
  EXPECT_EQ(house_.Incidents()[0].state, IncidentState::kResolved);
}

TEST_F(AutoIncidentsTest, WhatPeopleOpenedIsTheirs) {
  const model::Monitor monitor = AddWatched(1);
  service::IncidentService incidents(*house_.house.context);
  service::NewIncident wanted;
  wanted.incident.title = "By hand";
  wanted.incident.started_at = house_.house.clock.Now();
  wanted.incident.impacts = {{monitor.id, Status::kDegraded}};
  ASSERT_TRUE(incidents.Create(house_.house.who, wanted));
  Fail(monitor, 1);
  Recover(monitor);
  Sweep();
  for (const Incident& incident : house_.Incidents()) {
    if (incident.title == "By hand") {
      EXPECT_EQ(incident.state, IncidentState::kInvestigating);
    }
  }
}

}  // namespace
}  // namespace pharos::automation
