#include "service/incidents.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "model/incident_words.h"
#include "service/audit.h"
#include "service/impacts.h"
#include "service/overlays.h"
#include "store/audit_store.h"
#include "store/event_store.h"
#include "store/page_store.h"

namespace pharos::service {
namespace {

using model::Incident;
using model::IncidentState;
using model::IncidentUpdate;

constexpr size_t kMaxTitleBytes = 255;
constexpr size_t kMaxMessageBytes = 64 * 1024;
constexpr size_t kMaxUpdatesAtOnce = 100;
constexpr size_t kMaxPages = 1000;

Error NoSuchIncident() { return Error(ErrorKind::kNotFound, "Incident not found"); }
Error NoSuchUpdate() { return Error(ErrorKind::kNotFound, "Update not found"); }

Value TimeOrNull(const std::optional<Timestamp>& at) {
  return at ? Value(FormatIsoMillis(*at)) : Value();
}

Value ChangesBetween(const Incident& before, const Incident& after) {
  Value changes;
  AddChange(changes, "title", before.title, after.title);
  AddChange(changes, "status", model::StateName(before.state), model::StateName(after.state));
  AddChange(changes, "severity", model::SeverityName(before.severity),
            model::SeverityName(after.severity));
  AddChange(changes, "started_at", FormatIsoMillis(before.started_at),
            FormatIsoMillis(after.started_at));
  AddChange(changes, "ended_at", TimeOrNull(before.ended_at), TimeOrNull(after.ended_at));
  AddChange(changes, "closed_at", TimeOrNull(before.closed_at), TimeOrNull(after.closed_at));
  AddChange(changes, "draft", before.draft, after.draft);
  AddChange(changes, "monitors", ImpactsForAudit(before.impacts), ImpactsForAudit(after.impacts));
  return changes;
}

Status CheckMessage(std::string_view text) {
  if (text.size() <= kMaxMessageBytes) return Ok();
  return Error::Field("message", "message must be at most 64 KiB long");
}

// An empty title is refused where an incident is made; later a dialect may allow it.
Status CheckIncident(const Incident& incident, bool is_new) {
  if (incident.title.size() > kMaxTitleBytes || (is_new && incident.title.empty())) {
    return Error::Field("title", "title must have between 1 and 255 bytes");
  }
  if (!IsStorableTime(incident.started_at)) {
    return Error::Field("started_at", "started_at is out of range");
  }
  if (incident.ended_at && !IsStorableTime(*incident.ended_at)) {
    return Error::Field("ended_at", "ended_at is out of range");
  }
  if (incident.pages.size() > kMaxPages) {
    return Error::Field("pages", "pages must be at most 1000");
  }
  return Ok();
}

Status CheckPages(store::Store& store, store::Transaction& tx, const Incident& incident) {
  for (const model::PageId page : incident.pages) {
    PHAROS_ASSIGN_OR_RETURN(const auto found, store.pages().Find(tx, incident.org, page));
    if (!found) return Error::Field("pages", "Page not found");
  }
  return Ok();
}

struct Happening {
  const char* kind;
  model::IncidentUpdateId update;
  bool notify = true;
};

Status AppendEvent(store::Store& store, store::Transaction& tx, const Incident& incident,
                   const Happening& happening, Timestamp at) {
  model::Event event;
  event.org = incident.org;
  event.at = at;
  event.kind = happening.kind;
  event.data.Set("incident", incident.id.value());
  if (happening.update.IsSet()) event.data.Set("update", happening.update.value());
  // Nobody outside hears of a draft before it is published (kodo.md 7.1).
  event.data.Set("notify", happening.notify && !incident.draft);
  return store.events().Append(tx, event);
}

Result<IncidentUpdate> InsertUpdate(store::Store& store, store::Transaction& tx,
                                    const Incident& incident, IncidentUpdate update,
                                    Timestamp now) {
  PHAROS_RETURN_IF_ERROR(CheckMessage(update.text));
  if (!IsStorableTime(update.at)) return Error::Field("at", "the time is out of range");
  update.uid = RandomUuid();
  update.incident = incident.id;
  update.created_at = update.updated_at = now;
  return store.incidents().InsertUpdate(tx, incident.org, std::move(update));
}

// "Updated" for each new update (or once without any), then "resolved" when it became so.
Status AppendChangeEvents(store::Store& store, store::Transaction& tx, const Incident& before,
                          const Incident& after, const std::vector<IncidentUpdate>& added,
                          bool notify, Timestamp now) {
  model::IncidentUpdateId last;
  for (const IncidentUpdate& update : added) {
    last = update.id;
    PHAROS_RETURN_IF_ERROR(
        AppendEvent(store, tx, after, {model::kIncidentUpdated, last, notify}, now));
  }
  if (added.empty()) {
    PHAROS_RETURN_IF_ERROR(
        AppendEvent(store, tx, after, {model::kIncidentUpdated, {}, notify}, now));
  }
  const bool resolves =
      before.state != IncidentState::kResolved && after.state == IncidentState::kResolved;
  if (!resolves) return Ok();
  return AppendEvent(store, tx, after, {model::kIncidentResolved, last, notify}, now);
}

std::vector<IncidentUpdate> Shown(std::vector<IncidentUpdate> updates) {
  std::erase_if(updates, [](const IncidentUpdate& update) { return update.hidden; });
  return updates;
}

Result<IncidentDetail> Load(store::Store& store, store::Session& session, model::OrgId org,
                            Result<std::optional<Incident>> found) {
  if (!found) return Error(std::move(found).error());
  if (!*found) return NoSuchIncident();
  IncidentDetail detail;
  detail.incident = **std::move(found);
  PHAROS_ASSIGN_OR_RETURN(auto updates,
                          store.incidents().ListUpdates(session, org, detail.incident.id));
  detail.updates = Shown(std::move(updates));
  return detail;
}

Result<IncidentUpdate> FindUpdate(store::Store& store, store::Session& session, model::OrgId org,
                                  model::IncidentId incident, model::IncidentUpdateId id) {
  PHAROS_ASSIGN_OR_RETURN(const auto updates,
                          store.incidents().ListUpdates(session, org, incident));
  for (const IncidentUpdate& update : updates) {
    if (update.id == id && !update.hidden) return update;
  }
  return NoSuchUpdate();
}

// The change is committed already, so that a failure here is for the log, not for the caller.
void Tell(const Context& context, model::OrgId org) {
  if (const Status told = AnnounceIncidents(context, org); !told) {
    LogError("the overlays could not be reloaded", told.error());
  }
}

void ApplyEffects(const IncidentUpdate& update, const UpdateEffects& effects, Incident& incident) {
  if (effects.moves_state) incident.state = update.state;
  if (update.state == IncidentState::kResolved) {
    if (effects.resolving_ends) incident.ended_at = update.at;
  } else if (effects.reopening_clears) {
    incident.ended_at.reset();
  }
}

}  // namespace

Result<Incident> InsertIncident(store::Store& store, store::Transaction& tx,
                                const model::Principal& who, NewIncident wanted, Timestamp now) {
  Incident incident = std::move(wanted.incident);
  incident.org = who.org;
  incident.uid = RandomUuid();
  incident.created_at = incident.updated_at = now;
  incident.impacts = WithoutRepeats(std::move(incident.impacts));
  if (incident.state == IncidentState::kResolved && !incident.ended_at) incident.ended_at = now;
  PHAROS_RETURN_IF_ERROR(CheckIncident(incident, true));
  PHAROS_RETURN_IF_ERROR(CheckPages(store, tx, incident));
  PHAROS_ASSIGN_OR_RETURN(incident, store.incidents().Insert(tx, std::move(incident)));
  model::IncidentUpdateId first;
  if (wanted.message && !wanted.message->empty()) {
    IncidentUpdate update;
    update.state = incident.state;
    update.text = *std::move(wanted.message);
    update.at = now;
    PHAROS_ASSIGN_OR_RETURN(update, InsertUpdate(store, tx, incident, std::move(update), now));
    first = update.id;
  }
  PHAROS_RETURN_IF_ERROR(
      AppendEvent(store, tx, incident, {model::kIncidentCreated, first, wanted.notify}, now));
  if (incident.state == IncidentState::kResolved) {
    PHAROS_RETURN_IF_ERROR(
        AppendEvent(store, tx, incident, {model::kIncidentResolved, first, wanted.notify}, now));
  }
  PHAROS_RETURN_IF_ERROR(store.audit().Insert(
      tx, MakeAudit(who, "incident.created", {"incident", incident.uid}, now)));
  return incident;
}

Result<Incident> ChangeIncident(store::Store& store, store::Transaction& tx,
                                const model::Principal& who, model::IncidentId id,
                                const IncidentService::Change& change, Timestamp now) {
  PHAROS_ASSIGN_OR_RETURN(const auto found, store.incidents().Find(tx, who.org, id));
  if (!found) return NoSuchIncident();
  Incident changed = *found;
  IncidentService::Edit edit{changed, {}, true};
  PHAROS_RETURN_IF_ERROR(change(edit));
  changed.id = found->id;
  changed.org = found->org;
  changed.uid = found->uid;
  changed.source = found->source;
  changed.cause = found->cause;
  changed.created_at = found->created_at;
  changed.updated_at = now;
  changed.impacts = WithoutRepeats(std::move(changed.impacts));
  PHAROS_RETURN_IF_ERROR(CheckIncident(changed, false));
  if (changed.pages != found->pages) PHAROS_RETURN_IF_ERROR(CheckPages(store, tx, changed));
  PHAROS_RETURN_IF_ERROR(store.incidents().Update(tx, changed));
  if (edit.new_updates.size() > kMaxUpdatesAtOnce) {
    return Error::Field("message", "too many updates at once");
  }
  std::vector<IncidentUpdate> added;
  for (IncidentUpdate& update : edit.new_updates) {
    if (update.text.empty()) return Error::Field("message", "message must not be empty");
    PHAROS_ASSIGN_OR_RETURN(auto stored, InsertUpdate(store, tx, changed, std::move(update), now));
    added.push_back(std::move(stored));
  }
  PHAROS_RETURN_IF_ERROR(AppendChangeEvents(store, tx, *found, changed, added, edit.notify, now));
  PHAROS_RETURN_IF_ERROR(
      store.audit().Insert(tx, MakeAudit(who, "incident.updated", {"incident", changed.uid}, now,
                                         ChangesBetween(*found, changed))));
  return changed;
}

Status AnnounceIncidents(const Context& context, model::OrgId org) {
  const Status reloaded = ReloadOverlays(context);
  if (reloaded) ShowOverlays(context, org);
  context.notices.Publish(
      {{notices::Notice::Kind::kIncident, org, {}}, {notices::Notice::Kind::kEvent, org, {}}});
  return reloaded;
}

Result<std::vector<Incident>> IncidentService::List(const model::Principal& who,
                                                    const IncidentQuery& query) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return context_.store.incidents().List(*session, who.org, query);
}

