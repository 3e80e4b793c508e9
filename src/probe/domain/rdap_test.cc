#include "probe/domain/rdap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pharos::probe {
namespace {

using testing::ElementsAre;

constexpr const char* kWhole = R"({
  "objectClassName": "domain", "ldhName": "SHOP.TEST.", "handle": "12_DOMAIN",
  "status": ["client transfer prohibited", "active", 7, null],
  "events": [
    {"eventAction": "registration", "eventDate": "2001-08-14T04:00:00Z"},
    {"eventAction": "expiration", "eventDate": "2027-08-13T04:00:00Z"},
    {"eventAction": "last changed", "eventDate": "2026-02-01T10:00:00.123Z"},
    {"eventAction": "last update of RDAP database", "eventDate": "2026-03-01T00:00:00Z"}],
  "entities": [
    {"roles": ["abuse"], "vcardArray": ["vcard", [["fn", {}, "text", "Abuse"]]]},
    {"roles": ["Registrar"], "handle": "292",
     "links": [{"rel": "self", "href": "https://rdap.test/entity/292"},
               {"rel": "about", "href": "https://registrar-one.test"}],
     "vcardArray": ["vcard", [["version", {}, "text", "4.0"],
                              ["fn", {}, "text", "Registrar One"]]]}],
  "nameservers": [{"ldhName": "NS1.SHOP.TEST"}, {"ldhName": "ns2.shop.test."}, {}, 5]
})";

TEST(Rdap, ReadsAWholeAnswer) {
  const auto found = ParseRdap(kWhole, "shop.test");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(FormatIsoSeconds(*found->expires), "2027-08-13T04:00:00Z");
  EXPECT_EQ(FormatIsoSeconds(*found->created), "2001-08-14T04:00:00Z");
  EXPECT_EQ(FormatIsoSeconds(*found->updated), "2026-02-01T10:00:00Z");
  EXPECT_EQ(found->registrar, "Registrar One");
  EXPECT_EQ(found->registrar_url, "https://registrar-one.test");
  EXPECT_THAT(found->nameservers, ElementsAre("ns1.shop.test", "ns2.shop.test"));
  EXPECT_THAT(found->status, ElementsAre("client transfer prohibited", "active"));
}

TEST(Rdap, EverythingMayBeMissingOrOdd) {
  for (
      const char* json : {
          R"({"objectClassName":"domain"})",
          R"({"objectClassName":"domain","events":5,"entities":{},"nameservers":"x","status":{}})",
          R"({"objectClassName":"domain","events":[[],5,{"eventAction":7},{"eventAction":"expiration"}]})",
          R"({"objectClassName":"domain","entities":[{"roles":"registrar"},{"roles":[5]}]})",
          R"({"objectClassName":"domain","entities":[{"roles":["registrar"],"vcardArray":["vcard",[[],[1,2,3,4],["fn"]]]}]})",
          R"({"objectClassName":"domain","entities":[{"roles":["registrar"],"vcardArray":["vcard","x"],"links":[5,{"rel":"about","href":"javascript:x"}]}]})",
      }) {
    const auto found = ParseRdap(json, "shop.test");
    ASSERT_TRUE(found) << json;
    EXPECT_FALSE(found->expires) << json;
    EXPECT_EQ(found->registrar_url, "") << json;
  }
}

TEST(Rdap, OtherAnswersAreRefused) {
  for (const std::string& json :
       {std::string(), std::string("<html>"), std::string("[]"), std::string("null"),
        std::string(R"({"errorCode":404})"),
        std::string(R"({"objectClassName":"entity","handle":"x"})"),
        std::string(R"({"objectClassName":"domain","ldhName":"other.test"})"),
        std::string(300'000, ' ') + "{}", std::string(100, '[') + std::string(100, ']')}) {
    EXPECT_FALSE(ParseRdap(json, "shop.test")) << json.substr(0, 60);
  }
}

}  // namespace
}  // namespace pharos::probe
