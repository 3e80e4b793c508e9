#include "automation/service_status.h"

#include <set>
#include <string>
#include <utility>

#include "automation/transition_event.h"
#include "base/crypto.h"
#include "model/event.h"
#include "model/principal.h"
#include "service/monitors.h"
#include "store/event_store.h"
#include "store/monitor_directory.h"
#include "store/record_store.h"

namespace pharos::automation {
namespace {

using model::Status;

constexpr const char* kFollowedKind = "manual";

// What runs out: a certificate or a registration. Down means that little time is left, or none.
std::optional<Status> RunningOut(const model::MonitorState& state) {
  if (state.shown != Status::kDown) return Status::kUp;
  const char* member = state.facts.Find("certificate") != nullptr ? "certificate" : "registration";
  const Value* facts = state.facts.Find(member);
  if (facts == nullptr || !facts->IsObject()) return Status::kDown;
  const bool has_time = facts->IntOr("days_until_expiry", -1) >= 0;
  return has_time && facts->BoolOr("is_valid", true) ? Status::kDegraded : Status::kDown;
}

std::string KeyOf(model::MonitorId service) { return std::to_string(service.value()); }

Result<std::optional<model::Record>> FindRecord(store::Store& store, store::Session& session,
                                                model::OrgId org, model::MonitorId service) {
  return store.records().FindByKey(session, org, ServiceFollower::kCollection, KeyOf(service));
}

pharos::Status Remember(store::Store& store, store::Transaction& tx, model::OrgId org,
                        model::MonitorId service, Status status, Timestamp now) {
  PHAROS_ASSIGN_OR_RETURN(auto record, FindRecord(store, tx, org, service));
  Value data;
  data.Set("status", model::StatusName(status));
  if (record) {
    record->data = std::move(data);
    record->updated_at = now;
    return store.records().Update(tx, *record);
  }
  model::Record fresh;
  fresh.org = org;
  fresh.collection = ServiceFollower::kCollection;
  fresh.uid = RandomUuid();
  fresh.key = KeyOf(service);
  fresh.data = std::move(data);
  fresh.created_at = fresh.updated_at = now;
  const auto stored = store.records().Insert(tx, std::move(fresh));
  if (!stored) return Error(stored.error());
  return Ok();
}

// The board of states moves a moment after the commit that wrote the event.
void BringUpTo(const Change& change, std::optional<model::MonitorState>& state) {
  if (!state) state.emplace();
  if (state->transitions < change.ordinal) state->shown = change.to;
}

}  // namespace

std::optional<Status> ServiceStatusOf(const model::Monitor& monitor,
                                      const model::MonitorState& state) {
  if (!monitor.active || state.shown == Status::kNoData || state.shown == Status::kMaintenance) {
    return std::nullopt;
  }
  // Its parents may be to blame; a notice comes when they are not.
  if (state.doubted_at != Timestamp{}) return std::nullopt;
  if (monitor.kind == "tls" || monitor.kind == "domain") return RunningOut(state);
  return state.shown;
}

std::optional<Status> WorstOf(const std::vector<std::optional<Status>>& parts) {
  std::optional<Status> worst;
  for (const std::optional<Status>& part : parts) {
    if (part && (!worst || model::Severity(*part) > model::Severity(*worst))) worst = part;
  }
  return worst;
}

ServiceFollower::Parts ServiceFollower::PartsOf(const std::vector<model::Event>& events) const {
  Parts parts;
  std::set<model::OrgId> organisations;
  std::map<model::MonitorId, Change> latest;
  for (const model::Event& event : events) {
    if (event.kind != model::kMonitorTransition && event.kind != model::kMonitorNotice) continue;
    TransitionEvent transition = ReadTransition(event);
    const auto monitor = context_.directory.Find(transition.monitor);
    if (monitor == nullptr || !monitor->service.IsSet()) continue;
    parts.try_emplace({monitor->org, monitor->service});
    organisations.insert(monitor->org);
    latest[monitor->id] = std::move(transition.change);
  }
  for (const model::OrgId org : organisations) {
    for (const store::MonitorPtr& monitor : context_.directory.List(org)) {
      const auto part = parts.find({org, monitor->service});
      if (part == parts.end()) continue;
      auto state = context_.intake.states().Find(monitor->id);
      if (const auto change = latest.find(monitor->id); change != latest.end()) {
        BringUpTo(change->second, state);
      }
      if (state) part->second.push_back(ServiceStatusOf(*monitor, *state));
    }
  }
  return parts;
}

Result<std::optional<ServiceFollower::Report>> ServiceFollower::Judge(
    const Followed& followed, std::optional<Status> now) const {
  if (!now) return std::optional<Report>();
  PHAROS_ASSIGN_OR_RETURN(const auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto record,
                          FindRecord(context_.store, *session, followed.org, followed.service));
  // A service begins operational: the first good news changes nothing.
  const Status before =
      record ? model::ParseStatus(record->data.StringOr("status", "")).value_or(Status::kUp)
             : Status::kUp;
  if (before == *now) return std::optional<Report>();
  return std::optional<Report>(Report{followed, *now});
}

Result<bool> ServiceFollower::Step() {
  std::vector<model::Event> events;
  {
    PHAROS_ASSIGN_OR_RETURN(const auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(const model::EventId place,
                            context_.store.events().PlaceOf(*session, kReader));
    PHAROS_ASSIGN_OR_RETURN(events, context_.store.events().ListAfter(*session, place, kBatch));
  }
  if (events.empty()) return false;
  std::vector<Report> reports;
  service::MonitorService monitors(context_);
  for (const auto& [followed, parts] : PartsOf(events)) {
    const store::MonitorPtr service = context_.directory.Find(followed.service);
    if (service == nullptr || service->kind != kFollowedKind) continue;
    PHAROS_ASSIGN_OR_RETURN(const std::optional<Report> report, Judge(followed, WorstOf(parts)));
    if (!report) continue;
    model::Principal ourselves;
    ourselves.org = followed.org;
    ourselves.name = "system";
    PHAROS_RETURN_IF_ERROR(
        monitors.ReportStatus(ourselves, *service, report->status, "follows its monitors"));
    reports.push_back(*report);
  }
  const Timestamp now = context_.clock.Now();
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> pharos::Status {
    for (const Report& report : reports) {
      PHAROS_RETURN_IF_ERROR(Remember(context_.store, tx, report.followed.org,
                                      report.followed.service, report.status, now));
    }
    return context_.store.events().SetPlace(tx, kReader, events.back().id);
  }));
  return static_cast<int>(events.size()) == kBatch;
}

}  // namespace pharos::automation