Result<std::vector<IncidentDetail>> IncidentService::ListDetailed(
    const model::Principal& who, const IncidentQuery& query) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(auto incidents,
                          context_.store.incidents().List(*session, who.org, query));
  std::vector<model::IncidentId> ids;
  for (const Incident& incident : incidents) ids.push_back(incident.id);
  PHAROS_ASSIGN_OR_RETURN(auto updates,
                          context_.store.incidents().ListUpdatesOf(*session, who.org, ids));
  std::vector<IncidentDetail> details;
  for (size_t i = 0; i < incidents.size(); ++i) {
    details.push_back({std::move(incidents[i]), Shown(std::move(updates[i]))});
  }
  return details;
}

Result<int64_t> IncidentService::Count(const model::Principal& who,
                                       const IncidentQuery& query) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return context_.store.incidents().Count(*session, who.org, query);
}

Result<IncidentDetail> IncidentService::Get(const model::Principal& who,
                                            model::IncidentId id) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return Load(context_.store, *session, who.org,
              context_.store.incidents().Find(*session, who.org, id));
}

Result<IncidentDetail> IncidentService::GetByUid(const model::Principal& who,
                                                 std::string_view uid) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return Load(context_.store, *session, who.org,
              context_.store.incidents().FindByUid(*session, who.org, uid));
}

