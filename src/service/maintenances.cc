#include "service/maintenances.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "base/time_zone.h"
#include "model/incident_words.h"
#include "rules/recurrence.h"
#include "service/audit.h"
#include "service/impacts.h"
#include "service/overlays.h"
#include "store/audit_store.h"
#include "store/event_store.h"
#include "store/site_store.h"

namespace pharos::service {
namespace {

using model::Maintenance;
using model::Occurrence;
using model::OccurrenceState;

constexpr size_t kMaxTitleBytes = 255;
constexpr size_t kMaxDescriptionBytes = 64 * 1024;
constexpr Duration kMaxDuration = Days(3660);
constexpr Duration kAhead = Days(7);      // occurrences are made for this time
constexpr Duration kPastGrace = Days(1);  // how late something that happens once may be entered
constexpr int kMaxMaintenances = 1000;    // of an organisation that occurrences are made for
constexpr size_t kMaxMade = 1000;         // at once, for one maintenance
constexpr int kMaxListed = 100'000;
constexpr size_t kMaxMovesAtOnce = 500;
constexpr std::string_view kSettingsKey = "globalMaintenanceNotificationSettings";
constexpr double kMaxLeadHours = 24.0 * 366;

Error NoSuchMaintenance() { return Error(ErrorKind::kNotFound, "Maintenance not found"); }
Error NoSuchOccurrence() { return Error(ErrorKind::kNotFound, "Occurrence not found"); }

bool IsBefore(OccurrenceState state) {
  return state == OccurrenceState::kScheduled || state == OccurrenceState::kReady;
}

Status Validate(const Maintenance& m, bool is_new) {
  if (m.title.size() > kMaxTitleBytes || (is_new && m.title.empty())) {
    return Error::Field("title", "title must have between 1 and 255 bytes");
  }
  if (m.description && m.description->size() > kMaxDescriptionBytes) {
    return Error::Field("description", "description must be at most 64 KiB long");
  }
  if (!IsStorableTime(m.starts_at)) {
    return Error::Field("starts_at", "starts_at is out of range");
  }
  PHAROS_RETURN_IF_ERROR(rules::ParseRecurrence(m.rrule).map([](const auto&) {}));
  if (!m.time_zone.empty() && !IsTimeZone(m.time_zone)) {
    return Error::Field("time_zone", "time_zone is not a known time zone");
  }
  if (m.duration <= Duration::zero() || m.duration > kMaxDuration) {
    return Error::Field("duration", "duration must be above 0 and at most ten years");
  }
  return Ok();
}

Value ChangesBetween(const Maintenance& before, const Maintenance& after) {
  Value changes;
  AddChange(changes, "title", before.title, after.title);
  AddChange(changes, "starts_at", FormatIsoMillis(before.starts_at),
            FormatIsoMillis(after.starts_at));
  AddChange(changes, "rrule", before.rrule, after.rrule);
  AddChange(changes, "time_zone", before.time_zone, after.time_zone);
  AddChange(changes, "duration_ms", before.duration.count() / 1000, after.duration.count() / 1000);
  AddChange(changes, "active", before.active, after.active);
  AddChange(changes, "monitors", ImpactsForAudit(before.impacts), ImpactsForAudit(after.impacts));
  return changes;
}

Status AppendEvent(store::Store& store, store::Transaction& tx, const Occurrence& occurrence,
                   const char* kind, Timestamp at) {
  model::Event event;
  event.org = occurrence.org;
  event.at = at;
  event.kind = kind;
  event.data.Set("occurrence", occurrence.id.value());
  event.data.Set("maintenance", occurrence.maintenance.value());
  return store.events().Append(tx, event);
}

// How long before its start an occurrence is "ready": reminder_buffer_hours, one hour by default.
Result<Duration> ReminderLead(store::Store& store, store::Session& session, model::OrgId org) {
  PHAROS_ASSIGN_OR_RETURN(const auto entry, store.site().Find(session, org, kSettingsKey));
  const double hours = entry ? entry->value.DoubleOr("reminder_buffer_hours", 1) : 1;
  const bool sane = hours >= 0 && hours <= kMaxLeadHours;
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(3600 * (sane ? hours : 1)));
}

// kener-v4.md 10.3, with `now` in whole seconds.
OccurrenceState InitialState(Timestamp starts_at, Timestamp ends_at, Timestamp now, Duration lead) {
  now = FloorTo(now, Seconds(1));
  if (now >= ends_at) return OccurrenceState::kCompleted;
  if (now >= starts_at) return OccurrenceState::kOngoing;
  return starts_at - now <= lead ? OccurrenceState::kReady : OccurrenceState::kScheduled;
}

// The moments of `m` to make occurrences for: the first to come, or with `until` all up to then.
std::vector<Timestamp> Moments(const Maintenance& m, Timestamp now,
                               std::optional<Timestamp> until) {
  const auto rule = rules::ParseRecurrence(m.rrule);
  if (!rule) return {};
  if (rule->IsOnce()) {
    if (until || m.starts_at < now - kPastGrace) return {};
    return {m.starts_at};
  }
  if (until) return OccurrencesFrom(*rule, m.starts_at, m.time_zone, now, *until, kMaxMade);
  return OccurrencesFrom(*rule, m.starts_at, m.time_zone, now, Timestamp::max(), 1);
}

bool HasSameSchedule(const Maintenance& a, const Maintenance& b) {
  return a.starts_at == b.starts_at && a.rrule == b.rrule && a.duration == b.duration &&
         a.time_zone == b.time_zone;
}

// Makes occurrences at those moments that have none yet; how many are new.
Result<int> MakeOccurrences(store::Store& store, store::Transaction& tx, const Maintenance& m,
                            const std::vector<Timestamp>& moments, Timestamp now) {
  if (moments.empty()) return 0;
  OccurrenceQuery query;
  query.maintenance = m.id;
  query.starts_from = moments.front();
  query.starts_to = moments.back();
  query.limit = kMaxListed;
  PHAROS_ASSIGN_OR_RETURN(const auto existing,
                          store.maintenances().ListOccurrences(tx, m.org, query));
  std::set<Timestamp> taken;
  for (const Occurrence& occurrence : existing) taken.insert(occurrence.starts_at);
  PHAROS_ASSIGN_OR_RETURN(const Duration lead, ReminderLead(store, tx, m.org));
  int made = 0;
  for (const Timestamp starts_at : moments) {
    if (!taken.insert(starts_at).second) continue;
    Occurrence occurrence;
    occurrence.maintenance = m.id;
    occurrence.org = m.org;
    occurrence.starts_at = starts_at;
    occurrence.ends_at = starts_at + m.duration;
    occurrence.state = InitialState(starts_at, occurrence.ends_at, now, lead);
    occurrence.created_at = occurrence.updated_at = now;
    PHAROS_ASSIGN_OR_RETURN(occurrence, store.maintenances().InsertOccurrence(tx, occurrence));
    PHAROS_RETURN_IF_ERROR(AppendEvent(store, tx, occurrence, model::kMaintenanceScheduled, now));
    ++made;
  }
  return made;
}

// What a changed schedule leaves behind goes away (kener-v4.md 10.7).
Status ClearOccurrences(store::Store& store, store::Transaction& tx, const Maintenance& m,
                        Timestamp now) {
  const auto rule = rules::ParseRecurrence(m.rrule);
  OccurrenceQuery query;
  query.maintenance = m.id;
  query.limit = kMaxListed;
  PHAROS_ASSIGN_OR_RETURN(const auto existing,
                          store.maintenances().ListOccurrences(tx, m.org, query));
  for (const Occurrence& occurrence : existing) {
    const bool is_to_come =
        occurrence.state == OccurrenceState::kScheduled && occurrence.starts_at > now;
    if (!is_to_come && !(rule && rule->IsOnce())) continue;
    PHAROS_RETURN_IF_ERROR(store.maintenances().DeleteOccurrence(tx, m.org, occurrence.id));
  }
  return Ok();
}

// The state that the clock gives an occurrence; nullopt = it stays (kener-v4.md 11.2).
std::optional<OccurrenceState> NextState(const Occurrence& occurrence, bool active,
                                         Timestamp minute, Duration lead) {
  switch (occurrence.state) {
    case OccurrenceState::kScheduled:
    case OccurrenceState::kReady: {
      if (!active) return std::nullopt;
      if (occurrence.starts_at <= minute && minute <= occurrence.ends_at) {
        return OccurrenceState::kOngoing;
      }
      const bool is_soon = minute < occurrence.starts_at && occurrence.starts_at <= minute + lead;
      if (is_soon && occurrence.state == OccurrenceState::kScheduled) {
        return OccurrenceState::kReady;
      }
      return std::nullopt;
    }
    case OccurrenceState::kOngoing:
      if (occurrence.ends_at < minute) return OccurrenceState::kCompleted;
      return std::nullopt;
    case OccurrenceState::kCompleted:
    case OccurrenceState::kCancelled:
      return std::nullopt;
  }
  return std::nullopt;
}

const char* EventOf(OccurrenceState state) {
  switch (state) {
    case OccurrenceState::kScheduled:
      return model::kMaintenanceScheduled;
    case OccurrenceState::kReady:
      return model::kMaintenanceReminder;
    case OccurrenceState::kOngoing:
      return model::kMaintenanceStarted;
    case OccurrenceState::kCompleted:
      return model::kMaintenanceCompleted;
    case OccurrenceState::kCancelled:
      return model::kMaintenanceCancelled;
  }
  return "";
}

bool MayMove(OccurrenceState from, OccurrenceState to) {
  if (to == OccurrenceState::kCompleted) return from == OccurrenceState::kOngoing;
  if (to == OccurrenceState::kOngoing) return IsBefore(from);
  if (to == OccurrenceState::kCancelled) {
    return IsBefore(from) || from == OccurrenceState::kOngoing;
  }
  return false;
}

// The change is committed already, so that a failure here is for the log, not for the caller.
void Tell(const Context& context, model::OrgId org) {
  if (const Status reloaded = ReloadOverlays(context); !reloaded) {
    LogError("the overlays could not be reloaded", reloaded.error());
  }
  ShowOverlays(context, org);
  context.notices.Publish(
      {{notices::Notice::Kind::kMaintenance, org, {}}, {notices::Notice::Kind::kEvent, org, {}}});
}

Result<Maintenance> OrNotFound(Result<std::optional<Maintenance>> found) {
  if (!found) return Error(std::move(found).error());
  if (!*found) return NoSuchMaintenance();
  return **std::move(found);
}

Result<Occurrence> FindOccurrence(store::Store& store, store::Session& session, model::OrgId org,
                                  model::OccurrenceId id) {
  PHAROS_ASSIGN_OR_RETURN(auto found, store.maintenances().FindOccurrence(session, org, id));
  if (!found) return NoSuchOccurrence();
  return *std::move(found);
}

// The audit entry of something that happened to an occurrence, under its maintenance.
Status AuditOccurrence(store::Store& store, store::Transaction& tx, const model::Principal& who,
                       const Occurrence& occurrence, Value changes, Timestamp now) {
  PHAROS_ASSIGN_OR_RETURN(const auto maintenance,
                          store.maintenances().Find(tx, who.org, occurrence.maintenance));
  Value detail;
  detail.Set("occurrence", occurrence.id.value());
  detail.Set("starts_at", FormatIsoMillis(occurrence.starts_at));
  return store.audit().Insert(
      tx, MakeAudit(who, "maintenance.updated",
                    {"maintenance", maintenance ? maintenance->uid : std::string()}, now,
                    std::move(changes), std::move(detail)));
}

}  // namespace

