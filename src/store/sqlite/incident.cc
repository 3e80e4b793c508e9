#include "base/result.h"
#include "store/sqlite/aggregates.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

#define PHAROS_INCIDENT_COLUMNS                                                           \
  "id, org_id, uid, title, state, severity, source, draft, publish_at, closed_at, cause," \
  " started_at, ended_at, pages, notes, created_at, updated_at"

constexpr char kInsertIncident[] =
    "-- adds an incident\n"
    "INSERT INTO incidents (org_id, uid, title, state, severity, source, draft, publish_at,"
    " closed_at, cause, started_at, ended_at, pages, notes, created_at, updated_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
constexpr char kUpdateIncident[] =
    "-- everything of an incident that may change\n"
    "UPDATE incidents SET title = ?3, state = ?4, severity = ?5, draft = ?6, publish_at = ?7,"
    " closed_at = ?8, started_at = ?9, ended_at = ?10, pages = ?11, notes = ?12, updated_at = ?13"
    " WHERE id = ?1 AND org_id = ?2";
constexpr char kDeleteIncident[] =
    "-- removes an incident; impacts and updates go with it\n"
    "DELETE FROM incidents WHERE id = ?1 AND org_id = ?2";
constexpr char kSelectIncidentById[] =
    "-- one incident of an organisation\n"
    "SELECT " PHAROS_INCIDENT_COLUMNS " FROM incidents WHERE id = ?1 AND org_id = ?2";
constexpr char kSelectIncidentByUid[] =
    "-- one incident by its public id\n"
    "SELECT " PHAROS_INCIDENT_COLUMNS " FROM incidents WHERE org_id = ?1 AND uid = ?2";
// The state in the queries is IncidentState::kResolved. Sets of states and severities are bit
// masks, monitors a JSON list; NULL does not filter.
#define PHAROS_INCIDENT_SPAN \
  " FROM incidents i WHERE org_id = ?1 AND started_at >= ?2 AND started_at <= ?3"
#define PHAROS_INCIDENT_FILTER                                                              \
  " AND (?4 IS NULL OR (?4 >> state) & 1) AND (?5 IS NULL OR (?5 >> severity) & 1)"         \
  " AND (?6 IS NULL OR EXISTS (SELECT 1 FROM incident_impacts m WHERE m.incident_id = i.id" \
  "  AND m.monitor_id IN (SELECT value FROM json_each(?6))))"                               \
  " AND (?7 = 0 OR state <> 3) AND (?8 = 1 OR draft = 0)"                                   \
  " AND (?9 IS NULL OR (closed_at IS NOT NULL) = ?9)"
// The plus keeps the planner on the index that has the order wanted.
constexpr char kSelectIncidents[] =
    "-- incidents by many wishes, newest first\n"
    "SELECT " PHAROS_INCIDENT_COLUMNS
    " FROM incidents i WHERE org_id = ?1 AND +started_at >= ?2 AND +started_at <= "
    "?3" PHAROS_INCIDENT_FILTER " ORDER BY id DESC LIMIT ?10 OFFSET ?11";
constexpr char kSelectIncidentsByStart[] =
    "-- the same, newest start first\n"
    "SELECT " PHAROS_INCIDENT_COLUMNS PHAROS_INCIDENT_SPAN PHAROS_INCIDENT_FILTER
    " ORDER BY started_at DESC, id DESC LIMIT ?10 OFFSET ?11";
constexpr char kCountIncidents[] =
    "-- how many incidents the wishes find\n"
    "SELECT COUNT(*)" PHAROS_INCIDENT_SPAN PHAROS_INCIDENT_FILTER;
#undef PHAROS_INCIDENT_FILTER
#undef PHAROS_INCIDENT_SPAN
constexpr char kSelectIncidentsSince[] =
    "-- incidents that are open, and those that ended last, newest first\n"
    "SELECT " PHAROS_INCIDENT_COLUMNS
    " FROM incidents WHERE org_id = ?1 AND state <> 3 AND draft = 0 AND closed_at IS NULL"
    " UNION ALL SELECT * FROM (SELECT " PHAROS_INCIDENT_COLUMNS
    " FROM incidents WHERE org_id = ?1 AND state = 3 AND draft = 0 AND closed_at IS NULL"
    " AND (ended_at >= ?2 OR (ended_at IS NULL AND updated_at >= ?2))"
    " ORDER BY COALESCE(ended_at, updated_at) DESC, id DESC LIMIT ?3)"
    " ORDER BY id DESC";