Result<IncidentDetail> IncidentService::Create(const model::Principal& who, NewIncident wanted) {
  PHAROS_RETURN_IF_ERROR(CheckImpacts(context_, who.org, wanted.incident.impacts));
  const Timestamp now = context_.clock.Now();
  IncidentDetail detail;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(const Incident made,
                            InsertIncident(context_.store, tx, who, wanted, now));
    PHAROS_ASSIGN_OR_RETURN(detail, Load(context_.store, tx, who.org, std::optional(made)));
    return Ok();
  }));
  Tell(context_, who.org);
  return detail;
}

Result<IncidentDetail> IncidentService::Update(const model::Principal& who, model::IncidentId id,
                                               const Change& change) {
  IncidentDetail detail;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    const auto checked = [&](Edit& edit) -> Status {
      const auto before = edit.incident.impacts;
      PHAROS_RETURN_IF_ERROR(change(edit));
      if (edit.incident.impacts == before) return Ok();
      return CheckImpacts(context_, who.org, edit.incident.impacts);
    };
    PHAROS_ASSIGN_OR_RETURN(const Incident changed, ChangeIncident(context_.store, tx, who, id,
                                                                   checked, context_.clock.Now()));
    PHAROS_ASSIGN_OR_RETURN(detail, Load(context_.store, tx, who.org, std::optional(changed)));
    return Ok();
  }));
  Tell(context_, who.org);
  return detail;
}