Result<std::vector<Maintenance>> MaintenanceService::List(const model::Principal& who,
                                                          const MaintenanceQuery& query) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return context_.store.maintenances().List(*session, who.org, query);
}

Result<Maintenance> MaintenanceService::Get(const model::Principal& who,
                                            model::MaintenanceId id) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return OrNotFound(context_.store.maintenances().Find(*session, who.org, id));
}

Result<Maintenance> MaintenanceService::GetByUid(const model::Principal& who,
                                                 std::string_view uid) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return OrNotFound(context_.store.maintenances().FindByUid(*session, who.org, uid));
}

Result<Maintenance> MaintenanceService::Create(const model::Principal& who, Maintenance draft) {
  const Timestamp now = context_.clock.Now();
  draft.org = who.org;
  draft.uid = RandomUuid();
  draft.created_at = draft.updated_at = now;
  draft.impacts = WithoutRepeats(std::move(draft.impacts));
  PHAROS_RETURN_IF_ERROR(Validate(draft, true));
  PHAROS_RETURN_IF_ERROR(CheckImpacts(context_, who.org, draft.impacts));
  const auto moments = Moments(draft, now, std::nullopt);
  Maintenance stored;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(stored, context_.store.maintenances().Insert(tx, draft));
    PHAROS_RETURN_IF_ERROR(
        MakeOccurrences(context_.store, tx, stored, moments, now).map([](int) {}));
    return context_.store.audit().Insert(
        tx, MakeAudit(who, "maintenance.created", {"maintenance", stored.uid}, now));
  }));
  Tell(context_, who.org);
  return stored;
}