constexpr char kSelectOpenIncidents[] =
    "-- open incidents of all organisations\n"
    "SELECT " PHAROS_INCIDENT_COLUMNS
    " FROM incidents WHERE state <> 3 AND draft = 0 AND closed_at IS NULL ORDER BY id";
constexpr char kSelectDueDrafts[] =
    "-- drafts of all organisations whose time has come\n"
    "SELECT " PHAROS_INCIDENT_COLUMNS
    " FROM incidents WHERE draft = 1 AND publish_at <= ?1 AND closed_at IS NULL"
    " ORDER BY publish_at, id";
constexpr char kSelectLatestOfCause[] =
    "-- the newest incident that a monitor's failure opened\n"
    "SELECT " PHAROS_INCIDENT_COLUMNS
    " FROM incidents WHERE cause = ?2 AND cause <> 0 AND org_id = ?1 ORDER BY id DESC LIMIT 1";

#undef PHAROS_INCIDENT_COLUMNS

constexpr char kDeleteImpacts[] =
    "-- clears an incident's impacts, to be written anew\n"
    "DELETE FROM incident_impacts WHERE incident_id = ?1";
constexpr char kInsertImpact[] =
    "-- names a monitor on an incident, unless it has been deleted meanwhile\n"
    "INSERT INTO incident_impacts (incident_id, position, monitor_id, impact)"
    " SELECT ?1, ?2, ?3, ?4"
    " WHERE NOT EXISTS (SELECT 1 FROM deleted_monitors WHERE monitor_id = ?3)";
constexpr char kSelectImpacts[] =
    "-- an incident's impacts in the order given\n"
    "SELECT monitor_id, impact FROM incident_impacts WHERE incident_id = ?1 ORDER BY position";
constexpr char kInsertIncidentUpdate[] =
    "-- adds an update to an incident of the organisation\n"
    "INSERT INTO incident_updates (incident_id, uid, state, text, hidden, at, created_at,"
    " updated_at)"
    " SELECT id, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM incidents WHERE id = ?1 AND org_id = ?2";
constexpr char kChangeIncidentUpdate[] =
    "-- rewrites an update of an incident of the organisation\n"
    "UPDATE incident_updates SET state = ?4, text = ?5, hidden = ?6, at = ?7, created_at = ?8,"
    " updated_at = ?9 WHERE id = ?1 AND incident_id = ?2"
    " AND EXISTS (SELECT 1 FROM incidents WHERE id = ?2 AND org_id = ?3)";
constexpr char kDeleteIncidentUpdate[] =
    "-- removes an update of an incident of the organisation\n"
    "DELETE FROM incident_updates WHERE id = ?1 AND incident_id = ?2"
    " AND EXISTS (SELECT 1 FROM incidents WHERE id = ?2 AND org_id = ?3)";
constexpr char kSelectIncidentUpdates[] =
    "-- an incident's updates, newest first\n"
    "SELECT u.id, u.uid, u.incident_id, u.state, u.text, u.hidden, u.at, u.created_at,"
    " u.updated_at FROM incident_updates u JOIN incidents i ON i.id = u.incident_id"
    " WHERE u.incident_id = ?1 AND i.org_id = ?2 ORDER BY u.at DESC, u.id DESC";

Result<model::Incident> ReadIncident(Statement& s) {
  model::Incident i;
  std::string pages;
  std::string notes;
  s.Read(i.id, i.org, i.uid, i.title, i.state, i.severity, i.source, i.draft, i.publish_at,
         i.closed_at, i.cause, i.started_at, i.ended_at, pages, notes, i.created_at, i.updated_at);
  PHAROS_ASSIGN_OR_RETURN(i.pages, ParseIds<model::PageId>(pages));
  PHAROS_ASSIGN_OR_RETURN(i.notes, ParseColumn(notes));
  return i;
}

Result<model::IncidentUpdate> ReadUpdate(Statement& s) {
  model::IncidentUpdate u;
  s.Read(u.id, u.uid, u.incident, u.state, u.text, u.hidden, u.at, u.created_at, u.updated_at);
  return u;
}

Error NoSuchIncident() { return Error(ErrorKind::kNotFound, "no such incident"); }
Error NoSuchUpdate() { return Error(ErrorKind::kNotFound, "no such update"); }

