#include "service/subscriber_messages.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "service/records.h"
#include "store/incident_store.h"
#include "store/maintenance_store.h"
#include "store/monitor_directory.h"
#include "store/organisation_store.h"
#include "store/page_store.h"

namespace pharos::service {
namespace {

using Topic = SubscriberNews::Topic;

constexpr std::string_view kMessages = "subscriber_messages";
constexpr size_t kMaxTextBytes = 1'000;

// A message before it is stored.
struct Draft {
  std::string key;  // of what is told once
  std::string title;
  std::string text;
  SubscriberNews news;
  std::vector<model::MonitorId> monitors;
};

std::string_view TopicName(Topic topic) {
  switch (topic) {
    case Topic::kIncident:
      return "incident";
    case Topic::kResolution:
      return "resolution";
    case Topic::kMaintenance:
      return "maintenance";
  }
  return "incident";
}

Topic ParseTopic(std::string_view name) {
  if (name == "resolution") return Topic::kResolution;
  return name == "maintenance" ? Topic::kMaintenance : Topic::kIncident;
}

void AddConcerned(const Context& context, const std::vector<model::IncidentImpact>& impacts,
                  Draft& draft) {
  for (const model::IncidentImpact& impact : impacts) {
    store::MonitorPtr monitor = context.directory.Find(impact.monitor);
    if (monitor == nullptr) continue;
    draft.monitors.push_back(monitor->id);
    if (monitor->kind != "manual" && monitor->service.IsSet()) {
      monitor = context.directory.Find(monitor->service);
      if (monitor != nullptr) draft.monitors.push_back(monitor->id);
    }
    if (monitor != nullptr) draft.news.services.push_back(monitor->uid);
  }
}

Result<std::optional<Draft>> OfIncident(const Context& context, store::Transaction& tx,
                                        const model::Event& event) {
  const std::optional<Draft> nothing;
  const model::IncidentId id(event.data.IntOr("incident", 0));
  PHAROS_ASSIGN_OR_RETURN(const auto incident, context.store.incidents().Find(tx, event.org, id));
  if (!incident || incident->draft || !event.data.BoolOr("notify", true)) return nothing;
  const bool resolved = incident->state == model::IncidentState::kResolved;
  // A resolving change comes as two events; people hear of it once.
  if (event.kind == model::kIncidentUpdated && resolved) return nothing;
  Draft draft;
  const bool is_new =
      event.kind == model::kIncidentCreated || event.kind == model::kIncidentPublished;
  draft.key = is_new ? incident->uid + "/created" : "event/" + std::to_string(event.id.value());
  draft.title = (resolved ? "Resolved: " : is_new ? "" : "Update: ") + incident->title;
  draft.news.topic = resolved ? Topic::kResolution : Topic::kIncident;
  draft.news.critical = incident->severity == model::IncidentSeverity::kCritical;
  AddConcerned(context, incident->impacts, draft);
  PHAROS_ASSIGN_OR_RETURN(const auto updates,
                          context.store.incidents().ListUpdates(tx, event.org, incident->id));
  for (const model::IncidentUpdate& update : updates) {
    if (update.hidden) continue;
    draft.text = Ellipsize(update.text, kMaxTextBytes);
    break;
  }
  return std::optional(std::move(draft));
}

Result<std::optional<Draft>> OfMaintenance(const Context& context, store::Transaction& tx,
                                           const model::Event& event) {
  const std::optional<Draft> nothing;
  const model::MaintenanceId id(event.data.IntOr("maintenance", 0));
  PHAROS_ASSIGN_OR_RETURN(const auto maintenance,
                          context.store.maintenances().Find(tx, event.org, id));
  if (!maintenance) return nothing;
  const bool started = event.kind == model::kMaintenanceStarted;
  const bool ended = event.kind == model::kMaintenanceCompleted;
  const bool wanted = started ? maintenance->notify_started
                      : ended ? maintenance->notify_ended
                              : maintenance->notify_scheduled;
  if (!wanted || !event.data.BoolOr("notify", true)) return nothing;
  Draft draft;
  draft.key = "event/" + std::to_string(event.id.value());
  draft.title = (started ? "Maintenance started: "
                 : ended ? "Maintenance completed: "
                         : "Maintenance planned: ") +
                maintenance->title;
  draft.text = Ellipsize(maintenance->description.value_or(std::string()), kMaxTextBytes);
  draft.news.topic = Topic::kMaintenance;
  AddConcerned(context, maintenance->impacts, draft);
  return std::optional(std::move(draft));
}

Result<std::optional<Draft>> DraftOf(const Context& context, store::Transaction& tx,
                                     const model::Event& event) {
  if (event.kind == model::kIncidentCreated || event.kind == model::kIncidentUpdated ||
      event.kind == model::kIncidentResolved || event.kind == model::kIncidentPublished) {
    return OfIncident(context, tx, event);
  }
  if (event.kind == model::kMaintenanceScheduled || event.kind == model::kMaintenanceStarted ||
      event.kind == model::kMaintenanceCompleted) {
    return OfMaintenance(context, tx, event);
  }
  return std::optional<Draft>();
}

// Pages on which the news appear.
Result<Value::List> PagesOf(store::Store& store, store::Transaction& tx, model::OrgId org,
                            const std::vector<model::MonitorId>& monitors) {
  PHAROS_ASSIGN_OR_RETURN(const auto pages, store.pages().List(tx, org));
  Value::List uids;
  for (const model::Page& page : pages) {
    const bool shows =
        monitors.empty() || page.all_monitors ||
        std::any_of(monitors.begin(), monitors.end(), [&](model::MonitorId id) {
          return std::find(page.monitors.begin(), page.monitors.end(), id) != page.monitors.end();
        });
    if (shows) uids.push_back(page.uid);
  }
  return uids;
}

bool Lists(const Value& data, std::string_view name, const std::string& wanted) {
  const Value* list = data.Find(name);
  return list != nullptr && list->IsList() &&
         std::find(list->AsList().begin(), list->AsList().end(), Value(wanted)) !=
             list->AsList().end();
}

}  // namespace

bool WantsToHear(const SubscriberPreferences& preferences, const SubscriberNews& news) {
  if (news.topic == Topic::kMaintenance && !preferences.maintenance) return false;
  if (news.topic == Topic::kResolution && !preferences.resolutions) return false;
  if (news.topic != Topic::kMaintenance && preferences.critical_only && !news.critical) {
    return false;
  }
  if (!preferences.services.empty() && !news.services.empty()) {
    return std::any_of(news.services.begin(), news.services.end(), [&](const std::string& uid) {
      const auto& wanted = preferences.services;
      return std::find(wanted.begin(), wanted.end(), uid) != wanted.end();
    });
  }
  return preferences.all_incidents || preferences.critical_only || !preferences.services.empty() ||
         news.topic == Topic::kMaintenance;
}

Status SubscriberMessages::OnEvent(store::Transaction& tx, const model::Event& event) {
  auto& records = context_.store.records();
  PHAROS_ASSIGN_OR_RETURN(const auto draft, DraftOf(context_, tx, event));
  if (!draft) return Ok();
  PHAROS_ASSIGN_OR_RETURN(const int64_t subscribers,
                          records.Count(tx, event.org, kSubscriberCollection));
  if (subscribers == 0) return Ok();
  PHAROS_ASSIGN_OR_RETURN(const auto known,
                          records.FindByKey(tx, event.org, kMessages, draft->key));
  PHAROS_ASSIGN_OR_RETURN(const int64_t queued, records.Count(tx, event.org, kMessages));
  if (known || queued >= kMaxQueued) return Ok();
  PHAROS_ASSIGN_OR_RETURN(Value::List pages,
                          PagesOf(context_.store, tx, event.org, draft->monitors));
  Value data;
  data.Set("title", draft->title);
  data.Set("text", draft->text);
  data.Set("topic", TopicName(draft->news.topic));
  data.Set("critical", draft->news.critical);
  Value::List services;
  for (const std::string& uid : draft->news.services) services.push_back(uid);
  data.Set("services", std::move(services));
  data.Set("pages", std::move(pages));
  data.Set("offset", 0);
  model::Record record = NewRecord(event.org, kMessages, std::move(data), context_.clock.Now());
  record.key = draft->key;
  PHAROS_RETURN_IF_ERROR(records.Insert(tx, std::move(record)));
  return Ok();
}

void SubscriberMessages::OnCommitted() {
  if (Status done = Step(); !done) LogError("subscribers.step_failed", done.error());
}

struct SubscriberMessages::Batch {
  model::Record message;
  std::vector<Subscriber> subscribers;
};

Status SubscriberMessages::Step() {
  std::vector<std::pair<model::OrgId, std::string>> due;
  {
    PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(const auto organisations,
                            context_.store.organisations().List(*session));
    for (const model::Organisation& organisation : organisations) {
      PHAROS_ASSIGN_OR_RETURN(
          const auto messages,
          context_.store.records().List(*session, organisation.id, kMessages, {.limit = 20}));
      for (const model::Record& one : messages) due.emplace_back(organisation.id, one.uid);
    }
  }
  for (const auto& [org, uid] : due) {
    PHAROS_ASSIGN_OR_RETURN(const auto batch, TakeBatch(org, uid));
    if (batch) PHAROS_RETURN_IF_ERROR(Send(*batch));
  }
  return Ok();
}

// Notes how far it came before anything is sent: twice is worse than not at all.
Result<std::optional<SubscriberMessages::Batch>> SubscriberMessages::TakeBatch(
    model::OrgId org, const std::string& message) {
  auto& records = context_.store.records();
  std::optional<Batch> batch;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    batch.reset();
    PHAROS_ASSIGN_OR_RETURN(auto record, records.Find(tx, org, kMessages, message));
    if (!record) return Ok();
    const int offset = static_cast<int>(record->data.IntOr("offset", 0));
    PHAROS_ASSIGN_OR_RETURN(const auto rows, records.List(tx, org, kSubscriberCollection,
                                                          {.limit = kBatch, .offset = offset}));
    batch.emplace();
    batch->message = *record;
    for (const model::Record& row : rows) batch->subscribers.push_back(SubscriberOf(row));
    if (rows.size() < static_cast<size_t>(kBatch)) {
      return records.Delete(tx, org, kMessages, message);
    }
    record->data.Set("offset", offset + kBatch);
    record->updated_at = context_.clock.Now();
    return records.Update(tx, *record);
  }));
  return batch;
}

