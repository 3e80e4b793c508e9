#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/more_aggregates.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

#define PHAROS_MAINTENANCE_COLUMNS                                                      \
  "id, org_id, uid, title, description, starts_at, rrule, time_zone, duration, active," \
  " notify_scheduled, notify_started, notify_ended, notes, created_at, updated_at"

constexpr char kInsertMaintenance[] =
    "-- adds a maintenance\n"
    "INSERT INTO maintenances (org_id, uid, title, description, starts_at, rrule, time_zone,"
    " duration, active, notify_scheduled, notify_started, notify_ended, notes, created_at,"
    " updated_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
constexpr char kUpdateMaintenance[] =
    "-- everything of a maintenance that may change\n"
    "UPDATE maintenances SET title = ?3, description = ?4, starts_at = ?5, rrule = ?6,"
    " time_zone = ?7, duration = ?8, active = ?9, notify_scheduled = ?10, notify_started = ?11,"
    " notify_ended = ?12, notes = ?13, updated_at = ?14 WHERE id = ?1 AND org_id = ?2";
constexpr char kDeleteMaintenance[] =
    "-- removes a maintenance; impacts and occurrences go with it\n"
    "DELETE FROM maintenances WHERE id = ?1 AND org_id = ?2";
constexpr char kSelectMaintenanceById[] =
    "-- one maintenance of an organisation\n"
    "SELECT " PHAROS_MAINTENANCE_COLUMNS " FROM maintenances WHERE id = ?1 AND org_id = ?2";
constexpr char kSelectMaintenanceByUid[] =
    "-- one maintenance by its public id\n"
    "SELECT " PHAROS_MAINTENANCE_COLUMNS " FROM maintenances WHERE org_id = ?1 AND uid = ?2";
constexpr char kSelectMaintenances[] =
    "-- the maintenances of an organisation, newest first; NULL does not filter\n"
    "SELECT " PHAROS_MAINTENANCE_COLUMNS
    " FROM maintenances WHERE org_id = ?1 AND (?2 IS NULL OR active = ?2)"
    " AND (?3 IS NULL OR EXISTS (SELECT 1 FROM maintenance_impacts m"
    "  WHERE m.maintenance_id = maintenances.id AND m.monitor_id = ?3))"
    " ORDER BY id DESC LIMIT ?4";
constexpr char kSelectActiveMaintenances[] =
    "-- active maintenances of all organisations, newest first\n"
    "SELECT " PHAROS_MAINTENANCE_COLUMNS
    " FROM maintenances WHERE active = 1 ORDER BY id DESC LIMIT ?1";

#undef PHAROS_MAINTENANCE_COLUMNS

constexpr char kDeletePlanImpacts[] =
    "-- clears a maintenance's impacts, to be written anew\n"
    "DELETE FROM maintenance_impacts WHERE maintenance_id = ?1";
constexpr char kInsertPlanImpact[] =
    "-- names a monitor on a maintenance, unless it has been deleted meanwhile\n"
    "INSERT INTO maintenance_impacts (maintenance_id, position, monitor_id, impact)"
    " SELECT ?1, ?2, ?3, ?4"
    " WHERE NOT EXISTS (SELECT 1 FROM deleted_monitors WHERE monitor_id = ?3)";
constexpr char kSelectPlanImpacts[] =
    "-- a maintenance's impacts in the order given\n"
    "SELECT monitor_id, impact FROM maintenance_impacts WHERE maintenance_id = ?1"
    " ORDER BY position";

#define PHAROS_OCCURRENCE_COLUMNS \
  "id, maintenance_id, org_id, starts_at, ends_at, state, created_at, updated_at"

constexpr char kInsertOccurrence[] =
    "-- adds an occurrence to a maintenance of the organisation\n"
    "INSERT INTO occurrences (maintenance_id, org_id, starts_at, ends_at, state, created_at,"
    " updated_at)"
    " SELECT id, org_id, ?3, ?4, ?5, ?6, ?7 FROM maintenances WHERE id = ?1 AND org_id = ?2";
constexpr char kUpdateOccurrence[] =
    "-- times and state of an occurrence\n"
    "UPDATE occurrences SET starts_at = ?3, ends_at = ?4, state = ?5, updated_at = ?6"
    " WHERE id = ?1 AND org_id = ?2";
constexpr char kDeleteOccurrence[] =
    "-- removes an occurrence\n"
    "DELETE FROM occurrences WHERE id = ?1 AND org_id = ?2";