Result<Maintenance> MaintenanceService::Update(const model::Principal& who, model::MaintenanceId id,
                                               const Change& change) {
  Maintenance changed;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    const Timestamp now = context_.clock.Now();
    PHAROS_ASSIGN_OR_RETURN(const Maintenance before,
                            OrNotFound(context_.store.maintenances().Find(tx, who.org, id)));
    changed = before;
    Edit edit{changed};
    PHAROS_RETURN_IF_ERROR(change(edit));
    changed.id = before.id;
    changed.org = before.org;
    changed.uid = before.uid;
    changed.created_at = before.created_at;
    changed.updated_at = edit.touch ? now : before.updated_at;
    changed.impacts = WithoutRepeats(std::move(changed.impacts));
    PHAROS_RETURN_IF_ERROR(Validate(changed, false));
    if (changed.impacts != before.impacts) {
      PHAROS_RETURN_IF_ERROR(CheckImpacts(context_, who.org, changed.impacts));
    }
    PHAROS_RETURN_IF_ERROR(context_.store.maintenances().Update(tx, changed));
    if (edit.reschedule || !HasSameSchedule(changed, before)) {
      PHAROS_RETURN_IF_ERROR(ClearOccurrences(context_.store, tx, changed, now));
      PHAROS_RETURN_IF_ERROR(
          MakeOccurrences(context_.store, tx, changed, Moments(changed, now, std::nullopt), now)
              .map([](int) {}));
    }
    return context_.store.audit().Insert(
        tx, MakeAudit(who, "maintenance.updated", {"maintenance", changed.uid}, now,
                      ChangesBetween(before, changed)));
  }));
  Tell(context_, who.org);
  return changed;
}

