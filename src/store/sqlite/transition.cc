#include "base/result.h"
#include "store/sqlite/aggregates.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

constexpr char kInsertTransition[] =
    "-- adds a transition, unless its monitor has been deleted meanwhile\n"
    "INSERT INTO transitions (org_id, monitor_id, at, from_status, to_status, cause, ordinal)"
    " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7"
    " WHERE NOT EXISTS (SELECT 1 FROM deleted_monitors WHERE monitor_id = ?2)";
constexpr char kSelectTransitions[] =
    "-- a monitor's transitions in a window, newest first\n"
    "SELECT id, org_id, monitor_id, at, from_status, to_status, cause, ordinal FROM transitions"
    " WHERE monitor_id = ?2 AND org_id = ?1 AND at >= ?3 AND at < ?4"
    " ORDER BY at DESC, id DESC LIMIT ?5";
constexpr char kSelectTransitionsUp[] =
    "-- a monitor's transitions in a window, oldest first\n"
    "SELECT id, org_id, monitor_id, at, from_status, to_status, cause, ordinal FROM transitions"
    " WHERE monitor_id = ?2 AND org_id = ?1 AND at >= ?3 AND at < ?4"
    " ORDER BY at, id LIMIT ?5";

Result<model::Transition> ReadTransition(Statement& s) {
  model::Transition t;
  s.Read(t.id, t.org, t.monitor, t.at, t.from, t.to, t.cause, t.ordinal);
  return t;
}

}  // namespace

Result<model::Transition> SqliteTransitionStore::Insert(Transaction& tx,
                                                        model::Transition transition) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertTransition));
  const model::Transition& t = transition;
  PHAROS_RETURN_IF_ERROR(s.Bind(t.org, t.monitor, t.at, t.from, t.to, t.cause, t.ordinal).Run());
  if (core->connection().Changes() > 0) {
    transition.id = model::TransitionId(core->connection().LastInsertId());
  }
  return transition;
}

Result<std::vector<model::Transition>> SqliteTransitionStore::List(Session& session,
                                                                   model::OrgId org,
                                                                   model::MonitorId monitor,
                                                                   Timestamp from, Timestamp to,
                                                                   int limit) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectTransitions));
  return CollectRows(s.Bind(org, monitor, from, to, limit), ReadTransition);
}

Result<std::vector<model::Transition>> SqliteTransitionStore::ListUp(Session& session,
                                                                     model::OrgId org,
                                                                     model::MonitorId monitor,
                                                                     Timestamp from, Timestamp to,
                                                                     int limit) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectTransitionsUp));
  return CollectRows(s.Bind(org, monitor, from, to, limit), ReadTransition);
}

}  // namespace pharos::store::sqlite
