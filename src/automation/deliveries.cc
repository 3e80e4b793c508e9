#include "automation/deliveries.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "automation/facts.h"
#include "automation/transition_event.h"
#include "model/delivery.h"
#include "store/delivery_store.h"
#include "store/incident_store.h"
#include "store/maintenance_store.h"
#include "store/monitor_directory.h"

namespace pharos::automation {
namespace {

using model::Channel;
using model::ChannelScope;
using model::Status;

enum class Topic : uint8_t { kMonitor, kIncident, kMaintenance, kOther };

// Something to tell, and what decides who hears of it.
struct News {
  Topic topic = Topic::kOther;
  std::vector<std::string> words;  // what it may be called; subscriptions take the first they know
  std::string dedup_key;
  std::vector<model::MonitorId> monitors;  // what it is about
  bool is_service = false;                 // a monitor that is a service
  bool for_people = true;                  // false: subscriptions alone hear of it
  bool for_linked = true;      // false: channels linked to a monitor hear of it in another way
  bool only_watchers = false;  // of a monitor: channels that hear of every change, and nobody else
  Value message;
};

bool Names(const Channel& channel, const std::vector<model::MonitorId>& monitors) {
  return std::any_of(monitors.begin(), monitors.end(), [&](model::MonitorId id) {
    return std::find(channel.monitors.begin(), channel.monitors.end(), id) !=
           channel.monitors.end();
  });
}

bool PeopleHear(const Channel& channel, const News& news) {
  switch (news.topic) {
    case Topic::kMonitor:
      return channel.scope == ChannelScope::kAllMonitors ||
             (channel.scope == ChannelScope::kLinked && !news.only_watchers &&
              Names(channel, news.monitors));
    case Topic::kIncident:
      if (!channel.on_incident) return false;
      return channel.scope == ChannelScope::kIncidents ||
             (channel.scope == ChannelScope::kLinked && news.for_linked &&
              Names(channel, news.monitors));
    case Topic::kMaintenance:
      return channel.scope == ChannelScope::kIncidents && channel.on_maintenance;
    case Topic::kOther:
      break;
  }
  return false;
}

// What the channel calls it; nullopt when it does not want to hear of it.
std::optional<std::string> WordFor(const Channel& channel, const News& news) {
  if (!channel.enabled) return std::nullopt;
  if (channel.scope != ChannelScope::kSubscription) {
    if (!news.for_people || !PeopleHear(channel, news)) return std::nullopt;
    return news.words.front();
  }
  if (news.only_watchers) return std::nullopt;
  // Formats that know services hear of them under that name alone (kodo.md 16.2).
  const bool knows_services = channel.config.StringOr("format", "") == "kodo";
  for (const std::string& word : news.words) {
    if (knows_services && news.is_service && word.starts_with("monitor.")) continue;
    if (std::find(channel.events.begin(), channel.events.end(), word) != channel.events.end()) {
      return word;
    }
  }
  return std::nullopt;
}

// `fill` adds the facts; it is called once, and only when somebody wants them.
pharos::Status Tell(Batch& batch, const model::Event& event, News news,
                    const std::function<pharos::Status(Value&)>& fill) {
  store::DeliveryStore& deliveries = batch.context.store.deliveries();
  if (!batch.channels.contains(event.org)) {
    PHAROS_ASSIGN_OR_RETURN(batch.channels[event.org],
                            deliveries.ListChannels(batch.tx, event.org));
  }
  bool filled = false;
  for (const Channel& channel : batch.channels[event.org]) {
    const std::optional<std::string> word = WordFor(channel, news);
    if (!word) continue;
    if (!filled) {
      news.message.Set("event", *word);
      news.message.Set("at", FormatIsoMillis(event.at));
      PHAROS_RETURN_IF_ERROR(AddSite(batch.context, batch.tx, event.org, news.message));
      PHAROS_RETURN_IF_ERROR(fill(news.message));
      filled = true;
    }
    model::Delivery delivery;
    delivery.org = event.org;
    delivery.channel = channel.id;
    delivery.event = *word;
    delivery.dedup_key = news.dedup_key;
    delivery.message = news.message;
    delivery.message.Set("event", *word);
    delivery.created_at = delivery.due_at = batch.now;
    PHAROS_RETURN_IF_ERROR(deliveries.Insert(batch.tx, delivery));
    batch.deliveries_of.insert(event.org);
  }
  return Ok();
}

std::string MonitorWord(Status to) {
  switch (to) {
    case Status::kUp:
      return "monitor.up";
    case Status::kDegraded:
    case Status::kPartialOutage:
      return "monitor.degraded";
    case Status::kDown:
      return "monitor.down";
    case Status::kMaintenance:
      return "monitor.maintenance";
    case Status::kNoData:
      break;
  }
  return "monitor.no_data";
}

// The incident that this monitor's failure opened, as far as it belongs to this change.
pharos::Status AddOwnIncident(Batch& batch, const model::Monitor& monitor, const Change& change,
                              Value& message) {
  PHAROS_ASSIGN_OR_RETURN(const auto incident, batch.context.store.incidents().FindLatestOfCause(
                                                   batch.tx, monitor.org, monitor.id));
  if (!incident) return Ok();
  const bool is_over = incident->state == model::IncidentState::kResolved;
  if (is_over && incident->ended_at != change.at) return Ok();
  message.Set("incident", IncidentFacts(batch.context, *incident, ""));
  return Ok();
}

pharos::Status TellTransition(Batch& batch, const model::Event& event) {
  const TransitionEvent transition = ReadTransition(event);
  const Change& change = transition.change;
  const store::MonitorPtr monitor = batch.context.directory.Find(transition.monitor);
  if (monitor == nullptr || change.to == Status::kNoData) return Ok();
  const bool is_service = monitor->kind == "manual";
  // A service tells every change that is one; a watched monitor what the rules call news.
  if (is_service ? change.from == Status::kNoData : !transition.alert) return Ok();
  News news;
  news.topic = Topic::kMonitor;
  news.is_service = is_service;
  if (is_service) news.words.push_back("service.status_changed");
  news.words.push_back(MonitorWord(change.to));
  // A notice "late" or "flapping" stands for the change itself.
  news.dedup_key = monitor->uid + "/" + std::to_string(change.ordinal) +
                   (transition.notice == "settled" ? "/settled" : "");
  news.monitors = {monitor->id};
  news.for_people = transition.alert;
  news.only_watchers =
      !is_service && (change.to == Status::kMaintenance ||
                      (change.from == Status::kMaintenance && change.to == Status::kUp));
  return Tell(batch, event, std::move(news), [&](Value& message) -> pharos::Status {
    message.Set("at", FormatIsoMillis(change.at));
    message.Set("monitor", MonitorFacts(*monitor, change));
    PHAROS_ASSIGN_OR_RETURN(Value check, CheckFacts(batch.context, batch.tx, *monitor, change));
    message.Set("check", std::move(check));
    Value facts;
    facts.Set("ordinal", change.ordinal);
    facts.Set("failures", change.failures);
    facts.Set("threshold", monitor->confirmation_threshold);
    message.Set("transition", std::move(facts));
    if (transition.notice == "flapping" || transition.notice == "settled") {
      Value flapping;
      flapping.Set("settled", transition.notice == "settled");
      flapping.Set("changes", transition.side_changes);
      message.Set("flapping", std::move(flapping));
    }
    return AddOwnIncident(batch, *monitor, change, message);
  });
}

// The text of the update that the event names, else of the newest one that is shown.
Result<std::string> UpdateText(Batch& batch, const model::Event& event,
                               const model::Incident& incident) {
  PHAROS_ASSIGN_OR_RETURN(const auto updates, batch.context.store.incidents().ListUpdates(
                                                  batch.tx, event.org, incident.id));
  const model::IncidentUpdateId named(event.data.IntOr("update", 0));
  std::string newest;
  for (const model::IncidentUpdate& update : updates) {
    if (update.hidden) continue;
    if (named.IsSet() && update.id == named) return update.text;
    if (newest.empty()) newest = update.text;
  }
  return newest;
}

pharos::Status TellIncident(Batch& batch, const model::Event& event) {
  const model::IncidentId id(event.data.IntOr("incident", 0));
  PHAROS_ASSIGN_OR_RETURN(const auto incident,
                          batch.context.store.incidents().Find(batch.tx, event.org, id));
  if (!incident || incident->draft) return Ok();
  const auto fill = [&](Value& message) -> pharos::Status {
    PHAROS_ASSIGN_OR_RETURN(const std::string text, UpdateText(batch, event, *incident));
    message.Set("incident", IncidentFacts(batch.context, *incident, text));
    return Ok();
  };
  News news;
  news.topic = Topic::kIncident;
  for (const model::IncidentImpact& impact : incident->impacts) {
    news.monitors.push_back(impact.monitor);
  }
  news.for_people = event.data.BoolOr("notify", true);
  // Who is linked to the monitor hears of its own change.
  news.for_linked = incident->source != model::IncidentSource::kMonitor &&
                    incident->source != model::IncidentSource::kHeartbeat;
  const bool is_published = event.kind == model::kIncidentPublished;
  if (event.kind == model::kIncidentCreated || is_published) {
    // To the world a draft begins when it is published. The key is the same for both events, so
    // that one that was published at once is told once.
    News created = news;
    created.words = {model::kIncidentCreated};
    created.dedup_key = incident->uid + "/created";
    PHAROS_RETURN_IF_ERROR(Tell(batch, event, std::move(created), fill));
    if (!is_published) return Ok();
    news.for_people = false;
  }
  // People hear of a resolution once: from the event of that name.
  if (event.kind == model::kIncidentUpdated && incident->state == model::IncidentState::kResolved) {
    news.for_people = false;
  }
  news.words = {event.kind};
  news.dedup_key = "event/" + std::to_string(event.id.value());
  return Tell(batch, event, std::move(news), fill);
}

bool PeopleAreTold(const model::Maintenance& maintenance, const std::string& kind) {
  if (kind == model::kMaintenanceStarted) return maintenance.notify_started;
  if (kind == model::kMaintenanceCompleted) return maintenance.notify_ended;
  return maintenance.notify_scheduled;
}

pharos::Status TellMaintenance(Batch& batch, const model::Event& event) {
  store::MaintenanceStore& store = batch.context.store.maintenances();
  const model::OccurrenceId occurrence_id(event.data.IntOr("occurrence", 0));
  PHAROS_ASSIGN_OR_RETURN(auto occurrence,
                          store.FindOccurrence(batch.tx, event.org, occurrence_id));
  model::MaintenanceId id(event.data.IntOr("maintenance", 0));
  if (occurrence && !id.IsSet()) id = occurrence->maintenance;
  PHAROS_ASSIGN_OR_RETURN(const auto maintenance, store.Find(batch.tx, event.org, id));
  if (!maintenance) return Ok();
  if (!occurrence) {
    occurrence.emplace();
    occurrence->maintenance = maintenance->id;
    occurrence->starts_at = maintenance->starts_at;
    occurrence->ends_at = maintenance->starts_at + maintenance->duration;
  }
  News news;
  news.topic = Topic::kMaintenance;
  news.words = {event.kind};
  news.dedup_key = "event/" + std::to_string(event.id.value());
  news.for_people = event.data.BoolOr("notify", true) && PeopleAreTold(*maintenance, event.kind);
  return Tell(batch, event, std::move(news), [&](Value& message) {
    message.Set("maintenance", MaintenanceFacts(batch.context, *maintenance, *occurrence));
    return Ok();
  });
}

pharos::Status TellOther(Batch& batch, const model::Event& event) {
  News news;
  news.words = {event.kind};
  news.dedup_key = "event/" + std::to_string(event.id.value());
  news.for_people = false;
  return Tell(batch, event, std::move(news), [&](Value& message) {
    message.Set("text", event.data.StringOr("title", event.kind));
    message.Set("data", event.data);
    return Ok();
  });
}

}  // namespace

pharos::Status QueueDeliveries(Batch& batch, const model::Event& event) {
  if (event.kind == model::kMonitorTransition || event.kind == model::kMonitorNotice) {
    return TellTransition(batch, event);
  }
  if (event.kind == model::kMonitorFailing) return Ok();
  if (event.kind.starts_with("incident.")) return TellIncident(batch, event);
  if (event.kind.starts_with("maintenance.")) return TellMaintenance(batch, event);
  return TellOther(batch, event);
}

}  // namespace pharos::automation
