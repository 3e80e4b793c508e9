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

TEST(Overlay, IncidentsThatFollowFromChecksDoNotFeedBack) {
  model::Incident incident = OpenIncident(Status::kDown);
  for (int source = 0; source <= 8; ++source) {
    incident.source = static_cast<model::IncidentSource>(source);
    const bool by_people = incident.source == model::IncidentSource::kApi ||
                           incident.source == model::IncidentSource::kConsole;
    EXPECT_EQ(OverlayOf(incident).has_value(), by_people) << source;
  }
}

TEST(Overlay, DraftsAndIncidentsPutAwayDoNotMask) {
  model::Incident incident = OpenIncident(Status::kDown);
  incident.draft = true;
  EXPECT_EQ(OverlayOf(incident), std::nullopt);
  incident.draft = false;
  EXPECT_EQ(OverlayOf(incident), Status::kDown);
  incident.closed_at = Walk::At(15);
  EXPECT_EQ(OverlayOf(incident), std::nullopt);
}

MaintenanceWindow OpenWindow(Status impact) {
  MaintenanceWindow window;
  window.occurrence.starts_at = Walk::At(10);
  window.occurrence.ends_at = Walk::At(30);
  window.occurrence.state = model::OccurrenceState::kOngoing;
  window.impacts = {{model::MonitorId(7), impact}};
  return window;
}

std::optional<Status> OverlayOf(const MaintenanceWindow& window, int minute = 20) {
  return MaintenanceOverlay(std::span(&window, 1), model::MonitorId(7), Walk::At(minute));
}

TEST(MaintenanceOverlay, CountsFromStartToEndWithBothEnds) {
  const MaintenanceWindow window = OpenWindow(Status::kMaintenance);
  EXPECT_EQ(OverlayOf(window, 9), std::nullopt);
  EXPECT_EQ(OverlayOf(window, 10), Status::kMaintenance);
  EXPECT_EQ(OverlayOf(window, 30), Status::kMaintenance);
  EXPECT_EQ(OverlayOf(window, 31), std::nullopt);
}

TEST(MaintenanceOverlay, LivingStatesOfActiveMaintenancesMask) {
  using model::OccurrenceState;
  MaintenanceWindow window = OpenWindow(Status::kDegraded);
  for (const auto& [state, masks] :
       std::vector<std::pair<OccurrenceState, bool>>{{OccurrenceState::kScheduled, true},
                                                     {OccurrenceState::kReady, true},
                                                     {OccurrenceState::kOngoing, true},
                                                     {OccurrenceState::kCompleted, false},
                                                     {OccurrenceState::kCancelled, false}}) {
    window.occurrence.state = state;
    EXPECT_EQ(OverlayOf(window).has_value(), masks) << static_cast<int>(state);
  }
  window.occurrence.state = OccurrenceState::kOngoing;
  window.active = false;
  EXPECT_EQ(OverlayOf(window), std::nullopt);
}

TEST(MaintenanceOverlay, ImpactsAreReducedAndUpOnlyAnnounces) {
  EXPECT_EQ(OverlayOf(OpenWindow(Status::kUp)), std::nullopt);
  const std::vector<MaintenanceWindow> windows = {
      OpenWindow(Status::kUp), OpenWindow(Status::kDegraded), OpenWindow(Status::kDown)};
  EXPECT_EQ(MaintenanceOverlay(windows, model::MonitorId(7), Walk::At(20)), Status::kDown);
  EXPECT_EQ(MaintenanceOverlay(windows, model::MonitorId(8), Walk::At(20)), std::nullopt);
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