Status MaintenanceService::Delete(const model::Principal& who, model::MaintenanceId id) {
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(const Maintenance found,
                            OrNotFound(context_.store.maintenances().Find(tx, who.org, id)));
    PHAROS_RETURN_IF_ERROR(context_.store.maintenances().Delete(tx, who.org, id));
    return context_.store.audit().Insert(
        tx,
        MakeAudit(who, "maintenance.deleted", {"maintenance", found.uid}, context_.clock.Now()));
  }));
  Tell(context_, who.org);
  return Ok();
}

Result<std::vector<Occurrence>> MaintenanceService::Occurrences(
    const model::Principal& who, const OccurrenceQuery& query) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return context_.store.maintenances().ListOccurrences(*session, who.org, query);
}

Result<int64_t> MaintenanceService::CountOccurrences(const model::Principal& who,
                                                     const OccurrenceQuery& query) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return context_.store.maintenances().CountOccurrences(*session, who.org, query);
}

Result<Occurrence> MaintenanceService::GetOccurrence(const model::Principal& who,
                                                     model::OccurrenceId id) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return FindOccurrence(context_.store, *session, who.org, id);
}

Result<Occurrence> MaintenanceService::MoveOccurrence(const model::Principal& who,
                                                      model::OccurrenceId id, OccurrenceState to) {
  Occurrence moved;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    const Timestamp now = context_.clock.Now();
    PHAROS_ASSIGN_OR_RETURN(moved, FindOccurrence(context_.store, tx, who.org, id));
    const OccurrenceState from = moved.state;
    if (!MayMove(from, to)) {
      return Error(ErrorKind::kConflict, std::string("Cannot transition occurrence from ") +
                                             std::string(model::StateName(from)) + " to " +
                                             std::string(model::StateName(to)));
    }
    const Timestamp minute = FloorToMinute(now);
    if (from == OccurrenceState::kOngoing) {
      moved.ends_at = std::min(moved.ends_at, std::max(minute, moved.starts_at + Seconds(60)));
    } else if (to == OccurrenceState::kOngoing) {
      // Started early: what it masks and what is shown begin now.
      moved.starts_at = std::min(moved.starts_at, minute);
    }
    moved.state = to;
    moved.updated_at = now;
    PHAROS_RETURN_IF_ERROR(context_.store.maintenances().UpdateOccurrence(tx, moved));
    PHAROS_RETURN_IF_ERROR(AppendEvent(context_.store, tx, moved, EventOf(to), now));
    Value changes;
    AddChange(changes, "status", model::StateName(from), model::StateName(to));
    return AuditOccurrence(context_.store, tx, who, moved, std::move(changes), now);
  }));
  Tell(context_, who.org);
  return moved;
}

