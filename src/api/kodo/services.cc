#include "api/kodo/services.h"

#include <algorithm>
#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/maintenance.h"
#include "api/kodo/shapes_core.h"
#include "api/kodo/words.h"
#include "base/text.h"
#include "service/maintenances.h"

namespace pharos::api::kodo {
namespace {

constexpr std::string_view kWhat = "Service";

void PrintService(JsonWriter& json, const Call& call, const model::Monitor& service,
                  model::Status status) {
  const auto state = call.services.monitors.StateOf(service);
  const Timestamp moved = state ? state->shown_since : Timestamp{};
  json.BeginObject();
  PutText(json, "id", service.uid);
  PutText(json, "name", service.name);
  PutTextOrNull(json, "description", service.description);
  PutText(json, "status", ServiceWord(status));
  json.Key("display_order").Int(service.position);
  PutTextOrNull(json, "group", service.category);
  PutTime(json, "created_at", service.created_at);
  PutTime(json, "updated_at", std::max(service.updated_at, moved));
  json.EndObject();
}

Result<std::string> OneService(const Call& call, const model::Monitor& service) {
  PHAROS_ASSIGN_OR_RETURN(const auto running, RunningMaintenance::Load(call));
  std::string out;
  JsonWriter json(out);
  PrintService(json, call, service, StatusOfService(call, service, running));
  return out;
}

// Everything but the status, which is reported, not stored.
void ApplyBody(const Value& body, model::Monitor& service) {
  if (auto name = TextOf(body, "name")) service.name = std::string(Trim(*name));
  Assign(service.description, TextOf(body, "description"));
  Assign(service.category, TextOf(body, "group"));
  if (const auto order = IntOf(body, "display_order")) {
    service.position = static_cast<int>(*order);
  }
}

std::optional<model::Status> StatusOfBody(const Value& body) {
  const auto word = TextOf(body, "status");
  return word ? ParseServiceWord(*word) : std::nullopt;
}

Status Report(const Call& call, const model::Monitor& service, model::Status status) {
  return call.services.monitors.ReportStatus(*call.who, service, status, "Set through the API");
}

}  // namespace

Result<RunningMaintenance> RunningMaintenance::Load(const Call& call) {
  RunningMaintenance running;
  service::OccurrenceQuery query;
  query.ends_from = call.clock.Now();
  query.states = {model::OccurrenceState::kScheduled, model::OccurrenceState::kReady,
                  model::OccurrenceState::kOngoing};
  PHAROS_ASSIGN_OR_RETURN(const auto occurrences,
                          call.services.maintenances.Occurrences(*call.who, query));
  for (const model::Occurrence& occurrence : occurrences) {
    if (!IsRunning(occurrence, call.clock.Now())) continue;
    const auto found = call.services.maintenances.Get(*call.who, occurrence.maintenance);
    if (!found || !found->active) continue;
    for (const model::IncidentImpact& impact : found->impacts) {
      running.monitors_.insert(impact.monitor);
    }
  }
  return running;
}

model::Status StatusOfService(const Call& call, const model::Monitor& service,
                              const RunningMaintenance& running) {
  if (running.Covers(service.id)) return model::Status::kMaintenance;
  const auto state = call.services.monitors.StateOf(service);
  if (!state) return model::Status::kUp;
  // What a maintenance that is over left behind counts no more than until the next minute.
  return state->shown == model::Status::kMaintenance ? state->observed : state->shown;
}

Result<std::string> ListServiceObjects(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto running, RunningMaintenance::Load(call));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("services").BeginList();
  for (const service::MonitorPtr& service : ListServices(call)) {
    PrintService(json, call, *service, StatusOfService(call, *service, running));
  }
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateService(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(ServiceBody(), call.body));
  model::Monitor draft;
  draft.kind = std::string(kServiceKind);
  // A status holds until the next one comes, and history goes on meanwhile.
  draft.spec.Set("repeat_last", true);
  draft.schedule.kind = model::Schedule::Kind::kCron;
  draft.schedule.cron = "* * * * *";
  ApplyBody(call.body, draft);
  draft.tag = call.services.monitors.FreeTag(*call.who, draft.name);
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr made,
                          call.services.monitors.Create(*call.who, std::move(draft)));
  const model::Status status = StatusOfBody(call.body).value_or(model::Status::kUp);
  PHAROS_RETURN_IF_ERROR(Report(call, *made, status));
  return OneService(call, *made);
}

Result<std::string> GetService(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto service, OfPath(call, kServiceKind, kWhat));
  return OneService(call, *service);
}

Result<std::string> UpdateService(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckChange(ServiceBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(const auto service, OfPath(call, kServiceKind, kWhat));
  const auto change = [&](model::Monitor& stored) -> Status {
    ApplyBody(call.body, stored);
    return Ok();
  };
  Result<service::MonitorPtr> changed =
      call.services.monitors.Update(*call.who, service->tag, change);
  if (!changed) return NotFoundAs(std::move(changed).error(), kWhat);
  if (const auto status = StatusOfBody(call.body)) {
    PHAROS_RETURN_IF_ERROR(Report(call, **changed, *status));
  }
  return OneService(call, **changed);
}

Result<std::string> DeleteService(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto service, OfPath(call, kServiceKind, kWhat));
  for (const service::MonitorPtr& other : call.services.monitors.List(*call.who)) {
    if (other->service != service->id) continue;
    const auto unlink = [&](model::Monitor& stored) -> Status {
      if (stored.service == service->id) stored.service = {};
      return Ok();
    };
    const auto unlinked = call.services.monitors.Update(*call.who, other->tag, unlink);
    // Gone meanwhile is as good as unlinked.
    if (!unlinked && unlinked.error().kind != ErrorKind::kNotFound) return unlinked.error();
  }
  if (Status gone = call.services.monitors.Delete(*call.who, service->tag); !gone) {
    return NotFoundAs(std::move(gone).error(), kWhat);
  }
  return std::string(kSuccess);
}

}  // namespace pharos::api::kodo
