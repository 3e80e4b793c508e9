#include "service/beacons.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "service/testing_house.h"
#include "store/event_store.h"
#include "store/incident_store.h"

namespace pharos::service {
namespace {

Value Json(std::string_view text) { return ParseJson(text).value(); }

std::string ErrorEvent(const std::string& message) {
  Value data;
  data.Set("type", "TypeError");
  data.Set("message", message);
  data.Set("stack", "TypeError: x\n at pay (app.js:10:4)");
  Value event =
      Json(R"x({"type":"error","timestamp":1772620800000,"session_id":"v-1","service":"shop"})x");
  event.Set("data", std::move(data));
  return WriteJson(event);
}

class BeaconServiceTest : public testing::Test {
 protected:
  Result<BeaconCounts> Ingest(const std::string& events) {
    return beacons_.Ingest(house_.who.org, Json(events), Value());
  }
  std::vector<model::Incident> Incidents() {
    auto session = house_.store->Read().value();
    return house_.store->incidents().List(*session, house_.who.org, {}).value();
  }

  TestHouse house_;
  OrganisationService organisations_{*house_.context};
  BeaconService beacons_{*house_.context, organisations_};
};

TEST_F(BeaconServiceTest, KeysCanBeRevoked) {
  const auto made = beacons_.CreateKey(house_.who, "Shop").value();
  EXPECT_TRUE(made.text.Reveal().starts_with("bpk_"));
  EXPECT_EQ(beacons_.FindKey(made.text.Reveal()).value(), house_.who.org);
  EXPECT_FALSE(beacons_.FindKey("bpk_wrong").value());
  ASSERT_TRUE(beacons_.RevokeKey(house_.who, made.key.uid));
  EXPECT_FALSE(beacons_.FindKey(made.text.Reveal()).value());
  EXPECT_EQ(beacons_.Keys(house_.who).value().size(), 1u);
}

TEST_F(BeaconServiceTest, SameErrorWithOtherNumbersIsOneGroup) {
  const auto counts =
      Ingest("[" + ErrorEvent("cart 17 is null") + "," + ErrorEvent("cart 4711 is null") + "]")
          .value();
  EXPECT_EQ(counts.received, 2);
  EXPECT_EQ(counts.signatures_updated, 1);
  const auto groups = beacons_.Groups(house_.who, 10).value();
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].count, 2);
  EXPECT_EQ(groups[0].service, "shop");
  EXPECT_EQ(groups[0].top_frame, "at pay (app.js:10:4)");
  ASSERT_TRUE(Ingest("[" + ErrorEvent("cart 5 is null") + "]"));
  EXPECT_EQ(beacons_.Groups(house_.who, 10).value()[0].count, 3);
}

TEST_F(BeaconServiceTest, CountsByKindAndDropsWhatIsMalformed) {
  const auto counts = Ingest(R"([
      {"type":"log","timestamp":1,"session_id":"a","data":{"message":"hi"}},
      {"type":"trace","timestamp":1,"session_id":"a","data":{"spans":[{"name":"x"},{"name":"y"}]}},
      {"type":"vital","timestamp":1,"session_id":"a","data":{"name":"LCP","value":1}},
      {"type":"log","timestamp":"now","session_id":"a"},
      {"type":"mood","timestamp":1,"session_id":"a"}, 7])")
                          .value();
  EXPECT_EQ(counts.received, 3);
  EXPECT_EQ(counts.logs_stored, 1);
  EXPECT_EQ(counts.traces_stored, 1);
  EXPECT_EQ(counts.spans_stored, 2);
  EXPECT_EQ(beacons_.Items(house_.who, BeaconKind::kLog, 10).value().size(), 1u);
  EXPECT_EQ(Ingest("[7]").error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(beacons_.Ingest(house_.who.org, Value(), Value()).error().kind, ErrorKind::kInvalid);
}

TEST_F(BeaconServiceTest, ManyErrorsOpenOneIncidentThatGetsWorse) {
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(Ingest("[" + ErrorEvent("boom") + "]"));
  EXPECT_TRUE(Incidents().empty());
  ASSERT_TRUE(Ingest("[" + ErrorEvent("boom") + "]"));
  ASSERT_EQ(Incidents().size(), 1u);
  EXPECT_EQ(Incidents()[0].severity, model::IncidentSeverity::kMajor);
  for (int i = 0; i < 45; ++i) ASSERT_TRUE(Ingest("[" + ErrorEvent("boom") + "]"));
  ASSERT_EQ(Incidents().size(), 1u);
  EXPECT_EQ(Incidents()[0].severity, model::IncidentSeverity::kCritical);
  auto session = house_.store->Read().value();
  int thresholds = 0;
  const auto events = house_.store->events().ListAfter(*session, model::EventId(), 100).value();
  for (const model::Event& event : events) {
    thresholds += event.kind == model::kErrorThresholdExceeded ? 1 : 0;
  }
  EXPECT_EQ(thresholds, 2);
}

TEST_F(BeaconServiceTest, ErrorsFarApartAreNoAlarm) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Ingest("[" + ErrorEvent("boom") + "]"));
    house_.clock.Advance(Seconds(40));
  }
  EXPECT_TRUE(Incidents().empty());
}

TEST(BlankNumbers, Table) {
  EXPECT_EQ(BlankNumbers("cart 4711 is null"), "cart # is null");
  EXPECT_EQ(BlankNumbers("user 0d7c1f6e-61a4-4a0e is gone"), "user # is gone");
  EXPECT_EQ(BlankNumbers("no numbers - here"), "no numbers - here");
}

}  // namespace
}  // namespace pharos::service
