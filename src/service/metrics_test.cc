#include "service/metrics.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "service/testing_house.h"
#include "store/incident_store.h"

namespace pharos::service {
namespace {

using model::Status;

Value Json(std::string_view text) { return ParseJson(text).value(); }

class MetricsServiceTest : public testing::Test {
 protected:
  MetricsServiceTest() {
    model::Monitor draft;
    draft.tag = "checkout";
    draft.name = "Checkout";
    draft.kind = "manual";
    checkout_ = monitors_.Create(house_.who, draft).value();
  }
  MetricsOutcome Ingest(std::string_view json) {
    auto outcome = metrics_.Ingest(house_.who, *checkout_, Json(json), std::nullopt);
    EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().message);
    house_.clock.Advance(Seconds(10));
    return outcome ? *outcome : MetricsOutcome();
  }
  std::vector<model::Incident> Incidents() {
    auto session = house_.store->Read().value();
    return house_.store->incidents().List(*session, house_.who.org, {}).value();
  }

  TestHouse house_;
  MonitorService monitors_{*house_.context};
  OrganisationService organisations_{*house_.context};
  MetricsService metrics_{*house_.context, monitors_, organisations_};
  MonitorPtr checkout_;
};

TEST_F(MetricsServiceTest, StatusFollowsWhenTheResultChanges) {
  const auto first = Ingest(R"({"error_rate":2.5,"response_time_ms":245,"request_count":9000})");
  ASSERT_TRUE(first.change);
  EXPECT_EQ(first.change->before, Status::kUp);
  EXPECT_EQ(first.change->after, Status::kDegraded);
  EXPECT_EQ(first.change->reason, "Error rate exceeded 1% threshold");
  EXPECT_EQ(monitors_.StateOf(*checkout_)->shown, Status::kDegraded);
  EXPECT_FALSE(Ingest(R"({"error_rate":2.5})").change);
  EXPECT_EQ(Ingest(R"({"error_rate":1})").change->after, Status::kUp);
}

TEST_F(MetricsServiceTest, GoodReportsLeaveAManualStatusAlone) {
  Ingest(R"({"error_rate":0})");
  ASSERT_TRUE(monitors_.ReportStatus(house_.who, *checkout_, Status::kDown, "by hand"));
  house_.clock.Advance(Seconds(10));
  EXPECT_FALSE(Ingest(R"({"error_rate":0})").change);
  EXPECT_EQ(monitors_.StateOf(*checkout_)->shown, Status::kDown);
}

TEST_F(MetricsServiceTest, RateFollowsFromCounts) {
  const auto outcome = Ingest(R"({"request_count":200,"error_count":30,"mood":"fine","x":1})");
  EXPECT_EQ(outcome.accepted, Json(R"({"request_count":200,"error_count":30,"error_rate":15.0})"));
  EXPECT_EQ(outcome.verdict.status, Status::kPartialOutage);
  EXPECT_EQ(metrics_.Ingest(house_.who, *checkout_, Json(R"({"mood":1})"), {}).error().kind,
            ErrorKind::kInvalid);
}

TEST_F(MetricsServiceTest, OpensOneIncidentAndClosesIt) {
  MetricsSettings settings;
  settings.opens_incidents = true;
  settings.thresholds = Json(R"({"error_rate":{"degraded":5}})");
  ASSERT_TRUE(metrics_.PutSettings(house_.who, *checkout_, settings));
  EXPECT_FALSE(Ingest(R"({"error_rate":4})").change);
  EXPECT_FALSE(Ingest(R"({"error_rate":6})").incident);
  const auto opened = Ingest(R"({"error_rate":60})");
  ASSERT_TRUE(opened.incident);
  EXPECT_EQ(opened.incident->severity, model::IncidentSeverity::kCritical);
  EXPECT_FALSE(Ingest(R"({"error_rate":70})").incident);
  ASSERT_EQ(Incidents().size(), 1u);
  EXPECT_EQ(Incidents()[0].source, model::IncidentSource::kMetrics);
  Ingest(R"({"error_rate":0})");
  EXPECT_EQ(Incidents()[0].state, model::IncidentState::kResolved);
  settings.thresholds = Json(R"({"error_rate":{"worse":5}})");
  EXPECT_EQ(metrics_.PutSettings(house_.who, *checkout_, settings).error().kind,
            ErrorKind::kInvalid);
}

TEST_F(MetricsServiceTest, KeepsTheLastPoints) {
  for (size_t i = 0; i < MetricsService::kMaxPoints + 5; ++i) Ingest(R"({"cpu_percent":10})");
  const auto view = metrics_.Get(house_.who, *checkout_).value();
  EXPECT_EQ(view.points.size(), MetricsService::kMaxPoints);
  EXPECT_GT(view.points.front().at, view.points.back().at);
}

}  // namespace
}  // namespace pharos::service