Status WriteImpacts(Transaction& tx, const model::Incident& incident) {
  PHAROS_ASSIGN_OR_RETURN(Statement clear, Prepare(tx, kDeleteImpacts));
  PHAROS_RETURN_IF_ERROR(clear.Bind(incident.id).Run());
  PHAROS_ASSIGN_OR_RETURN(Statement insert, Prepare(tx, kInsertImpact));
  int position = 0;
  for (const model::IncidentImpact& impact : incident.impacts) {
    PHAROS_RETURN_IF_ERROR(
        insert.Bind(incident.id, position++, impact.monitor, impact.impact).Run());
  }
  return Ok();
}

Status ReadImpacts(Session& session, model::Incident& incident) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectImpacts));
  PHAROS_ASSIGN_OR_RETURN(
      incident.impacts,
      CollectRows(s.Bind(incident.id), [](Statement& row) -> Result<model::IncidentImpact> {
        model::IncidentImpact impact;
        row.Read(impact.monitor, impact.impact);
        return impact;
      }));
  return Ok();
}

Result<std::vector<model::Incident>> CollectIncidents(Session& session, Statement& statement) {
  PHAROS_ASSIGN_OR_RETURN(std::vector<model::Incident> incidents,
                          CollectRows(statement, ReadIncident));
  for (model::Incident& incident : incidents) {
    PHAROS_RETURN_IF_ERROR(ReadImpacts(session, incident));
  }
  return incidents;
}

Result<std::optional<model::Incident>> CollectIncident(Session& session, Statement& statement) {
  PHAROS_ASSIGN_OR_RETURN(auto found, CollectRow(statement, ReadIncident));
  if (found) PHAROS_RETURN_IF_ERROR(ReadImpacts(session, *found));
  return found;
}

// A query as it is bound.
struct Wishes {
  int64_t from = INT64_MIN;
  int64_t to = INT64_MAX;
  std::optional<int64_t> states;
  std::optional<int64_t> severities;
  std::optional<std::string> monitors;
};

template <class Enum>
std::optional<int64_t> MaskOf(const std::vector<Enum>& members) {
  if (members.empty()) return std::nullopt;
  int64_t mask = 0;
  for (const Enum member : members) mask |= int64_t{1} << static_cast<int>(member);
  return mask;
}

Wishes WishesOf(const IncidentQuery& query) {
  Wishes wishes;
  if (query.started_from) wishes.from = ToUnixMicros(*query.started_from);
  if (query.started_to) wishes.to = ToUnixMicros(*query.started_to);
  wishes.states = MaskOf(query.states);
  wishes.severities = MaskOf(query.severities);
  if (!query.monitors.empty()) wishes.monitors = WriteIds(query.monitors);
  return wishes;
}

}  // namespace

Result<model::Incident> SqliteIncidentStore::Insert(Transaction& tx, model::Incident incident) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertIncident));
  const model::Incident& i = incident;
  s.Bind(i.org, i.uid, i.title, i.state, i.severity, i.source, i.draft, i.publish_at, i.closed_at,
         i.cause, i.started_at, i.ended_at, WriteIds(i.pages), WriteColumn(i.notes), i.created_at,
         i.updated_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  incident.id = model::IncidentId(core->connection().LastInsertId());
  PHAROS_RETURN_IF_ERROR(WriteImpacts(tx, incident));
  return incident;
}

Status SqliteIncidentStore::Update(Transaction& tx, const model::Incident& incident) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kUpdateIncident));
  const model::Incident& i = incident;
  s.Bind(i.id, i.org, i.title, i.state, i.severity, i.draft, i.publish_at, i.closed_at,
         i.started_at, i.ended_at, WriteIds(i.pages), WriteColumn(i.notes), i.updated_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  if (core->connection().Changes() == 0) return NoSuchIncident();
  return WriteImpacts(tx, incident);
}

Status SqliteIncidentStore::Delete(Transaction& tx, model::OrgId org, model::IncidentId id) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kDeleteIncident));
  PHAROS_RETURN_IF_ERROR(s.Bind(id, org).Run());
  if (core->connection().Changes() == 0) return NoSuchIncident();
  return Ok();
}

