#include "api/console/monitor_form.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "probe/catalog.h"

namespace pharos::api::console {
namespace {

Value Parse(const std::string& text) { return ParseJson(text).value(); }

constexpr const char* kStored =
    R"({"url":"https://a.example.net/","client_key_pem":"-----KEY-----","headers":[)"
    R"({"name":"authorization","value":"Bearer abc"},{"name":"X-Api-Key","value":"$TOKEN"},)"
    R"({"name":"Accept","value":"*/*"},{"name":"Cookie","value":""}]})";

TEST(MonitorForm, MasksSecretFieldsAndSensitiveHeaders) {
  const probe::Catalog probes;
  const Value shown = MaskSpec(probes, "http", Parse(kStored));
  EXPECT_EQ(shown, Parse(R"({"url":"https://a.example.net/","client_key_pem":"***","headers":[)"
                         R"({"name":"authorization","value":"***"},)"
                         R"({"name":"X-Api-Key","value":"$TOKEN"},)"
                         R"({"name":"Accept","value":"*/*"},{"name":"Cookie","value":""}]})"));
  EXPECT_EQ(MaskSpec(probes, "unknown", Parse(kStored)), Parse(kStored));
  EXPECT_TRUE(MaskSpec(probes, "http", Value()).IsNull());
}

TEST(MonitorForm, OnlyWholeReferencesStayReadable) {
  const probe::Catalog probes;
  const auto shown = [&](const std::string& value) {
    Value header;
    header.Set("name", "Authorization");
    header.Set("value", value);
    Value spec;
    spec.Set("headers", Value::List{header});
    spec.Set("client_key_pem", value);
    const Value masked = MaskSpec(probes, "http", spec);
    const std::string one = masked.Find("headers")->AsList()[0].StringOr("value", "");
    EXPECT_EQ(masked.StringOr("client_key_pem", ""), one);
    return one;
  };
  for (const char* value : {"$TOKEN", "${TOKEN}", "Bearer $TOKEN", "Basic ${A}$B"}) {
    EXPECT_EQ(shown(value), value);
  }
  for (const char* value :
       {"pa$$word", "Bearer abc$def", "$", "Bearer ", "$A-b", "x $A y", "word $A", "$ecret"}) {
    EXPECT_EQ(shown(value), "***") << value;
  }
}

TEST(MonitorForm, AMaskSentBackKeepsWhatIsStored) {
  const probe::Catalog probes;
  const Value stored = Parse(kStored);
  EXPECT_EQ(UnmaskSpec(MaskSpec(probes, "http", stored), stored), stored);
  const Value sent =
      Parse(R"({"headers":[{"name":"AUTHORIZATION","value":"***"},{"name":"New","value":"***"}],)"
            R"("client_key_pem":"***","client_cert_pem":"***"})");
  EXPECT_EQ(UnmaskSpec(sent, stored),
            Parse(R"({"headers":[{"name":"AUTHORIZATION","value":"Bearer abc"},)"
                  R"({"name":"New","value":"***"}],"client_key_pem":"-----KEY-----",)"
                  R"("client_cert_pem":"***"})"));
  EXPECT_EQ(UnmaskSpec(Parse("[1]"), stored), Parse("[1]"));
  EXPECT_EQ(UnmaskSpec(Parse(R"({"headers":[7,{"value":"***"}]})"), stored),
            Parse(R"({"headers":[7,{"value":"***"}]})"));
}

TEST(MonitorForm, SchedulesAreReadWhole) {
  model::Schedule schedule;
  ASSERT_TRUE(ReadSchedule(Parse(R"({"kind":"interval","interval_s":30})"), schedule));
  EXPECT_EQ(schedule.interval, Seconds(30));
  ASSERT_TRUE(ReadSchedule(Parse(R"({"kind":"cron","cron":"* * * * *"})"), schedule));
  EXPECT_EQ(schedule.interval, Duration(0));
  EXPECT_EQ(schedule.cron, "* * * * *");
  EXPECT_FALSE(ReadSchedule(Parse(R"({"kind":"interval"})"), schedule));
  ASSERT_TRUE(ReadSchedule(Parse(R"({"kind":"never"})"), schedule));
  EXPECT_EQ(schedule.kind, model::Schedule::Kind::kNever);
}

}  // namespace
}  // namespace pharos::api::console
