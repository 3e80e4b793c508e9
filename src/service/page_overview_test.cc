#include <gtest/gtest.h>

#include "service/overview.h"

namespace pharos::service {
namespace {

using model::Status;

MonitorOverview MakeEntry(int64_t id, Status shown) {
  auto monitor = std::make_shared<model::Monitor>();
  monitor->id = model::MonitorId(id);
  monitor->name = "m" + std::to_string(id);
  MonitorOverview entry;
  entry.monitor = std::move(monitor);
  entry.state.shown = shown;
  entry.days = DayBars(std::vector<DayBar>(90));
  return entry;
}

IncidentOverview MakeIncident(int64_t id, std::vector<int64_t> monitors) {
  IncidentOverview entry;
  entry.incident.id = model::IncidentId(id);
  for (const int64_t monitor : monitors) {
    entry.incident.impacts.push_back({model::MonitorId(monitor), Status::kDown});
  }
  return entry;
}

class ForPageTest : public ::testing::Test {
 protected:
  ForPageTest() {
    all_.at = FromUnixSeconds(1'772'625'600);
    all_.monitors = {MakeEntry(1, Status::kUp), MakeEntry(2, Status::kDown),
                     MakeEntry(3, Status::kUp)};
    page_.id = model::PageId(5);
    page_.path = "partners";
    page_.monitors = {model::MonitorId(3), model::MonitorId(1), model::MonitorId(99)};
  }
  Overview all_;
  model::Page page_;
};

TEST_F(ForPageTest, MonitorsComeInThePagesOrderAndMakeItsBanner) {
  const Overview shown = ForPage(all_, page_);
  ASSERT_EQ(shown.monitors.size(), 2U);
  EXPECT_EQ(shown.monitors[0].monitor->id, model::MonitorId(3));
  EXPECT_EQ(shown.monitors[1].monitor->id, model::MonitorId(1));
  EXPECT_EQ(shown.banner_status, Status::kUp);
  page_.all_monitors = true;
  EXPECT_EQ(ForPage(all_, page_).monitors.size(), 3U);
}

TEST_F(ForPageTest, IncidentsConcernTheirMonitorsOrEverybody) {
  all_.ongoing = {MakeIncident(1, {2}), MakeIncident(2, {1, 2}), MakeIncident(3, {})};
  IncidentOverview elsewhere = MakeIncident(4, {});
  elsewhere.incident.pages = {model::PageId(6)};
  all_.ongoing.push_back(elsewhere);
  const Overview shown = ForPage(all_, page_);
  ASSERT_EQ(shown.ongoing.size(), 2U);
  EXPECT_EQ(shown.ongoing[0].incident.id, model::IncidentId(2));
  EXPECT_EQ(shown.ongoing[1].incident.id, model::IncidentId(3));
}

TEST_F(ForPageTest, AnIncidentIsOngoingOnceItHasBegun) {
  all_.ongoing = {MakeIncident(1, {}), MakeIncident(2, {})};
  all_.ongoing[0].incident.started_at = all_.at + Minutes(1);
  all_.ongoing[1].incident.started_at = all_.at;
  const Overview shown = ForPage(all_, page_);
  ASSERT_EQ(shown.ongoing.size(), 1U);
  EXPECT_EQ(shown.ongoing[0].incident.id, model::IncidentId(2));
}

// The name of what is on another page only may be a secret.
TEST_F(ForPageTest, OnlyThePagesOwnMonitorsAreNamed) {
  IncidentOverview entry = MakeIncident(1, {1, 2});
  entry.monitor_names = {"m1", "m2"};
  all_.ongoing = {entry};
  MaintenanceOverview work;
  work.maintenance.impacts = entry.incident.impacts;
  work.occurrence.ends_at = all_.at;
  work.monitor_names = entry.monitor_names;
  all_.running = {work};
  const Overview shown = ForPage(all_, page_);
  EXPECT_EQ(shown.ongoing.at(0).monitor_names, std::vector<std::string>{"m1"});
  EXPECT_EQ(shown.running.at(0).monitor_names, std::vector<std::string>{"m1"});
}

TEST_F(ForPageTest, SettingsCutWhatIsPastAndHowManyDays) {
  for (int64_t i = 0; i < 10; ++i) {
    IncidentOverview past = MakeIncident(i + 1, {});
    past.incident.ended_at = all_.at - Days(i);
    all_.past.push_back(past);
  }
  EXPECT_EQ(ForPage(all_, page_).past.size(), 5U) << "the documented default";
  EXPECT_EQ(ForPage(all_, page_).monitors[0].days.size(), 90U);
  Value resolved;
  resolved.Set("max_count", 100);
  resolved.Set("days_in_past", 3);
  Value incidents;
  incidents.Set("resolved", resolved);
  page_.settings.Set("incidents", incidents);
  Value days;
  days.Set("desktop", 30);
  page_.settings.Set("monitor_status_history_days", days);
  EXPECT_EQ(ForPage(all_, page_).past.size(), 4U);
  EXPECT_EQ(ForPage(all_, page_).past_days, 3);
  EXPECT_EQ(ForPage(all_, page_).monitors[0].days.size(), 30U);
  for (const char* name : {"max_count", "days_in_past"}) {
    Value none = resolved;
    none.Set(name, 0);
    incidents.Set("resolved", none);
    page_.settings.Set("incidents", incidents);
    EXPECT_TRUE(ForPage(all_, page_).past.empty()) << name;
    EXPECT_EQ(ForPage(all_, page_).past_days, std::nullopt) << name;
  }
  resolved.Set("show", false);
  incidents.Set("resolved", resolved);
  page_.settings.Set("incidents", incidents);
  EXPECT_TRUE(ForPage(all_, page_).past.empty());
  EXPECT_EQ(ForPage(all_, page_).past_days, std::nullopt);
}

TEST_F(ForPageTest, MaintenanceIsShownWhereItConcerns) {
  MaintenanceOverview soon;
  soon.maintenance.impacts = {{model::MonitorId(1), Status::kMaintenance}};
  soon.occurrence.starts_at = all_.at + Days(2);
  soon.occurrence.ends_at = soon.occurrence.starts_at + Hours(1);
  MaintenanceOverview far = soon;
  far.occurrence.starts_at += Days(40);
  far.occurrence.ends_at += Days(40);
  MaintenanceOverview other = soon;
  other.maintenance.impacts = {{model::MonitorId(2), Status::kMaintenance}};
  all_.upcoming = {soon, other, far};
  EXPECT_EQ(ForPage(all_, page_).upcoming.size(), 1U);
}

}  // namespace
}  // namespace pharos::service
