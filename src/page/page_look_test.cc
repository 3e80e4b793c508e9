#include "page/page_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pharos::page {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

model::Page MakePage(std::string path) {
  model::Page page;
  page.path = std::move(path);
  page.title = page.header = model::kDefaultPageTitle;
  return page;
}

TEST(PageLookTest, TheHomePageIsTheSiteUntilItIsNamed) {
  SiteLook site;
  site.name = "Northwind";
  model::Page home = MakePage("");
  EXPECT_EQ(ReadPageLook(home, site).heading, "Northwind");
  EXPECT_EQ(ReadPageLook(home, site).title, "Northwind status");
  home.header = "Northwind systems";
  home.title = "Systems";
  EXPECT_EQ(ReadPageLook(home, site).heading, "Northwind systems");
  EXPECT_EQ(ReadPageLook(home, site).title, "Systems");
}

TEST(PageLookTest, ColoursFontsAndRulesBecomeAStyleSheet) {
  model::Page page = MakePage("partners");
  page.look.Set("primary_color", "#112233");
  page.look.Set("font_family", "jetbrains-mono");
  page.look.Set("border_radius", "sharp");
  page.look.Set("custom_css", ".banner { outline: 1px solid }");
  const std::string css = ReadPageLook(page, {}).css;
  EXPECT_THAT(css, HasSubstr("--accent:#112233"));
  EXPECT_THAT(css, HasSubstr("JetBrains Mono"));
  EXPECT_THAT(css, HasSubstr("--radius:0"));
  EXPECT_THAT(css, HasSubstr("outline"));
}

TEST(PageLookTest, WhatWouldFetchOrRunIsLeftOut) {
  for (const char* css : {"@import 'https://elsewhere.example/x.css'",
                          "body{background:URL(https://elsewhere.example/spy)}", "a{behavior:x}",
                          "</style><script>1</script>"}) {
    model::Page page = MakePage("partners");
    page.look.Set("custom_css", css);
    EXPECT_EQ(ReadPageLook(page, {}).css, "") << css;
  }
  model::Page page = MakePage("partners");
  page.look.Set("primary_color", "red;}body{display:none");
  EXPECT_EQ(ReadPageLook(page, {}).css, "");
}

TEST(PageLookTest, AddressesLeadNowhereElse) {
  for (const char* fine : {"https://example.org/l.png", "HTTP://example.org/l.png", "/logo.png"}) {
    EXPECT_TRUE(IsSafeAddress(fine)) << fine;
  }
  for (const char* bad : {"javascript:alert(1)", "//example.org/l.png", "data:text/html,x", "", "/",
                          "/\\example.org", "logo.png"}) {
    EXPECT_FALSE(IsSafeAddress(bad)) << bad;
  }
}

TEST(PageLookTest, AnAnnouncementIsShownWhileItIsOn) {
  model::Page page = MakePage("partners");
  page.look.Set("announcement_text", "Moving house");
  page.look.Set("announcement_type", "warning");
  EXPECT_EQ(ReadPageLook(page, {}).announcement.text, "");
  page.look.Set("announcement_enabled", true);
  EXPECT_EQ(ReadPageLook(page, {}).announcement.text, "Moving house");
}

}  // namespace
}  // namespace pharos::page