constexpr char kSelectOccurrenceById[] =
    "-- one occurrence of an organisation\n"
    "SELECT " PHAROS_OCCURRENCE_COLUMNS " FROM occurrences WHERE id = ?1 AND org_id = ?2";
// States are a bit mask, monitors a JSON list; NULL does not filter.
#define PHAROS_OCCURRENCE_FILTER                                                                   \
  " AND starts_at >= ?2 AND starts_at <= ?3 AND ends_at >= ?4 AND (?5 IS NULL OR (?5 >> state) & " \
  "1)"                                                                                             \
  " AND (?6 IS NULL OR EXISTS (SELECT 1 FROM maintenance_impacts m"                                \
  "  WHERE m.maintenance_id = o.maintenance_id"                                                    \
  "  AND m.monitor_id IN (SELECT value FROM json_each(?6))))"
// The plus keeps the planner on the maintenance's index.
#define PHAROS_OF_ALL " FROM occurrences o WHERE org_id = ?1"
#define PHAROS_OF_ONE " FROM occurrences o WHERE +org_id = ?1 AND maintenance_id = ?9"
constexpr char kSelectOccurrencesOldest[] =
    "-- occurrences by many wishes, oldest start first\n"
    "SELECT " PHAROS_OCCURRENCE_COLUMNS PHAROS_OF_ALL PHAROS_OCCURRENCE_FILTER
    " ORDER BY starts_at, id LIMIT ?7 OFFSET ?8";
constexpr char kSelectOccurrencesNewest[] =
    "-- occurrences by many wishes, newest start first\n"
    "SELECT " PHAROS_OCCURRENCE_COLUMNS PHAROS_OF_ALL PHAROS_OCCURRENCE_FILTER
    " ORDER BY starts_at DESC, id DESC LIMIT ?7 OFFSET ?8";
constexpr char kSelectOccurrencesOfOneOldest[] =
    "-- occurrences of one maintenance, oldest start first\n"
    "SELECT " PHAROS_OCCURRENCE_COLUMNS PHAROS_OF_ONE PHAROS_OCCURRENCE_FILTER
    " ORDER BY starts_at, id LIMIT ?7 OFFSET ?8";
constexpr char kSelectOccurrencesOfOneNewest[] =
    "-- occurrences of one maintenance, newest start first\n"
    "SELECT " PHAROS_OCCURRENCE_COLUMNS PHAROS_OF_ONE PHAROS_OCCURRENCE_FILTER
    " ORDER BY starts_at DESC, id DESC LIMIT ?7 OFFSET ?8";
constexpr char kCountOccurrences[] =
    "-- how many occurrences the wishes find\n"
    "SELECT COUNT(*)" PHAROS_OF_ALL PHAROS_OCCURRENCE_FILTER;
constexpr char kCountOccurrencesOfOne[] =
    "-- how many of one maintenance\n"
    "SELECT COUNT(*) FROM occurrences o WHERE +org_id = ?1 AND maintenance_id = "
    "?7" PHAROS_OCCURRENCE_FILTER;
#undef PHAROS_OF_ONE
#undef PHAROS_OF_ALL
#undef PHAROS_OCCURRENCE_FILTER
// The states are OccurrenceState::kScheduled, kReady and kOngoing.
constexpr char kSelectLivingOccurrences[] =
    "-- what is still to come or under way, of all organisations\n"
    "SELECT " PHAROS_OCCURRENCE_COLUMNS " FROM occurrences WHERE state <= 2 ORDER BY starts_at, id";

#undef PHAROS_OCCURRENCE_COLUMNS

Result<model::Maintenance> ReadMaintenance(Statement& s) {
  model::Maintenance m;
  std::string notes;
  s.Read(m.id, m.org, m.uid, m.title, m.description, m.starts_at, m.rrule, m.time_zone, m.duration,
         m.active, m.notify_scheduled, m.notify_started, m.notify_ended, notes, m.created_at,
         m.updated_at);
  PHAROS_ASSIGN_OR_RETURN(m.notes, ParseColumn(notes));
  return m;
}

Result<model::IncidentImpact> ReadImpact(Statement& s) {
  model::IncidentImpact impact;
  s.Read(impact.monitor, impact.impact);
  return impact;
}

Result<model::Occurrence> ReadOccurrence(Statement& s) {
  model::Occurrence o;
  s.Read(o.id, o.maintenance, o.org, o.starts_at, o.ends_at, o.state, o.created_at, o.updated_at);
  return o;
}

