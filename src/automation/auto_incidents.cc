#include "automation/auto_incidents.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "automation/transition_event.h"
#include "service/incidents.h"
#include "store/incident_store.h"
#include "store/monitor_directory.h"
#include "store/organisation_store.h"

namespace pharos::automation {
namespace {

using model::Incident;
using model::IncidentSeverity;
using model::IncidentSource;
using model::IncidentState;

struct Failure {
  model::MonitorId monitor;
  int failures = 0;
  Timestamp at{};
  std::string cause;
};

model::Principal Ourselves(model::OrgId org) {
  model::Principal who;
  who.org = org;
  who.name = "system";
  return who;
}

IncidentSeverity SeverityOf(const model::Monitor& monitor) {
  if (monitor.auto_incident.severity) return *monitor.auto_incident.severity;
  return monitor.kind == "heartbeat" ? IncidentSeverity::kMinor : IncidentSeverity::kMajor;
}

bool IsOpen(const Incident& incident) {
  return incident.state != IncidentState::kResolved && !incident.closed_at;
}

bool IsInMaintenance(const Batch& batch, const model::Monitor& monitor) {
  const intake::OverlayBoard& overlays = batch.context.overlays;
  if (overlays.At(monitor.id, batch.now).maintenance) return true;
  return monitor.service.IsSet() && overlays.At(monitor.service, batch.now).maintenance;
}

// Its parents may be to blame, or are. What is held back so is found again (FindOverdue).
bool MayBeParents(const service::Context& context, model::MonitorId monitor) {
  const auto state = context.intake.states().Find(monitor);
  return state && (state->doubted_at != Timestamp{} || state->unreachable);
}

// Visibility and delayed publishing, as the organisation wants them.
void Conceal(const Value& settings, Timestamp now, Incident& incident) {
  if (settings.StringOr("auto_incident_visibility", "public") != "draft") return;
  incident.draft = true;
  const int64_t minutes = settings.IntOr("auto_publish_minutes", -1);
  if (minutes >= 0) incident.publish_at = now + Minutes(minutes);
}

Status Open(Batch& batch, const model::Monitor& monitor, const Failure& failure) {
  service::NewIncident wanted;
  Incident& incident = wanted.incident;
  incident.title = monitor.name + " is down";
  incident.severity = SeverityOf(monitor);
  incident.source =
      monitor.kind == "heartbeat" ? IncidentSource::kHeartbeat : IncidentSource::kMonitor;
  incident.cause = monitor.id;
  incident.started_at = failure.at;
  incident.impacts.push_back({monitor.id, model::Status::kDown});
  if (monitor.service.IsSet() && batch.context.directory.Find(monitor.service) != nullptr) {
    incident.impacts.push_back({monitor.service, model::Status::kDown});
  }
  const auto settings = batch.settings.find(monitor.org);
  if (settings != batch.settings.end()) Conceal(settings->second, batch.now, incident);
  wanted.message = failure.cause.empty() ? monitor.name + " is down."
                                         : monitor.name + " is down: " + failure.cause;
  const auto opened = service::InsertIncident(batch.context.store, batch.tx, Ourselves(monitor.org),
                                              std::move(wanted), batch.now);
  if (!opened) return Error(opened.error());
  batch.incidents_of.insert(monitor.org);
  return Ok();
}

// The pipeline of kodo.md 7.1; the first reason not to open one ends it.
Status Consider(Batch& batch, const Failure& failure) {
  const store::MonitorPtr monitor = batch.context.directory.Find(failure.monitor);
  if (monitor == nullptr || !monitor->active || !monitor->auto_incident.enabled) return Ok();
  if (failure.failures < monitor->auto_incident.failure_threshold) return Ok();
  if (MayBeParents(batch.context, monitor->id)) return Ok();
  if (IsInMaintenance(batch, *monitor)) return Ok();
  PHAROS_ASSIGN_OR_RETURN(const auto latest, batch.context.store.incidents().FindLatestOfCause(
                                                 batch.tx, monitor->org, monitor->id));
  if (latest) {
    if (IsOpen(*latest)) return Ok();
    if (failure.at < latest->started_at + monitor->auto_incident.cooldown) return Ok();
  }
  return Open(batch, *monitor, failure);
}

// The organisation is the event's: the monitor itself may be gone.
Status Recover(Batch& batch, model::OrgId org, model::MonitorId monitor, Timestamp at) {
  PHAROS_ASSIGN_OR_RETURN(
      const auto latest, batch.context.store.incidents().FindLatestOfCause(batch.tx, org, monitor));
  if (!latest || !IsOpen(*latest) || !model::IsAutomatic(latest->source)) return Ok();
  const store::MonitorPtr known = batch.context.directory.Find(monitor);
  const auto changed = service::ChangeIncident(
      batch.context.store, batch.tx, Ourselves(org), latest->id,
      [&](service::IncidentService::Edit& edit) -> Status {
        edit.incident.state = IncidentState::kResolved;
        edit.incident.ended_at = std::max(at, edit.incident.started_at);
        edit.incident.publish_at.reset();  // nobody has to hear of it any more
        model::IncidentUpdate update;
        update.state = IncidentState::kResolved;
        update.text =
            known == nullptr ? "The monitor was removed." : known->name + " has recovered.";
        update.at = *edit.incident.ended_at;
        edit.new_updates.push_back(std::move(update));
        return Ok();
      },
      batch.now);
  if (!changed) return Error(changed.error());
  batch.incidents_of.insert(org);
  return Ok();
}

model::Event AsEvent(model::OrgId org, model::MonitorId monitor, const char* kind, Timestamp at) {
  model::Event event;
  event.org = org;
  event.at = at;
  event.kind = kind;
  event.data.Set("monitor", monitor.value());
  event.data.Set("at", ToUnixMicros(at));
  return event;
}

model::Event AsRecovery(const Incident& incident, Timestamp at) {
  model::Event event = AsEvent(incident.org, incident.cause, model::kMonitorTransition, at);
  event.data.Set("to", model::StatusName(model::Status::kUp));
  return event;
}

bool MayBeOver(const service::Context& context, const Incident& incident) {
  const store::MonitorPtr monitor = context.directory.Find(incident.cause);
  if (monitor == nullptr) return true;
  const auto state = context.intake.states().Find(incident.cause);
  return state && state->observed == model::Status::kUp && state->shown == model::Status::kUp &&
         state->failures == 0 && state->last_result_at > incident.started_at;
}

Status FindRecovered(const service::Context& context, store::Session& session, model::OrgId org,
                     Timestamp now, std::vector<model::Event>& well) {
  store::IncidentQuery query;
  query.open_only = true;
  PHAROS_ASSIGN_OR_RETURN(const auto open, context.store.incidents().List(session, org, query));
  for (const Incident& incident : open) {
    const bool ours = incident.source == IncidentSource::kMonitor ||
                      incident.source == IncidentSource::kHeartbeat;
    if (ours && incident.cause.IsSet() && MayBeOver(context, incident)) {
      well.push_back(AsRecovery(incident, now));
    }
  }
  return Ok();
}

// True when the monitor stands where an incident should be open.
bool IsFailing(const service::Context& context, const model::Monitor& monitor,
               std::optional<model::MonitorState>& state) {
  if (!monitor.active || !monitor.auto_incident.enabled) return false;
  state = context.intake.states().Find(monitor.id);
  return state && state->failures >= monitor.auto_incident.failure_threshold &&
         state->doubted_at == Timestamp{} && !state->unreachable;
}

}  // namespace

Status FollowIncidents(Batch& batch, const model::Event& event) {
  if (event.kind == model::kMonitorFailing) {
    Failure failure;
    failure.monitor = model::MonitorId(event.data.IntOr("monitor", 0));
    failure.failures = static_cast<int>(event.data.IntOr("failures", 0));
    failure.at = FromUnixMicros(event.data.IntOr("at", ToUnixMicros(event.at)));
    failure.cause = event.data.StringOr("cause", "");
    return Consider(batch, failure);
  }
  const bool is_late =
      event.kind == model::kMonitorNotice && event.data.StringOr("notice", "") == "late";
  if (event.kind != model::kMonitorTransition && !is_late) return Ok();
  const TransitionEvent transition = ReadTransition(event);
  const Change& change = transition.change;
  if (change.to == model::Status::kUp) {
    return Recover(batch, event.org, transition.monitor, change.at);
  }
  if (change.to != model::Status::kDown) return Ok();
  return Consider(batch, {transition.monitor, change.failures, change.at, change.cause});
}

Result<Overdue> FindOverdue(const service::Context& context, Timestamp now) {
  Overdue overdue;
  PHAROS_ASSIGN_OR_RETURN(const auto session, context.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto organisations, context.store.organisations().List(*session));
  for (const model::Organisation& org : organisations) {
    PHAROS_RETURN_IF_ERROR(FindRecovered(context, *session, org.id, now, overdue.well));
  }
  for (const store::MonitorPtr& monitor : context.directory.ListAll()) {
    std::optional<model::MonitorState> state;
    if (!IsFailing(context, *monitor, state)) continue;
    PHAROS_ASSIGN_OR_RETURN(const auto latest, context.store.incidents().FindLatestOfCause(
                                                   *session, monitor->org, monitor->id));
    if (latest && IsOpen(*latest)) continue;
    model::Event event = AsEvent(monitor->org, monitor->id, model::kMonitorFailing, now);
    event.data.Set("failures", state->failures);
    event.data.Set("cause", state->message);
    overdue.failing.push_back(std::move(event));
  }
  return overdue;
}

}  // namespace pharos::automation