Result<model::IncidentUpdate> SqliteIncidentStore::InsertUpdate(Transaction& tx, model::OrgId org,
                                                                model::IncidentUpdate update) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertIncidentUpdate));
  s.Bind(update.incident, org, update.uid, update.state, update.text, update.hidden, update.at,
         update.created_at, update.updated_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  if (core->connection().Changes() == 0) return NoSuchIncident();
  update.id = model::IncidentUpdateId(core->connection().LastInsertId());
  return update;
}

Status SqliteIncidentStore::ChangeUpdate(Transaction& tx, model::OrgId org,
                                         const model::IncidentUpdate& update) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kChangeIncidentUpdate));
  const model::IncidentUpdate& u = update;
  s.Bind(u.id, u.incident, org, u.state, u.text, u.hidden, u.at, u.created_at, u.updated_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  if (core->connection().Changes() == 0) return NoSuchUpdate();
  return Ok();
}

Status SqliteIncidentStore::DeleteUpdate(Transaction& tx, model::OrgId org,
                                         model::IncidentId incident, model::IncidentUpdateId id) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kDeleteIncidentUpdate));
  PHAROS_RETURN_IF_ERROR(s.Bind(id, incident, org).Run());
  if (core->connection().Changes() == 0) return NoSuchUpdate();
  return Ok();
}

Result<std::optional<model::Incident>> SqliteIncidentStore::Find(Session& session, model::OrgId org,
                                                                 model::IncidentId id) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectIncidentById));
  return CollectIncident(session, s.Bind(id, org));
}

Result<std::optional<model::Incident>> SqliteIncidentStore::FindByUid(Session& session,
                                                                      model::OrgId org,
                                                                      std::string_view uid) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectIncidentByUid));
  return CollectIncident(session, s.Bind(org, uid));
}

Result<std::vector<model::Incident>> SqliteIncidentStore::List(Session& session, model::OrgId org,
                                                               const IncidentQuery& query) {
  PHAROS_ASSIGN_OR_RETURN(
      Statement s, Prepare(session, query.by_start ? kSelectIncidentsByStart : kSelectIncidents));
  const Wishes w = WishesOf(query);
  s.Bind(org, w.from, w.to, w.states, w.severities, w.monitors, query.open_only, query.drafts,
         query.closed, query.limit, query.offset);
  return CollectIncidents(session, s);
}

Result<int64_t> SqliteIncidentStore::Count(Session& session, model::OrgId org,
                                           const IncidentQuery& query) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kCountIncidents));
  const Wishes w = WishesOf(query);
  s.Bind(org, w.from, w.to, w.states, w.severities, w.monitors, query.open_only, query.drafts,
         query.closed);
  PHAROS_RETURN_IF_ERROR(s.Step());
  return s.Get<int64_t>(0);
}

Result<std::vector<model::Incident>> SqliteIncidentStore::ListSince(Session& session,
                                                                    model::OrgId org,
                                                                    Timestamp since, int limit) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectIncidentsSince));
  return CollectIncidents(session, s.Bind(org, since, limit));
}

Result<std::vector<model::Incident>> SqliteIncidentStore::ListOpen(Session& session) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectOpenIncidents));
  return CollectIncidents(session, s);
}

Result<std::vector<model::IncidentUpdate>> SqliteIncidentStore::ListUpdates(
    Session& session, model::OrgId org, model::IncidentId incident) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectIncidentUpdates));
  return CollectRows(s.Bind(incident, org), ReadUpdate);
}

Result<std::vector<model::Incident>> SqliteIncidentStore::ListDueDrafts(Session& session,
                                                                        Timestamp now) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectDueDrafts));
  return CollectIncidents(session, s.Bind(now));
}

Result<std::optional<model::Incident>> SqliteIncidentStore::FindLatestOfCause(
    Session& session, model::OrgId org, model::MonitorId cause) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectLatestOfCause));
  return CollectIncident(session, s.Bind(org, cause));
}

Result<std::vector<std::vector<model::IncidentUpdate>>> SqliteIncidentStore::ListUpdatesOf(
    Session& session, model::OrgId org, const std::vector<model::IncidentId>& incidents) {
  std::vector<std::vector<model::IncidentUpdate>> all;
  all.reserve(incidents.size());
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectIncidentUpdates));
  for (const model::IncidentId incident : incidents) {
    PHAROS_ASSIGN_OR_RETURN(auto updates, CollectRows(s.Bind(incident, org), ReadUpdate));
    all.push_back(std::move(updates));
    s.Reset();
  }
  return all;
}

}  // namespace pharos::store::sqlite
