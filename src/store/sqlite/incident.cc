#include "base/result.h"
#include "store/sqlite/aggregates.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

#define PHAROS_INCIDENT_COLUMNS \
  "id, org_id, uid, title, state, source, started_at, ended_at, created_at, updated_at"

constexpr char kInsertIncident[] =
    "-- adds an incident\n"
    "INSERT INTO incidents (org_id, uid, title, state, source, started_at, ended_at, created_at,"
    " updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
constexpr char kUpdateIncident[] =
    "-- everything of an incident that may change\n"
    "UPDATE incidents SET title = ?3, state = ?4, started_at = ?5, ended_at = ?6, updated_at = ?7"
    " WHERE id = ?1 AND org_id = ?2";
constexpr char kDeleteIncident[] =
    "-- removes an incident; impacts and updates go with it\n"
    "DELETE FROM incidents WHERE id = ?1 AND org_id = ?2";
constexpr char kSelectIncidentById[] =
    "-- one incident of an organisation\n"
    "SELECT " PHAROS_INCIDENT_COLUMNS " FROM incidents WHERE id = ?1 AND org_id = ?2";
// The state in the query is IncidentState::kResolved.
constexpr char kSelectIncidentsSince[] =
    "-- incidents that are open or ended lately, newest first\n"
    "SELECT " PHAROS_INCIDENT_COLUMNS
    " FROM incidents WHERE org_id = ?1 AND state <> 3"
    " UNION SELECT " PHAROS_INCIDENT_COLUMNS
    " FROM incidents"
    " WHERE org_id = ?1 AND ended_at >= ?2 ORDER BY id DESC LIMIT ?3";
constexpr char kSelectOpenIncidents[] =
    "-- open incidents of all organisations\n"
    "SELECT " PHAROS_INCIDENT_COLUMNS " FROM incidents WHERE state <> 3 ORDER BY id";

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
    "INSERT INTO incident_updates (incident_id, state, text, at, created_at, updated_at)"
    " SELECT id, ?3, ?4, ?5, ?6, ?7 FROM incidents WHERE id = ?1 AND org_id = ?2";
constexpr char kSelectIncidentUpdates[] =
    "-- an incident's updates, newest first\n"
    "SELECT u.id, u.incident_id, u.state, u.text, u.at, u.created_at, u.updated_at"
    " FROM incident_updates u JOIN incidents i ON i.id = u.incident_id"
    " WHERE u.incident_id = ?1 AND i.org_id = ?2 ORDER BY u.at DESC, u.id DESC";

Result<model::Incident> ReadIncident(Statement& s) {
  model::Incident i;
  s.Read(i.id, i.org, i.uid, i.title, i.state, i.source, i.started_at, i.ended_at, i.created_at,
         i.updated_at);
  return i;
}

Result<model::IncidentUpdate> ReadUpdate(Statement& s) {
  model::IncidentUpdate u;
  s.Read(u.id, u.incident, u.state, u.text, u.at, u.created_at, u.updated_at);
  return u;
}

Error NoSuchIncident() { return Error(ErrorKind::kNotFound, "no such incident"); }

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

}  // namespace

Result<model::Incident> SqliteIncidentStore::Insert(Transaction& tx, model::Incident incident) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertIncident));
  const model::Incident& i = incident;
  s.Bind(i.org, i.uid, i.title, i.state, i.source, i.started_at, i.ended_at, i.created_at,
         i.updated_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  incident.id = model::IncidentId(core->connection().LastInsertId());
  PHAROS_RETURN_IF_ERROR(WriteImpacts(tx, incident));
  return incident;
}

Status SqliteIncidentStore::Update(Transaction& tx, const model::Incident& incident) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kUpdateIncident));
  s.Bind(incident.id, incident.org, incident.title, incident.state, incident.started_at,
         incident.ended_at, incident.updated_at);
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
  s.Bind(update.incident, org, update.state, update.text, update.at, update.created_at,
         update.updated_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  if (core->connection().Changes() == 0) return NoSuchIncident();
  update.id = model::IncidentUpdateId(core->connection().LastInsertId());
  return update;
}

Result<std::optional<model::Incident>> SqliteIncidentStore::Find(Session& session, model::OrgId org,
                                                                 model::IncidentId id) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectIncidentById));
  PHAROS_ASSIGN_OR_RETURN(auto found, CollectRow(s.Bind(id, org), ReadIncident));
  if (found) PHAROS_RETURN_IF_ERROR(ReadImpacts(session, *found));
  return found;
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

}  // namespace pharos::store::sqlite
