#include "automation/event_pump.h"

#include <utility>

#include "automation/auto_incidents.h"
#include "automation/deliveries.h"
#include "base/log.h"
#include "notices/notices.h"
#include "service/incidents.h"
#include "service/organisations.h"
#include "store/event_store.h"

namespace pharos::automation {
namespace {

// Troubles of the store or the moment: the event is not to blame.
bool MayPass(ErrorKind kind) {
  return kind == ErrorKind::kUnavailable || kind == ErrorKind::kTimeout ||
         kind == ErrorKind::kInternal;
}

}  // namespace

EventPump::EventPump(const service::Context& context,
                     std::vector<service::EventListener*> listeners, Metrics& metrics)
    : context_(context),
      listeners_(std::move(listeners)),
      reacted_(metrics.GetCounter("pharos_automation_events_total",
                                  "Events of the outbox, by outcome", {{"outcome", "reacted"}})),
      skipped_(metrics.GetCounter("pharos_automation_events_total",
                                  "Events of the outbox, by outcome", {{"outcome", "skipped"}})) {}

Result<bool> EventPump::Step() {
  model::EventId place;
  std::vector<model::Event> events;
  {
    PHAROS_ASSIGN_OR_RETURN(const auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(place, context_.store.events().PlaceOf(*session, kReader));
    PHAROS_ASSIGN_OR_RETURN(events, context_.store.events().ListAfter(*session, place, limit_));
  }
  if (events.empty()) return false;
  Told told;
  if (const Status status = React(events, place, told); !status) {
    if (MayPass(status.error().kind)) return status.error();
    if (events.size() > 1) {  // one of them fails: take them one by one
      limit_ = 1;
      return true;
    }
    if (++strikes_ < kMaxStrikes) return status.error();
    PHAROS_RETURN_IF_ERROR(GiveUp(events.front(), place, status.error()));
    return true;
  }
  strikes_ = 0;
  const bool more = static_cast<int>(events.size()) == limit_;
  limit_ = kBatch;
  reacted_.Add(static_cast<double>(events.size()));
  Announce(told);
  return more;
}

Result<std::map<model::OrgId, Value>> EventPump::SettingsOf(
    const std::vector<model::Event>& events) const {
  const service::OrganisationService organisations(context_);
  std::map<model::OrgId, Value> settings;
  for (const model::Event& event : events) {
    if (settings.contains(event.org)) continue;
    PHAROS_ASSIGN_OR_RETURN(settings[event.org], organisations.Settings(event.org));
  }
  return settings;
}

Status EventPump::React(const std::vector<model::Event>& events, model::EventId from, Told& told) {
  PHAROS_ASSIGN_OR_RETURN(const auto settings, SettingsOf(events));
  const Timestamp now = context_.clock.Now();
  return context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(const model::EventId place,
                            context_.store.events().PlaceOf(tx, kReader));
    if (place != from) return Error::Unavailable("another process reacts to events", 1);
    Batch batch{context_, tx, now, settings};
    for (const model::Event& event : events) {
      PHAROS_RETURN_IF_ERROR(ReactToOne(batch, event));
    }
    PHAROS_RETURN_IF_ERROR(context_.store.events().SetPlace(tx, kReader, events.back().id));
    told = {std::move(batch.incidents_of), std::move(batch.deliveries_of)};
    return Ok();
  });
}

// Incidents first, so that the message about a failure can name the incident that it opened.
Status EventPump::ReactToOne(Batch& batch, const model::Event& event) {
  PHAROS_RETURN_IF_ERROR(FollowIncidents(batch, event));
  PHAROS_RETURN_IF_ERROR(QueueDeliveries(batch, event));
  for (service::EventListener* listener : listeners_) {
    PHAROS_RETURN_IF_ERROR(listener->OnEvent(batch.tx, event));
  }
  return Ok();
}

Status EventPump::GiveUp(const model::Event& event, model::EventId from, const Error& error) {
  LogError("an event could not be reacted to and is skipped", error,
           {{"event", event.id.value()}, {"what", event.kind}});
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(const model::EventId place,
                            context_.store.events().PlaceOf(tx, kReader));
    if (place != from) return Error::Unavailable("another process reacts to events", 1);
    return context_.store.events().SetPlace(tx, kReader, event.id);
  }));
  strikes_ = 0;
  limit_ = kBatch;
  skipped_.Add();
  return Ok();
}

Status EventPump::Sweep() {
  PHAROS_ASSIGN_OR_RETURN(const Overdue overdue, FindOverdue(context_, context_.clock.Now()));
  if (overdue.IsEmpty()) return Ok();
  PHAROS_ASSIGN_OR_RETURN(auto settings, SettingsOf(overdue.failing));
  const Timestamp now = context_.clock.Now();
  Told told;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    Batch batch{context_, tx, now, settings};
    for (const auto* list : {&overdue.well, &overdue.failing}) {
      for (const model::Event& event : *list) {
        PHAROS_RETURN_IF_ERROR(FollowIncidents(batch, event));
      }
    }
    told = {std::move(batch.incidents_of), std::move(batch.deliveries_of)};
    return Ok();
  }));
  Announce(told);
  return Ok();
}

void EventPump::Announce(const Told& told) {
  for (const model::OrgId org : told.incidents_of) {
    if (const Status status = service::AnnounceIncidents(context_, org); !status) {
      LogError("the overlays were not refreshed", status.error());
    }
  }
  std::vector<notices::Notice> hints;
  for (const model::OrgId org : told.deliveries_of) {
    hints.push_back({notices::Notice::Kind::kDelivery, org, model::MonitorId()});
  }
  if (!hints.empty()) context_.notices.Publish(hints);
  for (service::EventListener* listener : listeners_) listener->OnCommitted();
}

}  // namespace pharos::automation