Status SubscriberMessages::Send(const Batch& batch) {
  const model::OrgId org = batch.message.org;
  const Value& data = batch.message.data;
  SubscriberNews news;
  news.topic = ParseTopic(data.StringOr("topic", ""));
  news.critical = data.BoolOr("critical", false);
  if (const Value* services = data.Find("services"); services != nullptr && services->IsList()) {
    for (const Value& uid : services->AsList()) news.services.push_back(uid.AsString());
  }
  PHAROS_ASSIGN_OR_RETURN(const auto phone, FindLender(context_, org, Contact::kPhone));
  PHAROS_ASSIGN_OR_RETURN(const auto mail, FindLender(context_, org, Contact::kMail));
  for (const Subscriber& subscriber : batch.subscribers) {
    const auto& lender = subscriber.contact == Contact::kPhone ? phone : mail;
    if (!lender || !subscriber.verified) continue;
    if (!subscriber.page.empty() && !Lists(data, "pages", subscriber.page)) continue;
    if (!WantsToHear(subscriber.preferences, news)) continue;
    send_(lender->kind, ConfigFor(*lender, subscriber),
          PlainMessage(org, "subscriber.message", batch.message.uid + "/" + subscriber.uid,
                       data.StringOr("title", ""),
                       data.StringOr("title", "") + "\n\n" + data.StringOr("text", ""),
                       context_.clock.Now()),
          [](const notify::SendOutcome&) {});
  }
  return Ok();
}

}  // namespace pharos::service
