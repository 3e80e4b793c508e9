#include "page/feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "page/testing_fixtures.h"

namespace pharos::page {
namespace {

using ::testing::HasSubstr;
using testing::MakeIncident;
using testing::MakeMonitor;
using testing::MakeOverview;
using ::testing::Not;

service::Overview Sample() {
  service::Overview overview = MakeOverview({MakeMonitor(1, "Website", model::Status::kUp)});
  overview.ongoing.push_back(MakeIncident(7, "Slow <search> & more", "Looking\x01 into it"));
  service::MaintenanceOverview planned;
  planned.maintenance.title = "Firmware";
  planned.occurrence.id = model::OccurrenceId(3);
  planned.occurrence.starts_at = testing::Noon() + Hours(24);
  overview.upcoming.push_back(planned);
  return overview;
}

TEST(FeedTest, IncidentsAndMaintenanceAreEntries) {
  const service::Overview overview = Sample();
  const std::string title = "Northwind";
  const std::string url = "https://status.example.org";
  const Feed feed{title, url, "/", overview};
  for (const std::string& xml : {RenderRss(feed), RenderAtom(feed)}) {
    EXPECT_THAT(xml, HasSubstr("Slow &lt;search&gt; &amp; more"));
    EXPECT_THAT(xml, HasSubstr("https://status.example.org/incidents/7"));
    EXPECT_THAT(xml, HasSubstr("https://status.example.org/maintenances/3"));
    EXPECT_THAT(xml, HasSubstr("Looking into it"));
    EXPECT_THAT(xml, Not(HasSubstr("\x01")));
  }
}

TEST(FeedTest, TheSameStateGivesTheSameBytes) {
  service::Overview overview = Sample();
  const std::string title = "Northwind";
  const std::string url;
  const std::string before = RenderAtom({title, url, "/", overview});
  overview.at += Minutes(5);
  EXPECT_EQ(RenderAtom({title, url, "/", overview}), before);
  EXPECT_EQ(RenderRss({title, url, "/", overview}), RenderRss({title, url, "/", Sample()}));
}

}  // namespace
}  // namespace pharos::page