Error NoSuchMaintenance() { return Error(ErrorKind::kNotFound, "no such maintenance"); }
Error NoSuchOccurrence() { return Error(ErrorKind::kNotFound, "no such maintenance event"); }

Status WriteImpacts(Transaction& tx, const model::Maintenance& maintenance) {
  PHAROS_ASSIGN_OR_RETURN(Statement clear, Prepare(tx, kDeletePlanImpacts));
  PHAROS_RETURN_IF_ERROR(clear.Bind(maintenance.id).Run());
  PHAROS_ASSIGN_OR_RETURN(Statement insert, Prepare(tx, kInsertPlanImpact));
  int position = 0;
  for (const model::IncidentImpact& impact : maintenance.impacts) {
    PHAROS_RETURN_IF_ERROR(
        insert.Bind(maintenance.id, position++, impact.monitor, impact.impact).Run());
  }
  return Ok();
}

Status ReadImpacts(Session& session, model::Maintenance& maintenance) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectPlanImpacts));
  PHAROS_ASSIGN_OR_RETURN(maintenance.impacts, CollectRows(s.Bind(maintenance.id), ReadImpact));
  return Ok();
}

Result<std::optional<model::Maintenance>> CollectOne(Session& session, Statement& statement) {
  PHAROS_ASSIGN_OR_RETURN(auto found, CollectRow(statement, ReadMaintenance));
  if (found) PHAROS_RETURN_IF_ERROR(ReadImpacts(session, *found));
  return found;
}

Result<std::vector<model::Maintenance>> CollectAll(Session& session, Statement& statement) {
  PHAROS_ASSIGN_OR_RETURN(std::vector<model::Maintenance> all,
                          CollectRows(statement, ReadMaintenance));
  for (model::Maintenance& one : all) PHAROS_RETURN_IF_ERROR(ReadImpacts(session, one));
  return all;
}

// A query as it is bound.
struct Wishes {
  int64_t from = INT64_MIN;
  int64_t to = INT64_MAX;
  int64_t ends_from = INT64_MIN;
  std::optional<int64_t> states;
  std::optional<std::string> monitors;
};

Wishes WishesOf(const OccurrenceQuery& query) {
  Wishes wishes;
  if (query.starts_from) wishes.from = ToUnixMicros(*query.starts_from);
  if (query.starts_to) wishes.to = ToUnixMicros(*query.starts_to);
  if (query.ends_from) wishes.ends_from = ToUnixMicros(*query.ends_from);
  for (const model::OccurrenceState state : query.states) {
    wishes.states = wishes.states.value_or(0) | int64_t{1} << static_cast<int>(state);
  }
  if (query.monitors) wishes.monitors = WriteIds(*query.monitors);
  return wishes;
}

const char* SelectFor(const OccurrenceQuery& query) {
  if (query.maintenance) {
    return query.newest_first ? kSelectOccurrencesOfOneNewest : kSelectOccurrencesOfOneOldest;
  }
  return query.newest_first ? kSelectOccurrencesNewest : kSelectOccurrencesOldest;
}

}  // namespace

Result<model::Maintenance> SqliteMaintenanceStore::Insert(Transaction& tx,
                                                          model::Maintenance maintenance) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertMaintenance));
  const model::Maintenance& m = maintenance;
  s.Bind(m.org, m.uid, m.title, m.description, m.starts_at, m.rrule, m.time_zone, m.duration,
         m.active, m.notify_scheduled, m.notify_started, m.notify_ended, WriteColumn(m.notes),
         m.created_at, m.updated_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  maintenance.id = model::MaintenanceId(core->connection().LastInsertId());
  PHAROS_RETURN_IF_ERROR(WriteImpacts(tx, maintenance));
  return maintenance;
}

Status SqliteMaintenanceStore::Update(Transaction& tx, const model::Maintenance& maintenance) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kUpdateMaintenance));
  const model::Maintenance& m = maintenance;
  s.Bind(m.id, m.org, m.title, m.description, m.starts_at, m.rrule, m.time_zone, m.duration,
         m.active, m.notify_scheduled, m.notify_started, m.notify_ended, WriteColumn(m.notes),
         m.updated_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  if (core->connection().Changes() == 0) return NoSuchMaintenance();
  return WriteImpacts(tx, maintenance);
}

