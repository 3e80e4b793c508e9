#include "service/overview.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "service/samples.h"
#include "service/testing_house.h"
#include "store/incident_store.h"

namespace pharos::service {
namespace {

class OverviewTest : public testing::Test {
 protected:
  MonitorPtr AddMonitor(const std::string& tag) {
    model::Monitor draft;
    draft.tag = draft.name = tag;
    draft.kind = "manual";
    return monitors_.Create(house_.who, draft).value();
  }
  void Set(const MonitorPtr& monitor, Timestamp at, model::Status status) {
    model::Sample s;
    s.at = FloorToMinute(at);
    s.status = s.observed = status;
    s.origin = model::SampleOrigin::kManual;
    s.latency_ms = 20;
    ASSERT_TRUE(samples_.WriteManual(*monitor, {s}));
  }
  Overview Build(std::string_view zone = "UTC", int days = 3) {
    return overview_.Build(model::OrgId(1), days, zone).value();
  }

  TestHouse house_;
  MonitorService monitors_{*house_.context};
  SampleService samples_{*house_.context};
  OverviewService overview_{*house_.context};
};

TEST_F(OverviewTest, EmptyHouse) {
  const Overview o = Build();
  EXPECT_TRUE(o.monitors.empty());
  EXPECT_EQ(o.banner_status, model::Status::kNoData);
  EXPECT_EQ(o.banner_text, "No Status Available");
}

TEST_F(OverviewTest, BarsUptimeAndBanner) {
  const MonitorPtr up = AddMonitor("up");
  const MonitorPtr down = AddMonitor("down");
  const Timestamp now = house_.clock.Now();
  Set(up, now, model::Status::kUp);
  Set(down, now - Days(1), model::Status::kUp);
  Set(down, now, model::Status::kDown);
  const Overview o = Build();
  ASSERT_EQ(o.monitors.size(), 2u);
  EXPECT_EQ(o.banner_text, "Partial System Outage");
  const MonitorOverview& m = o.monitors[1];
  ASSERT_EQ(m.days.size(), 3u);
  const std::vector<DayBar> days = m.days.Unpack();
  EXPECT_EQ(days[0].status, model::Status::kNoData);
  EXPECT_EQ(days[1].status, model::Status::kUp);
  EXPECT_EQ(days[2].status, model::Status::kDown);
  EXPECT_EQ(days[2].date, LocalDate("UTC", now));
  EXPECT_EQ(m.uptime_text, "50");
  EXPECT_EQ(m.state.shown, model::Status::kDown);
  EXPECT_EQ(m.latency_avg_ms, 20);
}

TEST_F(OverviewTest, DaysAreTrueLocalDays) {
  const MonitorPtr m = AddMonitor("m");
  // 2025-06-15 23:30 in Kathmandu (UTC+5:45) is 17:45 UTC.
  const Timestamp late = ParseIso("2025-06-15T17:45:00Z").value();
  Set(m, late, model::Status::kDown);
  house_.clock.JumpWallTo(late + Hours(2));
  const Overview o = Build("Asia/Kathmandu", 2);
  const std::vector<DayBar> days = o.monitors[0].days.Unpack();
  EXPECT_EQ(FormatDate(days[0].date), "2025-06-15");
  EXPECT_EQ(days[0].status, model::Status::kDown);
  EXPECT_EQ(days[1].status, model::Status::kNoData);
}

TEST_F(OverviewTest, HiddenAndPausedMonitorsAreNotShown) {
  AddMonitor("hidden");
  AddMonitor("paused");
  ASSERT_TRUE(monitors_.Update(house_.who, "hidden", [](model::Monitor& m) {
    m.hidden = true;
    return Ok();
  }));
  ASSERT_TRUE(monitors_.Update(house_.who, "paused", [](model::Monitor& m) {
    m.active = false;
    return Ok();
  }));
  EXPECT_TRUE(Build().monitors.empty());
}

TEST_F(OverviewTest, IncidentsOngoingAndPastNamesOfHiddenMonitorsLeftOut) {
  const MonitorPtr shown = AddMonitor("shown");
  const MonitorPtr hidden = AddMonitor("hidden");
  ASSERT_TRUE(monitors_.Update(house_.who, "hidden", [](model::Monitor& m) {
    m.hidden = true;
    return Ok();
  }));
  const Timestamp now = house_.clock.Now();
  ASSERT_TRUE(house_.store->Write([&](store::Transaction& tx) -> Status {
    for (const bool resolved : {false, true}) {
      model::Incident incident;
      incident.org = model::OrgId(1);
      incident.uid = RandomUuid();
      incident.title = resolved ? "old" : "new";
      incident.started_at = now - Hours(2);
      incident.impacts = {{shown->id, model::Status::kDown}, {hidden->id, model::Status::kDown}};
      if (resolved) {
        incident.state = model::IncidentState::kResolved;
        incident.ended_at = now - Hours(1);
      }
      PHAROS_ASSIGN_OR_RETURN(const auto stored, house_.store->incidents().Insert(tx, incident));
      model::IncidentUpdate update;
      update.incident = stored.id;
      update.text = "text";
      update.at = now;
      auto inserted = house_.store->incidents().InsertUpdate(tx, incident.org, update);
      if (!inserted) return inserted.error();
    }
    return Ok();
  }));
  const Overview o = Build();
  ASSERT_EQ(o.ongoing.size(), 1u);
  ASSERT_EQ(o.past.size(), 1u);
  EXPECT_EQ(o.ongoing[0].incident.title, "new");
  EXPECT_EQ(o.ongoing[0].updates.size(), 1u);
  EXPECT_EQ(o.ongoing[0].monitor_names, std::vector<std::string>{"shown"});
}

}  // namespace
}  // namespace pharos::service
