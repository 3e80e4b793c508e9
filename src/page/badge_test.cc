#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "page/badge_request.h"
#include "page/badge_svg.h"
#include "page/testing_fixtures.h"

namespace pharos::page {
namespace {

using model::Status;
using testing::Get;
using ::testing::HasSubstr;
using testing::MakeMonitor;
using testing::MakeOverview;
using ::testing::Not;

Snapshot MakeSnapshot() {
  Snapshot snapshot;
  snapshot.look.name = "Northwind";
  snapshot.overview = MakeOverview(
      {MakeMonitor(1, "Website", Status::kUp), MakeMonitor(2, "<b>&\"'", Status::kDown, 0)});
  testing::ChangeToday(snapshot.overview.monitors[0], [](service::DayBar& today) {
    today.counts.Add(Status::kDown, 1440);
    today.latency_avg_ms = 160;
  });
  snapshot.IndexMonitors({});
  return snapshot;
}

std::string Svg(const std::string& target) {
  static const Snapshot kSnapshot = MakeSnapshot();
  const auto response = AnswerBadge(Get(target), kSnapshot);
  if (!response) return "no badge";
  EXPECT_EQ(response->status, 200);
  return *response->shared_body;
}

std::string TitleOf(const std::string& svg) {
  const size_t from = svg.find("<title>") + 7;
  return svg.substr(from, svg.find("</title>") - from);
}

TEST(Badge, OfAPageHasTheColoursOfTheSite) {
  PageSnapshot page;
  page.status = Status::kDown;
  SiteLook look;
  look.colors[static_cast<size_t>(Status::kDown)] = "#123456";
  const auto response = AnswerPageBadge(Get("/status/default/badge.svg"), page, look);
  EXPECT_THAT(*response.shared_body, HasSubstr("#123456"));
}

TEST(Badge, TitleSaysLabelAndMessage) {
  const std::pair<const char*, const char*> rows[] = {
      {"/badge/m1/status", "Website: Operational"},
      {"/badge/m2/status", "&lt;b&gt;&amp;&quot;&#39;: Down"},
      {"/badge/_/status", "Northwind: Down"},
      {"/badge/m1/status?label=Shop", "Shop: Operational"},
      {"/badge/m1/status?label=", "Operational"},
      {"/badge/m1/status?label=%3Cscript%3E", "&lt;script&gt;: Operational"},
      {"/badge/unknown/status", "Not Found"},
      {"/badge/%zz/status", "Not Found"},
      {"/badge/m1/uptime?sinceLast=86400", "Website 1d: 50%"},
      {"/badge/m1/uptime?sinceLast=3600&hideDuration=true", "Website: 50%"},
      {"/badge/m1/uptime?sinceLast=3600", "Website 1h: 50%"},
      {"/badge/m1/uptime?sinceLast=59", "Website 90d: 98.9011%"},
      {"/badge/m1/uptime?sinceLast=x", "Website 90d: 98.9011%"},
      {"/badge/m1/uptime?sinceLast=99999999999999999", "Website 1157407407407d: 98.9011%"},
      {"/badge/m1/uptime?label=Up", "Up: 98.9011%"},
      {"/badge/m2/uptime", "&lt;b&gt;&amp;&quot;&#39; 90d: -"},
      {"/badge/m1/latency", "Website 90d: 81ms"},
      {"/badge/m1/latency?metric=maximum", "Website 90d: 160ms"},
      {"/badge/m1/latency?metric=minimum", "Website 90d: 80ms"},
      {"/badge/m2/latency", "&lt;b&gt;&amp;&quot;&#39; 90d: -"},
      {"/badge/m1/dot", "Website: Operational"},
  };
  for (const auto& [target, expected] : rows) EXPECT_EQ(TitleOf(Svg(target)), expected) << target;
}

TEST(Badge, OtherPathsAreNoBadges) {
  for (const char* path : {"/badge/", "/badge/m1", "/badge/m1/", "/badge/m1/colour", "/badge//dot",
                           "/badge/m1/status/x"}) {
    EXPECT_EQ(Svg(path), "no badge") << path;
  }
}

TEST(Badge, ColoursAreCheckedBeforeUse) {
  const SiteLook look;
  EXPECT_THAT(Svg("/badge/m1/status"), HasSubstr("fill=\"" + look.colors[0] + "\""));
  EXPECT_THAT(Svg("/badge/m2/status"), HasSubstr("fill=\"" + look.colors[3] + "\""));
  EXPECT_THAT(Svg("/badge/m1/status?color=%23ff00aa&labelColor=teal"),
              ::testing::AllOf(HasSubstr("fill=\"#ff00aa\""), HasSubstr("fill=\"teal\"")));
  EXPECT_THAT(Svg("/badge/m1/status?color=url(evil)&labelColor=%22/%3E%3Cscript%3E"),
              ::testing::AllOf(HasSubstr("fill=\"#333\""), HasSubstr(look.colors[0]),
                               Not(HasSubstr("evil")), Not(HasSubstr("script"))));
  EXPECT_THAT(Svg("/badge/m1/uptime"), HasSubstr("fill=\"#0079FF\""));
}

TEST(Badge, ParseColorTable) {
  const std::pair<const char*, const char*> good[] = {
      {"#abc", "#abc"},          {"abc", "#abc"}, {"#A1B2C3", "#A1B2C3"},
      {"11223344", "#11223344"}, {"Red", "red"},  {" teal ", "teal"}};
  for (const auto& [text, expected] : good) EXPECT_EQ(ParseColor(text), expected) << text;
  for (const char* bad : {"", "#", "#12", "#12345", "#ggg", "rgb(1,2,3)", "a b c", "re\"d", "x-y",
                          "averyveryverylongcolourname"}) {
    EXPECT_EQ(ParseColor(bad), std::nullopt) << bad;
  }
}

TEST(Badge, StylesDifferInShape) {
  const std::pair<const char*, const char*> rows[] = {
      {"flat", "height=\"20\""},        {"flat-square", "rx=\"0\""},
      {"plastic", "height=\"18\""},     {"for-the-badge", "height=\"28\""},
      {"social", "stroke=\"#d5d5d5\""}, {"nonsense", "height=\"20\""},
  };
  for (const auto& [style, part] : rows) {
    EXPECT_THAT(Svg(std::string("/badge/m1/status?style=") + style), HasSubstr(part)) << style;
  }
  EXPECT_THAT(Svg("/badge/m1/status?style=for-the-badge"), HasSubstr(">OPERATIONAL<"));
  EXPECT_EQ(Svg("/badge/m1/status?style=nonsense"), Svg("/badge/m1/status"));
}

TEST(Badge, WidthsComeFromTheTable) {
  EXPECT_DOUBLE_EQ(VerdanaWidth(""), 0);
  EXPECT_DOUBLE_EQ(VerdanaWidth("0"), 7);
  EXPECT_DOUBLE_EQ(VerdanaWidth("passing"), 41.8);
  EXPECT_DOUBLE_EQ(VerdanaWidth("\xE6\x97\xA5"), 11);
  EXPECT_THAT(RenderBadge({"", "passing"}), HasSubstr("width=\"51.8\""));
}

TEST(Badge, TextsAreCleanedAndShortened) {
  const std::string svg =
      RenderBadge({std::string("a\0\x1b\xff", 4) + "b", std::string(9999, 'x')});
  EXPECT_THAT(svg, HasSubstr("a\xEF\xBF\xBD"
                             "b: "));
  EXPECT_LT(svg.size(), 3000u);
  EXPECT_EQ(svg.find('\0'), std::string::npos);
}

TEST(Badge, DotPings) {
  EXPECT_THAT(Svg("/badge/m1/dot"), Not(HasSubstr("<animate")));
  EXPECT_THAT(Svg("/badge/m1/dot?animate=ping&fillColor=123456"),
              ::testing::AllOf(HasSubstr("<animate"), HasSubstr("#123456")));
}

TEST(Badge, AnswersCarryATagAndRespectIt) {
  const Snapshot snapshot = MakeSnapshot();
  const auto first = AnswerBadge(Get("/badge/m1/status"), snapshot);
  ASSERT_TRUE(first);
  std::string tag;
  for (const http::Header& header : first->headers) {
    if (header.name == "etag") tag = header.value;
  }
  const auto second = AnswerBadge(Get("/badge/m1/status", {{"if-none-match", tag}}), snapshot);
  EXPECT_EQ(second->status, 304);
}

}  // namespace
}  // namespace pharos::page