Result<IncidentUpdate> IncidentService::AddUpdate(const model::Principal& who, model::IncidentId id,
                                                  IncidentUpdate update,
                                                  const UpdateEffects& effects) {
  if (update.text.empty()) return Error::Field("message", "message must not be empty");
  IncidentUpdate stored;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    const Timestamp now = context_.clock.Now();
    PHAROS_ASSIGN_OR_RETURN(const auto found, context_.store.incidents().Find(tx, who.org, id));
    if (!found) return NoSuchIncident();
    Incident changed = *found;
    ApplyEffects(update, effects, changed);
    changed.updated_at = now;
    PHAROS_RETURN_IF_ERROR(context_.store.incidents().Update(tx, changed));
    PHAROS_ASSIGN_OR_RETURN(stored, InsertUpdate(context_.store, tx, changed, update, now));
    PHAROS_RETURN_IF_ERROR(
        AppendChangeEvents(context_.store, tx, *found, changed, {stored}, effects.notify, now));
    return context_.store.audit().Insert(
        tx, MakeAudit(who, "incident.updated", {"incident", changed.uid}, now,
                      ChangesBetween(*found, changed)));
  }));
  Tell(context_, who.org);
  return stored;
}

Result<IncidentUpdate> IncidentService::EditUpdate(const model::Principal& who,
                                                   model::IncidentId id,
                                                   model::IncidentUpdateId update,
                                                   const UpdateChange& change,
                                                   const UpdateEffects& effects) {
  IncidentUpdate stored;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    const Timestamp now = context_.clock.Now();
    PHAROS_ASSIGN_OR_RETURN(const auto found, context_.store.incidents().Find(tx, who.org, id));
    if (!found) return NoSuchIncident();
    PHAROS_ASSIGN_OR_RETURN(const IncidentUpdate before,
                            FindUpdate(context_.store, tx, who.org, id, update));
    stored = before;
    PHAROS_RETURN_IF_ERROR(change(stored));
    stored.id = before.id;
    stored.uid = before.uid;
    stored.incident = before.incident;
    stored.created_at = before.created_at;
    stored.updated_at = now;
    PHAROS_RETURN_IF_ERROR(CheckMessage(stored.text));
    if (!IsStorableTime(stored.at)) return Error::Field("at", "the time is out of range");
    PHAROS_RETURN_IF_ERROR(context_.store.incidents().ChangeUpdate(tx, who.org, stored));
    Incident changed = *found;
    ApplyEffects(stored, effects, changed);
    if (changed.state != found->state || changed.ended_at != found->ended_at) {
      changed.updated_at = now;
      PHAROS_RETURN_IF_ERROR(context_.store.incidents().Update(tx, changed));
    }
    // Subscribers hear of an update once, when it is new (product.md 4.3).
    PHAROS_RETURN_IF_ERROR(AppendChangeEvents(context_.store, tx, *found, changed, {}, false, now));
    return context_.store.audit().Insert(
        tx, MakeAudit(who, "incident.updated", {"incident", changed.uid}, now,
                      ChangesBetween(*found, changed)));
  }));
  Tell(context_, who.org);
  return stored;
}

