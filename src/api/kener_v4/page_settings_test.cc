#include "api/kener_v4/page_settings.h"

#include <gtest/gtest.h>

namespace pharos::api::kener_v4 {
namespace {

Value Json(std::string_view text) { return ParseJson(text).value(); }

std::string Complaint(std::string_view settings) {
  const Status checked = CheckPageSettings(Json(settings));
  return checked ? std::string() : checked.error().message;
}

constexpr std::string_view kDefaults =
    R"({"incidents":{"enabled":true,"ongoing":{"show":true},"resolved":{"show":true,"max_count":5,)"
    R"("days_in_past":7}},"include_maintenances":{"enabled":true,"ongoing":{"show":true,"past":)"
    R"({"show":true,"max_count":5,"days_in_past":7},"upcoming":{"show":true,"max_count":5,)"
    R"("days_in_future":30}}},"monitor_status_history_days":{"desktop":90,"mobile":30},)"
    R"("monitor_layout_style":"default-list"})";

TEST(PageSettings, ShowsTheWholeTreeWithDefaults) {
  EXPECT_EQ(WriteJson(ShownPageSettings(Value())), kDefaults);
  EXPECT_EQ(WriteJson(ShownPageSettings(Json(
                R"({"incidents":7,"monitor_layout_style":"odd","extra":1,"metaPageTitle":null})"))),
            kDefaults);
}

TEST(PageSettings, NamesTheFirstThingThatIsWrong) {
  EXPECT_EQ(Complaint("{}"), "");
  EXPECT_EQ(Complaint("[]"), "page_settings must be an object");
  EXPECT_EQ(Complaint(R"({"incidents":null})"), "incidents must be an object");
  EXPECT_EQ(Complaint(R"({"incidents":{"enabled":1},"include_maintenances":{"ongoing":[]}})"),
            "include_maintenances.ongoing must be an object");
  EXPECT_EQ(Complaint(R"({"incidents":{"enabled":1},"monitor_layout_style":"x"})"),
            "incidents.enabled must be a boolean");
  EXPECT_EQ(Complaint(R"({"include_maintenances":{"ongoing":{"past":{"max_count":1.5}}}})"),
            "include_maintenances.ongoing.past.max_count must be a non-negative integer");
  EXPECT_EQ(Complaint(R"({"monitor_layout_style":"x","monitor_status_history_days":7})"),
            "monitor_layout_style must be one of: default-list, default-grid, compact-list, "
            "compact-grid");
  EXPECT_EQ(Complaint(R"({"monitor_status_history_days":7})"),
            "monitor_status_history_days must be an object");
  EXPECT_EQ(Complaint(R"({"monitor_status_history_days":{"mobile":0}})"),
            "monitor_status_history_days.mobile must be an integer between 1 and 365");
  EXPECT_EQ(Complaint(R"({"meta_page_description":null})"),
            "meta_page_description must be a string");
}

TEST(PageSettings, MergesDeeply) {
  const Value stored = MergePageSettings(
      Value(Value::Object{}),
      Json(R"({"incidents":{"resolved":{"max_count":2}},"meta_page_title":"T","own":[1]})"));
  EXPECT_EQ(WriteJson(stored),
            R"({"incidents":{"resolved":{"max_count":2}},"metaPageTitle":"T","own":[1]})");
  const Value merged = MergePageSettings(
      stored, Json(R"({"incidents":{"resolved":{"days_in_past":3}},"own":{"a":1}})"));
  EXPECT_EQ(WriteJson(merged),
            R"({"incidents":{"resolved":{"max_count":2,"days_in_past":3}},"metaPageTitle":"T",)"
            R"("own":{"a":1}})");
  EXPECT_EQ(ShownPageSettings(merged).StringOr("meta_page_title", ""), "T");
}

}  // namespace
}  // namespace pharos::api::kener_v4
