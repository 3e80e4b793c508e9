#include "page/render_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "page/day_bars.h"
#include "page/render_incident.h"
#include "page/status_words.h"
#include "page/testing_fixtures.h"

namespace pharos::page {
namespace {

using model::Status;
using ::testing::HasSubstr;
using testing::MakeIncident;
using testing::MakeMonitor;
using testing::MakeOverview;
using ::testing::Not;

const AssetLinks kLinks{"/assets/page-1.css", "/assets/page-2.js"};

// As the home page shows it.
RenderedPage Render(const service::Overview& overview, const SiteLook& site = {},
                    const PageLimits& limits = {}) {
  const PageLook look = ReadPageLook(testing::MakeHome(), site);
  return RenderPage(BuildPageModel(overview, look, "UTC", limits), kLinks);
}

size_t CountOf(std::string_view text, std::string_view part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(RenderPage, EmptySiteSaysHowToBegin) {
  const RenderedPage page = Render(MakeOverview({}));
  EXPECT_THAT(page.html, HasSubstr("No monitors yet"));
  EXPECT_THAT(page.html, HasSubstr("curl -X POST"));
  EXPECT_EQ(page.title, "Pharos status");
}

TEST(RenderPage, OneMonitorShowsWhatItKnows) {
  auto entry = MakeMonitor(1, "Website", Status::kUp);
  auto monitor = std::make_shared<model::Monitor>(*entry.monitor);
  monitor->description = "The storefront";
  monitor->external_url = "https://example.org/?a=1&b=2";
  entry.monitor = monitor;
  const RenderedPage page = Render(MakeOverview({entry}));
  for (const char* part :
       {"Website", "The storefront", "Operational", "99.98", "84ms", "All Systems Operational",
        "href=\"https://example.org/?a=1&amp;b=2\"", "datetime=\"2026-03-04T12:00:00Z\"",
        "Last 90 days: 99.98% uptime, no trouble.", "No incidents in the last 14 days."}) {
    EXPECT_THAT(page.html, HasSubstr(part));
  }
}

TEST(RenderPage, EveryStatusHasItsWordAndIcon) {
  for (const Status status : model::kAllStatuses) {
    const RenderedPage page = Render(MakeOverview({MakeMonitor(1, "Website", status)}));
    const std::string expected = "<use href=\"#" + std::string(StatusClass(status)) + "\"/></svg>";
    EXPECT_THAT(page.html, HasSubstr(expected + std::string(StatusWord(status)) + "</span>"));
  }
}

TEST(RenderPage, AGroupNamesTheMembersThatThisPageKnows) {
  auto group = MakeMonitor(3, "Everything", Status::kDegraded);
  auto changed = std::make_shared<model::Monitor>(*group.monitor);
  changed->kind = "group";
  const auto a = MakeMonitor(1, "Website", Status::kUp);
  auto b = MakeMonitor(2, "Shop", Status::kDown);
  Value::List members;
  for (const std::string& tag : {a.monitor->tag, b.monitor->tag, std::string("hidden-one")}) {
    Value member;
    member.Set("tag", tag);
    members.push_back(std::move(member));
  }
  changed->spec.Set("members", std::move(members));
  group.monitor = changed;
  const RenderedPage page = Render(MakeOverview({a, b, group}));
  EXPECT_THAT(page.html, HasSubstr("id=\"g3\"><summary>Included Monitors (2)</summary>"));
  EXPECT_THAT(page.html, HasSubstr("Shop: Down"));
  EXPECT_THAT(page.html, Not(HasSubstr("hidden-one")));
  b.state.shown = Status::kNoData;
  b.state.unreachable = true;
  EXPECT_THAT(Render(MakeOverview({a, b, group})).html, HasSubstr("Shop: Unreachable"));
}

TEST(RenderPage, WhatIsBehindAParentThatIsDownIsUnreachable) {
  auto entry = MakeMonitor(1, "Website", Status::kNoData);
  EXPECT_THAT(Render(MakeOverview({entry})).html, Not(HasSubstr("Unreachable")));
  entry.state.unreachable = true;
  EXPECT_THAT(Render(MakeOverview({entry})).html, HasSubstr("Unreachable</span>"));
}

TEST(RenderPage, NoDataIsSaidAndNotCounted) {
  const RenderedPage page = Render(MakeOverview({MakeMonitor(1, "New", Status::kNoData, 0)}));
  EXPECT_THAT(page.html, HasSubstr("no data yet"));
  EXPECT_THAT(page.html, HasSubstr("Last 90 days: no data."));
  EXPECT_THAT(page.html, Not(HasSubstr("%</b> uptime")));
}

TEST(RenderPage, TroubleShowsInTheTitle) {
  service::Overview overview = MakeOverview({MakeMonitor(1, "Website", Status::kDown)});
  overview.banner_status = Status::kDown;
  overview.banner_text = "Major System Outage";
  SiteLook look;
  look.name = "Northwind";
  EXPECT_EQ(Render(overview, look).title, "Major System Outage - Northwind status");
}

TEST(RenderPage, HostileTextsStayText) {
  const std::string evil = "<script>alert(1)</script>\"' onload=\"x";
  auto entry = MakeMonitor(1, evil, Status::kUp);
  auto monitor = std::make_shared<model::Monitor>(*entry.monitor);
  monitor->description = evil;
  monitor->category = evil;
  monitor->external_url = "javascript:alert(1)";
  entry.monitor = monitor;
  service::Overview overview = MakeOverview({entry, MakeMonitor(2, "\xff\xfe<b", Status::kUp)});
  overview.ongoing.push_back(MakeIncident(1, evil, evil));
  overview.past.push_back(MakeIncident(2, evil, evil));
  overview.past.back().monitor_names = {evil};
  SiteLook look;
  look.name = look.title = look.subtitle = evil;
  const std::string html = Render(overview, look).html;
  EXPECT_EQ(CountOf(html, "<script"), 1u);  // ours
  EXPECT_THAT(html, Not(HasSubstr("onload=\"")));
  EXPECT_THAT(html, Not(HasSubstr("javascript:")));
  EXPECT_THAT(html, Not(HasSubstr("<b\"")));
  EXPECT_TRUE(IsValidUtf8(html));
}

TEST(RenderPage, IncidentsShowTheirTimeline) {
  service::Overview overview = MakeOverview({MakeMonitor(1, "Website", Status::kDown)});
  overview.ongoing.push_back(MakeIncident(7, "Orders fail", "First line\nsecond\n\nNext part"));
  auto past = MakeIncident(8, "Slow search", "Done");
  past.incident.state = model::IncidentState::kResolved;
  past.incident.ended_at = past.incident.started_at + Minutes(125);
  overview.past.push_back(past);
  const std::string html = Render(overview).html;
  EXPECT_THAT(html, HasSubstr("Ongoing incidents"));
  EXPECT_THAT(html, HasSubstr("<p>First line<br>second</p><p>Next part</p>"));
  EXPECT_THAT(html, HasSubstr("resolved after 2 h 5 min"));
  EXPECT_THAT(html, HasSubstr("<details class=\"inc up\" id=\"i8\">"));
}

TEST(RenderPage, LongTimelinesAreBounded) {
  service::Overview overview = MakeOverview({MakeMonitor(1, "Website", Status::kUp)});
  auto incident = MakeIncident(1, "Long", "x");
  incident.updates.resize(500, incident.updates.front());
  overview.ongoing.push_back(incident);
  const std::string html = Render(overview).html;
  EXPECT_THAT(html, HasSubstr("450 older updates are not shown."));
}

TEST(RenderPage, VersionFollowsWhatIsVisible) {
  const service::Overview one = MakeOverview({MakeMonitor(1, "Website", Status::kUp)});
  service::Overview other = one;
  EXPECT_EQ(Render(one).version, Render(other).version);
  other.monitors[0].state.shown = Status::kDown;
  EXPECT_NE(Render(one).version, Render(other).version);
}

TEST(RenderPage, TenThousandMonitorsAreBoundedAndTroubleComesFirst) {
  std::vector<service::MonitorOverview> monitors;
  for (int i = 1; i <= 10'000; ++i) {
    monitors.push_back(MakeMonitor(i, "Monitor " + std::to_string(i),
                                   i == 9'999 ? Status::kDown : Status::kUp, 3));
  }
  const std::string html = Render(MakeOverview(std::move(monitors))).html;
  EXPECT_LT(html.size(), 1'500'000u);
  EXPECT_THAT(html, HasSubstr("Monitor 9999<"));
  EXPECT_THAT(html, HasSubstr("9000 more monitors are not listed here."));
  EXPECT_EQ(CountOf(html, "<div class=\"bars"), PageLimits{}.bars);
}

TEST(RenderPage, ADozenMonitorsStayLight) {
  std::vector<service::MonitorOverview> monitors;
  for (int i = 1; i <= 12; ++i) {
    monitors.push_back(MakeMonitor(i, "Monitor " + std::to_string(i), Status::kUp));
  }
  EXPECT_LT(Render(MakeOverview(std::move(monitors))).html.size(), 60'000u);
}

TEST(RenderPage, CategoriesBecomeSections) {
  std::vector<service::MonitorOverview> monitors;
  for (int i = 1; i <= 3; ++i) {
    auto entry = MakeMonitor(i, "Monitor " + std::to_string(i), Status::kUp);
    auto monitor = std::make_shared<model::Monitor>(*entry.monitor);
    monitor->category = i == 2 ? "Back office" : "Shop";
    entry.monitor = monitor;
    monitors.push_back(entry);
  }
  const std::string html = Render(MakeOverview(std::move(monitors))).html;
  EXPECT_LT(html.find("Shop"), html.find("Monitor 3"));
  EXPECT_LT(html.find("Monitor 3"), html.find("Back office"));
  EXPECT_THAT(html, Not(HasSubstr("Services")));
}

TEST(DayBars, SmallTroubleIsVisibleAndSeparate) {
  auto entry = MakeMonitor(1, "Website", Status::kUp, 1);
  const service::DayBar today = testing::ChangeToday(entry, [](service::DayBar& day) {
    day.status = Status::kDown;
    day.counts.Add(Status::kDown, 14);
  });
  EXPECT_DOUBLE_EQ(TroubleShare(today), 0.3);
  EXPECT_EQ(MinutesOf(today.counts, Status::kDown, 1440), 14);
  HtmlWriter html;
  WriteDayBars(html, entry, 720);
  EXPECT_THAT(html.text(), HasSubstr("<path class=\"up\" d=\"M895 4v11\"/>"));
  EXPECT_THAT(html.text(), HasSubstr("<path class=\"dn\" d=\"M895 24v8\"/>"));
  EXPECT_THAT(html.text(), HasSubstr(";80,x7\""));
  EXPECT_THAT(html.text(), HasSubstr("trouble on 1 day (2026-03-04: Down)."));
}

TEST(DayBars, WholeDayOfTroubleFillsTheBar) {
  auto entry = MakeMonitor(1, "Website", Status::kDown, 0);
  testing::ChangeToday(entry, [](service::DayBar& day) {
    day.status = Status::kDown;
    day.counts.Add(Status::kDown, 1440);
  });
  HtmlWriter html;
  WriteDayBars(html, entry, 1440);
  EXPECT_THAT(html.text(), HasSubstr("<path class=\"dn\" d=\"M895 4v28\"/>"));
  EXPECT_THAT(html.text(), Not(HasSubstr("class=\"up\"")));
}

TEST(DayBars, AnyNumberOfDaysFits) {
  for (const size_t days : {1u, 7u, 30u, 59u, 60u, 365u, 400u}) {
    auto entry = MakeMonitor(1, "Website", Status::kUp, 0);
    entry.days = service::DayBars(std::vector<service::DayBar>(days, entry.days.Unpack().back()));
    HtmlWriter html;
    WriteDayBars(html, entry, 1440);
    EXPECT_THAT(html.text(), HasSubstr("viewBox=\"0 0 900 36\""));
    EXPECT_EQ(CountOf(html.text(), "v4"), days);
  }
}

TEST(RenderIncident, DurationsReadLikeSpeech) {
  EXPECT_EQ(DurationText(Seconds(2)), "1 min");
  EXPECT_EQ(DurationText(Minutes(59)), "59 min");
  EXPECT_EQ(DurationText(Hours(2)), "2 h");
  EXPECT_EQ(DurationText(Days(4) + Hours(3) + Minutes(5)), "4 d 3 h");
}

TEST(RenderIncident, ProseKeepsLinesAndNothingElse) {
  HtmlWriter html;
  WriteProse(html, "\r\n\r\n**a** <b>\r\nb\r\n \r\n\r\nc\n");
  EXPECT_EQ(html.text(), "<p>**a** &lt;b&gt;<br>b</p><p>c</p>");
}

TEST(PageModel, ReadsTheSiteSettingsItKnows) {
  Value colors;
  colors.Set("UP", "#112233");
  colors.Set("DOWN", "red;}");
  Value hero;
  hero.Set("subtitle", " All we run ");
  const SiteLook look = ReadSiteLook({{"siteName", Value("Northwind"), "string"},
                                      {"title", Value("Northwind health"), "string"},
                                      {"hero", hero, "object"},
                                      {"theme", Value("dark"), "string"},
                                      {"themeToggle", Value("NO"), "string"},
                                      {"colors", colors, "object"},
                                      {"footerHTML", Value("<b>"), "string"}});
  EXPECT_EQ(look.name, "Northwind");
  EXPECT_EQ(look.title, "Northwind health");
  EXPECT_EQ(look.subtitle, "All we run");
  EXPECT_EQ(look.theme, "dark");
  EXPECT_FALSE(look.theme_toggle);
  EXPECT_EQ(look.colors[0], "#112233");
  EXPECT_EQ(look.colors[3], SiteLook{}.colors[3]);
}

TEST(PageModel, WrongTypesAreIgnored) {
  const SiteLook look = ReadSiteLook({{"siteName", Value(5), "string"},
                                      {"hero", Value("x"), "object"},
                                      {"theme", Value("system"), "string"},
                                      {"colors", Value(Value::List{}), "object"}});
  EXPECT_EQ(look.name, "Pharos");
  EXPECT_EQ(look.theme, "");
}

}  // namespace
}  // namespace pharos::page