Result<Occurrence> MaintenanceService::SetWindow(const model::Principal& who,
                                                 model::OccurrenceId id, Timestamp starts_at,
                                                 Timestamp ends_at, bool may_be_empty) {
  if (ends_at < starts_at || (ends_at == starts_at && !may_be_empty)) {
    return Error::Field("ends_at", "ends_at must be after starts_at");
  }
  if (!IsStorableTime(starts_at) || !IsStorableTime(ends_at)) {
    return Error::Field("starts_at", "starts_at or ends_at is out of range");
  }
  Occurrence moved;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    const Timestamp now = context_.clock.Now();
    PHAROS_ASSIGN_OR_RETURN(const Occurrence before,
                            FindOccurrence(context_.store, tx, who.org, id));
    moved = before;
    moved.starts_at = starts_at;
    moved.ends_at = ends_at;
    moved.updated_at = now;
    PHAROS_RETURN_IF_ERROR(context_.store.maintenances().UpdateOccurrence(tx, moved));
    Value changes;
    AddChange(changes, "starts_at", FormatIsoMillis(before.starts_at), FormatIsoMillis(starts_at));
    AddChange(changes, "ends_at", FormatIsoMillis(before.ends_at), FormatIsoMillis(ends_at));
    return AuditOccurrence(context_.store, tx, who, moved, std::move(changes), now);
  }));
  Tell(context_, who.org);
  return moved;
}

Status MaintenanceService::DeleteOccurrence(const model::Principal& who, model::OccurrenceId id) {
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    const Timestamp now = context_.clock.Now();
    PHAROS_ASSIGN_OR_RETURN(const Occurrence found,
                            FindOccurrence(context_.store, tx, who.org, id));
    PHAROS_RETURN_IF_ERROR(context_.store.maintenances().DeleteOccurrence(tx, who.org, id));
    Value changes;
    AddChange(changes, "status", model::StateName(found.state), Value());
    return AuditOccurrence(context_.store, tx, who, found, std::move(changes), now);
  }));
  Tell(context_, who.org);
  return Ok();
}

