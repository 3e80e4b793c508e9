#include "api/kener_v4/site_keys.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/json.h"

namespace pharos::api::kener_v4 {
namespace {

bool Allows(std::string_view key, const char* json) {
  const SiteKey* row = FindSiteKey(key);
  if (row == nullptr) return false;
  return IsAllowed(*row, StoredForm(*row, ParseJson(json).value()));
}

TEST(SiteKeys, FiftyOneDistinctKeys) {
  std::set<std::string_view> names;
  for (const SiteKey& key : kSiteKeys) names.insert(key.name);
  EXPECT_EQ(names.size(), 51u);
  EXPECT_EQ(FindSiteKey("Theme"), nullptr);
  EXPECT_EQ(FindSiteKey(""), nullptr);
}

TEST(SiteKeys, EverySeedParsesAndPassesItsOwnRule) {
  size_t seeded = 0;
  for (const SiteKey& key : kSiteKeys) {
    if (key.seed.empty()) continue;
    ++seeded;
    const auto value = ParseJson(key.seed);
    ASSERT_TRUE(value) << key.name;
    EXPECT_TRUE(IsAllowed(key, *value)) << key.name;
    EXPECT_EQ(key.is_object, !value->IsString()) << key.name;
  }
  EXPECT_EQ(SiteSeed().size(), seeded);
}

TEST(SiteKeys, Rules) {
  EXPECT_TRUE(Allows("theme", "\"dark\""));
  EXPECT_FALSE(Allows("theme", "\"pink\""));
  EXPECT_TRUE(Allows("pattern", "\"pets\""));
  EXPECT_FALSE(Allows("pattern", "\"stars\""));
  EXPECT_TRUE(Allows("barStyle", "\"FULL\""));
  EXPECT_FALSE(Allows("barStyle", "\"full\""));
  EXPECT_TRUE(Allows("barRoundness", "\"ROUNDED\""));
  EXPECT_FALSE(Allows("barRoundness", "1"));
  EXPECT_TRUE(Allows("summaryStyle", "\"DAY\""));
  EXPECT_FALSE(Allows("summaryStyle", "\"WEEK\""));
  EXPECT_TRUE(Allows("homeIncidentCount", "0"));
  EXPECT_TRUE(Allows("homeIncidentCount", "\"7abc\""));
  EXPECT_FALSE(Allows("homeIncidentCount", "-1"));
  EXPECT_FALSE(Allows("homeIncidentCount", "\"abc\""));
  EXPECT_TRUE(Allows("homeIncidentStartTimeWithin", "1"));
  EXPECT_FALSE(Allows("homeIncidentStartTimeWithin", "0"));
  EXPECT_TRUE(Allows("monitorSort", "[3,1]"));
  EXPECT_FALSE(Allows("monitorSort", "{}"));
  EXPECT_FALSE(Allows("title", "\" \""));
  EXPECT_TRUE(Allows("title", "5"));
  EXPECT_FALSE(Allows("incidentGroupView", "\"\""));
  EXPECT_TRUE(Allows("announcement", "null"));
}

TEST(SiteKeys, Shapes) {
  EXPECT_TRUE(Allows("nav", "[]"));
  EXPECT_TRUE(Allows("nav", R"([{"name":"Docs","url":"/docs"}])"));
  EXPECT_FALSE(Allows("nav", R"([{"name":"Docs"}])"));
  EXPECT_FALSE(Allows("nav", "[null]"));
  EXPECT_FALSE(Allows("nav", "{}"));
  EXPECT_TRUE(Allows("hero", "{}"));
  EXPECT_TRUE(Allows("hero", "[]"));
  EXPECT_TRUE(Allows("hero", R"({"title":"a","subtitle":"b"})"));
  EXPECT_FALSE(Allows("hero", R"({"title":"a"})"));
  EXPECT_FALSE(Allows("hero", "null"));
  EXPECT_TRUE(Allows("analytics", R"([{"id":"","type":"GA"}])"));
  EXPECT_FALSE(Allows("analytics", R"([{"id":1,"type":"GA"}])"));
  EXPECT_FALSE(Allows("analytics", "[null]"));
  const char* colors =
      R"({"UP":"#00ff00","DOWN":"#FF0000","DEGRADED":"#123456","MAINTENANCE":"#abcdef"})";
  EXPECT_TRUE(Allows("colors", colors));
  EXPECT_TRUE(Allows("colorsDark", colors));
  EXPECT_FALSE(Allows("colors", R"({"UP":"green"})"));
  EXPECT_FALSE(Allows("colors", "null"));
  EXPECT_FALSE(Allows("colors", R"({"UP":"#00ff00","DOWN":"#FF0000","DEGRADED":"#123456",)"
                                R"("MAINTENANCE":"#abcdef","ACCENT":"red"})"));
}

TEST(SiteKeys, TextKeysStoreText) {
  const SiteKey& key = *FindSiteKey("metaSiteTitle");
  EXPECT_EQ(StoredForm(key, Value(42)), Value("42"));
  EXPECT_EQ(StoredForm(key, Value()), Value("null"));
  EXPECT_EQ(StoredForm(key, Value(Value::Object{})), Value("[object Object]"));
  EXPECT_EQ(StoredForm(*FindSiteKey("nav"), Value()), Value());
}

TEST(SiteKeys, SiteUrlFollowsTheRule) {
  for (const char* good :
       {"", "example.org", "/some path", "http://localhost:3000", "https://status.example.org/",
        "HTTPS://A.B-c.info:65535/x_1/y.z//", "http://", "localhost", "/", "a.b.museum/x"}) {
    EXPECT_TRUE(IsSiteUrl(good)) << good;
  }
  for (const char* bad : {"192.168.1.1", "https://a.example.org?x=1", "ftp://example.org",
                          "https://m\xc3\xbcnchen.de", "https://a.photography", "example",
                          "example.org:", "example.org:123456", "https://a.example.org/#x",
                          "http://.org", "a b.org"}) {
    EXPECT_FALSE(IsSiteUrl(bad)) << bad;
  }
}

}  // namespace
}  // namespace pharos::api::kener_v4
