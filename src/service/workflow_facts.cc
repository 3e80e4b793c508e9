#include "service/workflow_facts.h"

#include <utility>

#include "model/incident_words.h"
#include "store/incident_store.h"
#include "store/monitor_directory.h"

namespace pharos::service {
namespace {

using model::Status;

// Sets "service" to the first service and "services" to the names of all.
void AddServices(const Context& context, const model::Incident& incident, Value& facts) {
  Value::List names;
  for (const model::IncidentImpact& impact : incident.impacts) {
    store::MonitorPtr monitor = context.directory.Find(impact.monitor);
    if (monitor != nullptr && monitor->kind != "manual" && monitor->service.IsSet()) {
      monitor = context.directory.Find(monitor->service);
    }
    if (monitor == nullptr || monitor->kind != "manual") continue;
    if (names.empty()) {
      Value service;
      service.Set("id", monitor->uid);
      service.Set("name", monitor->name);
      facts.Set("service", std::move(service));
    }
    names.push_back(monitor->name);
  }
  facts.Set("services", std::move(names));
}

Result<std::optional<WorkflowCause>> OfIncident(const Context& context, store::Session& session,
                                                const model::Event& event) {
  const model::IncidentId id(event.data.IntOr("incident", 0));
  PHAROS_ASSIGN_OR_RETURN(const auto incident,
                          context.store.incidents().Find(session, event.org, id));
  if (!incident) return std::optional<WorkflowCause>();
  WorkflowCause cause;
  cause.trigger = event.kind;
  cause.by_workflow = incident->source == model::IncidentSource::kWorkflow;
  Value about;
  about.Set("id", incident->uid);
  about.Set("title", incident->title);
  about.Set("status", model::StateName(incident->state));
  about.Set("severity", model::SeverityName(incident->severity));
  about.Set("visibility", incident->draft ? "draft" : "public");
  cause.facts.Set("title", incident->title);
  cause.facts.Set("status", model::StateName(incident->state));
  cause.facts.Set("severity", model::SeverityName(incident->severity));
  cause.facts.Set("incident", std::move(about));
  AddServices(context, *incident, cause.facts);
  return std::optional(std::move(cause));
}

std::string TriggerOf(const model::Monitor& monitor, Status from, Status to) {
  if (monitor.kind == "manual") return from == Status::kNoData ? "" : "service.status_changed";
  if (monitor.kind == "heartbeat") return to == Status::kDown ? "heartbeat.missed" : "";
  if (to == Status::kDown) return "uptime.down";
  if (from == Status::kDown && (to == Status::kUp || to == Status::kDegraded)) {
    return "uptime.recovered";
  }
  return "";
}

std::optional<WorkflowCause> OfTransition(const Context& context, const model::Event& event) {
  const auto monitor = context.directory.Find(model::MonitorId(event.data.IntOr("monitor", 0)));
  if (monitor == nullptr) return std::nullopt;
  const std::string from = event.data.StringOr("from", "");
  const std::string to = event.data.StringOr("to", "");
  WorkflowCause cause;
  cause.trigger = TriggerOf(*monitor, model::ParseStatus(from).value_or(Status::kNoData),
                            model::ParseStatus(to).value_or(Status::kNoData));
  if (cause.trigger.empty()) return std::nullopt;
  Value about;
  about.Set("id", monitor->uid);
  about.Set("name", monitor->name);
  about.Set("status", to);
  cause.facts.Set("title", monitor->name);
  cause.facts.Set("status", to);
  cause.facts.Set("previous_status", from);
  cause.facts.Set("new_status", to);
  cause.facts.Set("message", event.data.StringOr("cause", ""));
  if (monitor->kind == "manual") {
    cause.facts.Set("service", std::move(about));
  } else {
    cause.facts.Set("monitor", std::move(about));
    if (const auto service = context.directory.Find(monitor->service)) {
      Value linked;
      linked.Set("id", service->uid);
      linked.Set("name", service->name);
      cause.facts.Set("service", std::move(linked));
    }
  }
  return cause;
}

WorkflowCause OfAlert(const model::Event& event) {
  WorkflowCause cause;
  cause.trigger = event.kind;
  Value about;
  about.Set("id", event.data.StringOr("alert", ""));
  about.Set("title", event.data.StringOr("title", ""));
  about.Set("severity", event.data.StringOr("severity", ""));
  about.Set("source", event.data.StringOr("source", ""));
  cause.facts.Set("title", event.data.StringOr("title", ""));
  cause.facts.Set("severity", event.data.StringOr("severity", ""));
  cause.facts.Set("alert", std::move(about));
  return cause;
}

}  // namespace

Result<std::optional<WorkflowCause>> CauseOf(const Context& context, store::Session& session,
                                             const model::Event& event) {
  if (event.kind == model::kIncidentCreated || event.kind == model::kIncidentUpdated ||
      event.kind == model::kIncidentResolved || event.kind == model::kIncidentPublished) {
    return OfIncident(context, session, event);
  }
  if (event.kind == model::kMonitorTransition) return OfTransition(context, event);
  std::optional<WorkflowCause> cause;
  if (event.kind == model::kAlertFired || event.kind == model::kAlertResolved) {
    cause = OfAlert(event);
  } else if (event.kind == model::kErrorThresholdExceeded) {
    cause.emplace();
    cause->trigger = "error_threshold_exceeded";
    cause->facts = event.data;
    cause->facts.Set("title", "Error threshold exceeded");
  }
  const std::string service = event.data.StringOr("service", "");
  if (cause && !service.empty()) {
    Value about;
    about.Set("name", service);
    for (const auto& monitor : context.directory.List(event.org)) {
      if (monitor->kind == "manual" && monitor->name == service) about.Set("id", monitor->uid);
    }
    cause->facts.Set("service", std::move(about));
  }
  return cause;
}

}  // namespace pharos::service
