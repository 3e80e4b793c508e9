#include "rules/overlay.h"

#include <gtest/gtest.h>

#include "rules/rules_testing.h"

namespace pharos::rules {
namespace {

using model::Status;

TEST(Overlay, ReduceImpacts) {
  const struct {
    std::vector<Status> impacts;
    std::optional<Status> reduced;
  } rows[] = {
      {{}, std::nullopt},
      {{Status::kUp}, std::nullopt},
      {{Status::kNoData, Status::kUp}, std::nullopt},
      {{Status::kDegraded}, Status::kDegraded},
      {{Status::kDegraded, Status::kDown}, Status::kDown},
      {{Status::kDown, Status::kMaintenance}, Status::kDown},
      {{Status::kMaintenance, Status::kDown}, Status::kMaintenance},
      {{Status::kUp, Status::kDegraded, Status::kMaintenance}, Status::kMaintenance},
      {{Status::kDegraded, Status::kPartialOutage, Status::kDegraded}, Status::kPartialOutage},
      {{Status::kPartialOutage, Status::kDown}, Status::kDown},
  };
  for (const auto& row : rows) EXPECT_EQ(ReduceImpacts(row.impacts), row.reduced);
}

model::Incident OpenIncident(Status impact) {
  model::Incident incident;
  incident.started_at = Walk::At(10);
  incident.impacts = {{model::MonitorId(7), impact}};
  return incident;
}

std::optional<Status> OverlayOf(const model::Incident& incident, int minute = 20) {
  const std::vector<model::Incident> incidents = {incident};
  return IncidentOverlay(incidents, model::MonitorId(7), Walk::At(minute));
}

TEST(Overlay, IncidentCountsFromItsStart) {
  const model::Incident incident = OpenIncident(Status::kDown);
  EXPECT_EQ(OverlayOf(incident, 9), std::nullopt);
  EXPECT_EQ(OverlayOf(incident, 10), Status::kDown);
  EXPECT_EQ(OverlayOf(incident, 5000), Status::kDown);
}

TEST(Overlay, EveryStateButResolvedMasks) {
  model::Incident incident = OpenIncident(Status::kDegraded);
  for (const auto state : {model::IncidentState::kInvestigating, model::IncidentState::kIdentified,
                           model::IncidentState::kMonitoring}) {
    incident.state = state;
    EXPECT_EQ(OverlayOf(incident), Status::kDegraded);
  }
  incident.state = model::IncidentState::kResolved;
  EXPECT_EQ(OverlayOf(incident), std::nullopt);
}

TEST(Overlay, IncidentsOfAlertingDoNotFeedBack) {
  model::Incident incident = OpenIncident(Status::kDown);
  incident.source = model::IncidentSource::kAlert;
  EXPECT_EQ(OverlayOf(incident), std::nullopt);
  incident.source = model::IncidentSource::kConsole;
  EXPECT_EQ(OverlayOf(incident), Status::kDown);
}

TEST(Overlay, OtherMonitorsAreUntouched) {
  const std::vector<model::Incident> incidents = {OpenIncident(Status::kDown)};
  EXPECT_EQ(IncidentOverlay(incidents, model::MonitorId(8), Walk::At(20)), std::nullopt);
  EXPECT_EQ(IncidentOverlay({}, model::MonitorId(7), Walk::At(20)), std::nullopt);
}

TEST(Overlay, SeveralIncidentsAreReducedInOrder) {
  const std::vector<model::Incident> incidents = {
      OpenIncident(Status::kUp), OpenIncident(Status::kDegraded),
      OpenIncident(Status::kMaintenance), OpenIncident(Status::kDown)};
  EXPECT_EQ(IncidentOverlay(incidents, model::MonitorId(7), Walk::At(20)), Status::kMaintenance);
}

}  // namespace
}  // namespace pharos::rules