namespace {

// What the clock would move, with the states that it would give.
struct Move {
  Occurrence occurrence;
  OccurrenceState to;
};

Result<std::vector<Move>> DueMoves(store::Store& store, store::Session& session, Timestamp minute) {
  PHAROS_ASSIGN_OR_RETURN(const auto living, store.maintenances().ListLiving(session));
  std::map<model::OrgId, Duration> leads;
  std::vector<Move> moves;
  for (const Occurrence& occurrence : living) {
    if (!leads.contains(occurrence.org)) {
      PHAROS_ASSIGN_OR_RETURN(leads[occurrence.org], ReminderLead(store, session, occurrence.org));
    }
    const Duration lead = leads[occurrence.org];
    if (!NextState(occurrence, true, minute, lead)) continue;
    PHAROS_ASSIGN_OR_RETURN(
        const auto maintenance,
        store.maintenances().Find(session, occurrence.org, occurrence.maintenance));
    const auto to = NextState(occurrence, maintenance && maintenance->active, minute, lead);
    if (to) moves.push_back({occurrence, *to});
    if (moves.size() == kMaxMovesAtOnce) break;
  }
  return moves;
}

}  // namespace

Status MaintenanceService::Step() {
  const Timestamp minute = FloorToMinute(context_.clock.Now());
  {
    PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(const auto due, DueMoves(context_.store, *session, minute));
    if (due.empty()) return Ok();
  }
  std::set<model::OrgId> touched;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    touched.clear();
    const Timestamp now = context_.clock.Now();
    // Looked up again: somebody may have moved one by hand meanwhile.
    PHAROS_ASSIGN_OR_RETURN(auto due, DueMoves(context_.store, tx, minute));
    for (Move& move : due) {
      move.occurrence.state = move.to;
      move.occurrence.updated_at = now;
      PHAROS_RETURN_IF_ERROR(context_.store.maintenances().UpdateOccurrence(tx, move.occurrence));
      PHAROS_RETURN_IF_ERROR(
          AppendEvent(context_.store, tx, move.occurrence, EventOf(move.to), now));
      touched.insert(move.occurrence.org);
    }
    return Ok();
  }));
  for (const model::OrgId org : touched) Tell(context_, org);
  return Ok();
}

Status MaintenanceService::Generate() {
  const Timestamp now = context_.clock.Now();
  std::vector<Maintenance> active;
  {
    PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(active, context_.store.maintenances().ListActive(
                                        *session, std::numeric_limits<int>::max()));
  }
  std::map<model::OrgId, int> seen;
  for (const Maintenance& maintenance : active) {
    // Each organisation has a bound of its own, so that none uses up that of another.
    if (++seen[maintenance.org] > kMaxMaintenances) continue;
    // Not inside the transaction: some rules take their time.
    const std::vector<Timestamp> moments = Moments(maintenance, now, now + kAhead);
    if (moments.empty()) continue;
    int made = 0;
    PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
      made = 0;
      PHAROS_ASSIGN_OR_RETURN(const auto current, context_.store.maintenances().Find(
                                                      tx, maintenance.org, maintenance.id));
      if (!current || !current->active || !HasSameSchedule(*current, maintenance)) return Ok();
      PHAROS_ASSIGN_OR_RETURN(made, MakeOccurrences(context_.store, tx, *current, moments, now));
      return Ok();
    }));
    if (made > 0) Tell(context_, maintenance.org);
  }
  return Ok();
}

bool IsRecurrence(std::string_view text) { return rules::ParseRecurrence(text).has_value(); }

Status MaintenanceService::LoadOverlays() { return ReloadOverlays(context_); }

}  // namespace pharos::service