Status SqliteMaintenanceStore::Delete(Transaction& tx, model::OrgId org, model::MaintenanceId id) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kDeleteMaintenance));
  PHAROS_RETURN_IF_ERROR(s.Bind(id, org).Run());
  if (core->connection().Changes() == 0) return NoSuchMaintenance();
  return Ok();
}

Result<std::optional<model::Maintenance>> SqliteMaintenanceStore::Find(Session& session,
                                                                       model::OrgId org,
                                                                       model::MaintenanceId id) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectMaintenanceById));
  return CollectOne(session, s.Bind(id, org));
}

Result<std::optional<model::Maintenance>> SqliteMaintenanceStore::FindByUid(Session& session,
                                                                            model::OrgId org,
                                                                            std::string_view uid) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectMaintenanceByUid));
  return CollectOne(session, s.Bind(org, uid));
}

Result<std::vector<model::Maintenance>> SqliteMaintenanceStore::List(
    Session& session, model::OrgId org, const MaintenanceQuery& query) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectMaintenances));
  return CollectAll(session, s.Bind(org, query.active, query.monitor, query.limit));
}

Result<std::vector<model::Maintenance>> SqliteMaintenanceStore::ListActive(Session& session,
                                                                           int limit) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectActiveMaintenances));
  return CollectAll(session, s.Bind(limit));
}

Result<model::Occurrence> SqliteMaintenanceStore::InsertOccurrence(Transaction& tx,
                                                                   model::Occurrence occurrence) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertOccurrence));
  const model::Occurrence& o = occurrence;
  s.Bind(o.maintenance, o.org, o.starts_at, o.ends_at, o.state, o.created_at, o.updated_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  if (core->connection().Changes() == 0) return NoSuchMaintenance();
  occurrence.id = model::OccurrenceId(core->connection().LastInsertId());
  return occurrence;
}

Status SqliteMaintenanceStore::UpdateOccurrence(Transaction& tx,
                                                const model::Occurrence& occurrence) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kUpdateOccurrence));
  const model::Occurrence& o = occurrence;
  PHAROS_RETURN_IF_ERROR(s.Bind(o.id, o.org, o.starts_at, o.ends_at, o.state, o.updated_at).Run());
  if (core->connection().Changes() == 0) return NoSuchOccurrence();
  return Ok();
}

Status SqliteMaintenanceStore::DeleteOccurrence(Transaction& tx, model::OrgId org,
                                                model::OccurrenceId id) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kDeleteOccurrence));
  PHAROS_RETURN_IF_ERROR(s.Bind(id, org).Run());
  if (core->connection().Changes() == 0) return NoSuchOccurrence();
  return Ok();
}

Result<std::optional<model::Occurrence>> SqliteMaintenanceStore::FindOccurrence(
    Session& session, model::OrgId org, model::OccurrenceId id) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectOccurrenceById));
  return CollectRow(s.Bind(id, org), ReadOccurrence);
}

Result<std::vector<model::Occurrence>> SqliteMaintenanceStore::ListOccurrences(
    Session& session, model::OrgId org, const OccurrenceQuery& query) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, SelectFor(query)));
  const Wishes w = WishesOf(query);
  if (query.maintenance) {
    s.Bind(org, w.from, w.to, w.ends_from, w.states, w.monitors, query.limit, query.offset,
           *query.maintenance);
  } else {
    s.Bind(org, w.from, w.to, w.ends_from, w.states, w.monitors, query.limit, query.offset);
  }
  return CollectRows(s, ReadOccurrence);
}

Result<int64_t> SqliteMaintenanceStore::CountOccurrences(Session& session, model::OrgId org,
                                                         const OccurrenceQuery& query) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, query.maintenance ? kCountOccurrencesOfOne
                                                                          : kCountOccurrences));
  const Wishes w = WishesOf(query);
  if (query.maintenance) {
    s.Bind(org, w.from, w.to, w.ends_from, w.states, w.monitors, *query.maintenance);
  } else {
    s.Bind(org, w.from, w.to, w.ends_from, w.states, w.monitors);
  }
  PHAROS_RETURN_IF_ERROR(s.Step());
  return s.Get<int64_t>(0);
}

Result<std::vector<model::Occurrence>> SqliteMaintenanceStore::ListLiving(Session& session) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectLivingOccurrences));
  return CollectRows(s, ReadOccurrence);
}

}  // namespace pharos::store::sqlite
