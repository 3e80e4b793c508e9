#include "service/overlays.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "rules/overlay.h"
#include "store/incident_store.h"
#include "store/maintenance_store.h"

namespace pharos::service {

Status ReloadOverlays(const Context& context) {
  const auto lock = context.overlays.LockForReload();
  PHAROS_ASSIGN_OR_RETURN(auto session, context.store.Read());
  PHAROS_ASSIGN_OR_RETURN(auto incidents, context.store.incidents().ListOpen(*session));
  PHAROS_ASSIGN_OR_RETURN(const auto active, context.store.maintenances().ListActive(
                                                 *session, std::numeric_limits<int>::max()));
  PHAROS_ASSIGN_OR_RETURN(const auto living, context.store.maintenances().ListLiving(*session));
  session.reset();
  std::map<model::MaintenanceId, const model::Maintenance*> by_id;
  for (const model::Maintenance& maintenance : active) by_id[maintenance.id] = &maintenance;
  std::vector<rules::MaintenanceWindow> windows;
  const Timestamp now = context.clock.Now();
  for (const model::Occurrence& occurrence : living) {
    const auto found = by_id.find(occurrence.maintenance);
    // What is over or paused may stay "scheduled" for ever (kener-v4.md 11.2). A day is kept, since
    // samples may come late.
    if (found == by_id.end() || occurrence.ends_at < now - Days(1)) continue;
    windows.push_back({occurrence, found->second->impacts, true});
  }
  // When several mask a monitor, the newest maintenance is met first.
  std::stable_sort(windows.begin(), windows.end(), [](const auto& a, const auto& b) {
    return a.occurrence.maintenance > b.occurrence.maintenance;
  });
  context.overlays.ResetIncidents(std::move(incidents));
  context.overlays.ResetMaintenances(std::move(windows));
  return Ok();
}

void ShowOverlays(const Context& context, model::OrgId org) {
  const Timestamp now = context.clock.Now();
  for (const store::MonitorPtr& monitor : context.directory.List(org)) {
    if (monitor->kind != "manual" || !monitor->active) continue;
    const auto state = context.intake.states().Find(monitor->id);
    if (!state) continue;
    const model::ActiveOverlay overlay = context.overlays.At(monitor->id, now);
    const model::Status said = overlay.incident.value_or(state->observed);
    if (overlay.maintenance.value_or(said) == state->shown) continue;
    model::CheckResult tick;
    tick.monitor = monitor->id;
    tick.at = tick.finished_at = now;
    tick.source = model::ResultSource::kTick;
    tick.outcome = model::CheckOutcome::kNone;
    // Refused only when too much is waiting; then the next minute shows it.
    if (!context.intake.Submit(std::move(tick))) return;
  }
}

}  // namespace pharos::service