Status IncidentService::DeleteUpdate(const model::Principal& who, model::IncidentId id,
                                     model::IncidentUpdateId update) {
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    const Timestamp now = context_.clock.Now();
    PHAROS_ASSIGN_OR_RETURN(const auto found, context_.store.incidents().Find(tx, who.org, id));
    if (!found) return NoSuchIncident();
    PHAROS_ASSIGN_OR_RETURN(IncidentUpdate hidden,
                            FindUpdate(context_.store, tx, who.org, id, update));
    // Kept, so that what was once said can be looked up; the state stays (kener-v4.md 9.6).
    hidden.hidden = true;
    hidden.updated_at = now;
    PHAROS_RETURN_IF_ERROR(context_.store.incidents().ChangeUpdate(tx, who.org, hidden));
    Value detail;
    detail.Set("deleted_update", hidden.uid);
    return context_.store.audit().Insert(
        tx, MakeAudit(who, "incident.updated", {"incident", found->uid}, now, {}, detail));
  }));
  Tell(context_, who.org);
  return Ok();
}

Status IncidentService::Publish(const model::Principal& who, model::IncidentId id) {
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    const Timestamp now = context_.clock.Now();
    PHAROS_ASSIGN_OR_RETURN(auto found, context_.store.incidents().Find(tx, who.org, id));
    if (!found) return NoSuchIncident();
    if (!found->draft) return Error(ErrorKind::kConflict, "Incident is already public");
    found->draft = false;
    found->publish_at.reset();
    found->updated_at = now;
    PHAROS_RETURN_IF_ERROR(context_.store.incidents().Update(tx, *found));
    PHAROS_RETURN_IF_ERROR(
        AppendEvent(context_.store, tx, *found, {model::kIncidentPublished, {}, true}, now));
    return context_.store.audit().Insert(
        tx, MakeAudit(who, "incident.published", {"incident", found->uid}, now));
  }));
  Tell(context_, who.org);
  return Ok();
}

Status IncidentService::Delete(const model::Principal& who, model::IncidentId id) {
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(const auto found, context_.store.incidents().Find(tx, who.org, id));
    if (!found) return NoSuchIncident();
    PHAROS_RETURN_IF_ERROR(context_.store.incidents().Delete(tx, who.org, id));
    return context_.store.audit().Insert(
        tx, MakeAudit(who, "incident.deleted", {"incident", found->uid}, context_.clock.Now()));
  }));
  Tell(context_, who.org);
  return Ok();
}

Status IncidentService::PublishDue() {
  std::vector<Incident> due;
  {
    PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(
        due, context_.store.incidents().ListDueDrafts(*session, context_.clock.Now()));
  }
  for (const Incident& incident : due) {
    model::Principal system;
    system.org = incident.org;
    system.name = "system";
    const Status published = Publish(system, incident.id);
    // Somebody published or deleted it meanwhile.
    if (!published && published.error().kind != ErrorKind::kConflict &&
        published.error().kind != ErrorKind::kNotFound) {
      return published;
    }
  }
  return Ok();
}

}  // namespace pharos::service
