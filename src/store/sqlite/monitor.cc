#include "base/result.h"
#include "store/sqlite/aggregates.h"
#include "store/sqlite/history_key.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

#define PHAROS_MONITOR_COLUMNS                                                            \
  "id, org_id, uid, tag, name, description, image, external_url, category, kind, spec,"   \
  " schedule_kind, schedule_interval, schedule_cron, schedule_time_zone, active, hidden," \
  " confirmation_threshold, default_status, uptime_numerator, uptime_denominator, notes," \
  " created_at, updated_at, revision, service_id, auto_incident, auto_threshold,"         \
  " auto_cooldown, auto_severity, position, parents, flap_detection, flap_low, flap_high"

constexpr char kInsertMonitor[] =
    "-- adds a monitor, at its first revision\n"
    "INSERT INTO monitors (org_id, uid, tag, name, description, image, external_url, category,"
    " kind, spec, schedule_kind, schedule_interval, schedule_cron, schedule_time_zone, active,"
    " hidden, confirmation_threshold, default_status, uptime_numerator, uptime_denominator, notes,"
    " created_at, updated_at, service_id, auto_incident, auto_threshold, auto_cooldown,"
    " auto_severity, position, parents, flap_detection, flap_low, flap_high, revision)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
    " ?19, ?20, ?21, ?22, ?23, iif(EXISTS (SELECT 1 FROM deleted_monitors WHERE"
    " monitor_id = ?24), 0, ?24), ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33,"
    " 1)";
constexpr char kUpdateMonitor[] =
    "-- everything of a monitor that may change\n"
    "UPDATE monitors SET name = ?3, description = ?4, image = ?5, external_url = ?6,"
    " category = ?7, kind = ?8, spec = ?9, schedule_kind = ?10, schedule_interval = ?11,"
    " schedule_cron = ?12, schedule_time_zone = ?13, active = ?14, hidden = ?15,"
    " confirmation_threshold = ?16, default_status = ?17, uptime_numerator = ?18,"
    " uptime_denominator = ?19, notes = ?20, updated_at = ?21, service_id = iif(EXISTS"
    " (SELECT 1 FROM deleted_monitors WHERE monitor_id = ?22), 0, ?22), auto_incident = ?23,"
    " auto_threshold = ?24, auto_cooldown = ?25, auto_severity = ?26, position = ?27,"
    " parents = ?28, flap_detection = ?29, flap_low = ?30, flap_high = ?31,"
    " revision = revision + 1"
    " WHERE id = ?1 AND org_id = ?2";
constexpr char kSelectMonitorById[] =
    "-- one monitor of an organisation\n"
    "SELECT " PHAROS_MONITOR_COLUMNS " FROM monitors WHERE id = ?1 AND org_id = ?2";
constexpr char kSelectMonitorByTag[] =
    "-- one monitor by its tag\n"
    "SELECT " PHAROS_MONITOR_COLUMNS " FROM monitors WHERE org_id = ?1 AND tag = ?2";
constexpr char kSelectMonitors[] =
    "-- all monitors, for the directory\n"
    "SELECT " PHAROS_MONITOR_COLUMNS " FROM monitors ORDER BY id";

#undef PHAROS_MONITOR_COLUMNS

constexpr char kDeleteMonitor[] =
    "-- removes a monitor\n"
    "DELETE FROM monitors WHERE id = ?1 AND org_id = ?2";
constexpr char kInsertDeletedMonitor[] =
    "-- voids what is still on its way to a deleted monitor\n"
    "INSERT OR IGNORE INTO deleted_monitors (monitor_id) VALUES (?1)";
constexpr char kDeleteStateByMonitor[] =
    "-- removes the state of a deleted monitor\n"
    "DELETE FROM monitor_states WHERE monitor_id = ?1";
constexpr char kDeleteTransitionsByMonitor[] =
    "-- removes the transitions of a deleted monitor\n"
    "DELETE FROM transitions WHERE monitor_id = ?1";
constexpr char kDeleteImpactsByMonitor[] =
    "-- takes a deleted monitor off all incidents\n"
    "DELETE FROM incident_impacts WHERE monitor_id = ?1";
constexpr char kDeletePlansByMonitor[] =
    "-- takes a deleted monitor off all maintenances\n"
    "DELETE FROM maintenance_impacts WHERE monitor_id = ?1";
constexpr char kDeletePageMonitor[] =
    "-- takes a deleted monitor off all pages\n"
    "DELETE FROM page_monitors WHERE monitor_id = ?1";
constexpr char kDeleteChannelMonitor[] =
    "-- takes a deleted monitor off all channels\n"
    "DELETE FROM channel_monitors WHERE monitor_id = ?1";
constexpr char kClearService[] =
    "-- monitors that a deleted service followed have none any more\n"
    "UPDATE monitors SET service_id = 0, revision = revision + 1"
    " WHERE service_id = ?1 AND service_id <> 0";
constexpr char kClearParent[] =
    "-- monitors behind a deleted one have it as a parent no longer\n"
    "UPDATE monitors SET revision = revision + 1, parents = coalesce((SELECT"
    " nullif(json_group_array(value), '[]') FROM json_each(monitors.parents) WHERE value <> ?1), "
    "'')"
    " WHERE parents <> '' AND EXISTS (SELECT 1 FROM json_each(monitors.parents) WHERE value = ?1)";
constexpr char kClearCause[] =
    "-- incidents that a deleted monitor opened stay, without it\n"
    "UPDATE incidents SET cause = 0 WHERE cause = ?1 AND cause <> 0";
constexpr char kDeleteChunksByMonitor[] =
    "-- removes the samples of a deleted monitor\n"
    "DELETE FROM history_chunks WHERE key BETWEEN ?1 AND ?2";
constexpr char kDeleteCountsByMonitor[] =
    "-- removes the roll-up counts of a deleted monitor\n"
    "DELETE FROM history_counts WHERE key BETWEEN ?1 AND ?2";
constexpr char kDeleteLatenciesByMonitor[] =
    "-- removes the roll-up latencies of a deleted monitor\n"
    "DELETE FROM history_latencies WHERE key BETWEEN ?1 AND ?2";

// [id, ...]; empty when there are none, as it almost always is.
std::string WriteParents(const std::vector<model::MonitorId>& parents) {
  if (parents.empty()) return {};
  Value::List list;
  for (const model::MonitorId parent : parents) list.emplace_back(parent.value());
  return WriteColumn(Value(std::move(list)));
}

Result<std::vector<model::MonitorId>> ParseParents(std::string_view text) {
  std::vector<model::MonitorId> parents;
  if (text.empty()) return parents;
  PHAROS_ASSIGN_OR_RETURN(const Value list, ParseColumn(text));
  if (!list.IsList()) return Error::Internal("damaged parents");
  for (const Value& id : list.AsList()) {
    if (!id.IsInt()) return Error::Internal("damaged parents");
    parents.emplace_back(id.AsInt());
  }
  return parents;
}

Result<model::Monitor> ReadMonitor(Statement& s) {
  model::Monitor m;
  std::string parents;
  std::string spec;
  std::string notes;
  s.Read(m.id, m.org, m.uid, m.tag, m.name, m.description, m.image, m.external_url, m.category,
         m.kind, spec, m.schedule.kind, m.schedule.interval, m.schedule.cron, m.schedule.time_zone,
         m.active, m.hidden, m.confirmation_threshold, m.default_status, m.uptime.numerator,
         m.uptime.denominator, notes, m.created_at, m.updated_at, m.revision, m.service,
         m.auto_incident.enabled, m.auto_incident.failure_threshold, m.auto_incident.cooldown,
         m.auto_incident.severity, m.position, parents, m.flapping.enabled, m.flapping.low_percent,
         m.flapping.high_percent);
  PHAROS_ASSIGN_OR_RETURN(m.parents, ParseParents(parents));
  PHAROS_ASSIGN_OR_RETURN(m.spec, ParseColumn(spec));
  PHAROS_ASSIGN_OR_RETURN(m.notes, ParseColumn(notes));
  return m;
}

Error NoSuchMonitor() { return Error(ErrorKind::kNotFound, "no such monitor"); }

Result<model::Monitor> LoadMonitor(Session& session, model::OrgId org, model::MonitorId id) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectMonitorById));
  PHAROS_ASSIGN_OR_RETURN(auto found, CollectRow(s.Bind(id, org), ReadMonitor));
  if (!found) return NoSuchMonitor();
  return *std::move(found);
}

}  // namespace

Result<model::Monitor> SqliteMonitorStore::Insert(Transaction& tx, model::Monitor monitor) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertMonitor));
  const model::Monitor& m = monitor;
  s.Bind(m.org, m.uid, m.tag, m.name, m.description, m.image, m.external_url, m.category, m.kind,
         WriteColumn(m.spec), m.schedule.kind, m.schedule.interval, m.schedule.cron,
         m.schedule.time_zone, m.active, m.hidden, m.confirmation_threshold, m.default_status,
         m.uptime.numerator, m.uptime.denominator, WriteColumn(m.notes), m.created_at, m.updated_at,
         m.service, m.auto_incident.enabled, m.auto_incident.failure_threshold,
         m.auto_incident.cooldown, m.auto_incident.severity, m.position, WriteParents(m.parents),
         m.flapping.enabled, m.flapping.low_percent, m.flapping.high_percent);
  auto inserted = s.Run();
  if (!inserted) {
    Error error = std::move(inserted).error();
    if (error.kind == ErrorKind::kConflict)
      error.message = "a monitor with this tag exists already";
    return error;
  }
  monitor.id = model::MonitorId(core->connection().LastInsertId());
  monitor.revision = 1;
  return monitor;
}

Result<model::Monitor> SqliteMonitorStore::Update(Transaction& tx, model::Monitor monitor) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kUpdateMonitor));
  const model::Monitor& m = monitor;
  s.Bind(m.id, m.org, m.name, m.description, m.image, m.external_url, m.category, m.kind,
         WriteColumn(m.spec), m.schedule.kind, m.schedule.interval, m.schedule.cron,
         m.schedule.time_zone, m.active, m.hidden, m.confirmation_threshold, m.default_status,
         m.uptime.numerator, m.uptime.denominator, WriteColumn(m.notes), m.updated_at, m.service,
         m.auto_incident.enabled, m.auto_incident.failure_threshold, m.auto_incident.cooldown,
         m.auto_incident.severity, m.position, WriteParents(m.parents), m.flapping.enabled,
         m.flapping.low_percent, m.flapping.high_percent);
  PHAROS_RETURN_IF_ERROR(s.Run());
  if (core->connection().Changes() == 0) return NoSuchMonitor();
  return LoadMonitor(tx, m.org, m.id);
}

Status SqliteMonitorStore::Delete(Transaction& tx, model::OrgId org, model::MonitorId id) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement remove, Prepare(tx, kDeleteMonitor));
  PHAROS_RETURN_IF_ERROR(remove.Bind(id, org).Run());
  if (core->connection().Changes() == 0) return NoSuchMonitor();
  for (const char* sql : {kInsertDeletedMonitor, kDeleteStateByMonitor, kDeleteTransitionsByMonitor,
                          kDeleteImpactsByMonitor, kDeletePlansByMonitor, kDeletePageMonitor,
                          kDeleteChannelMonitor, kClearService, kClearParent, kClearCause}) {
    PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, sql));
    PHAROS_RETURN_IF_ERROR(s.Bind(id).Run());
  }
  for (const char* sql :
       {kDeleteChunksByMonitor, kDeleteCountsByMonitor, kDeleteLatenciesByMonitor}) {
    PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, sql));
    PHAROS_RETURN_IF_ERROR(s.Bind(FirstHistoryKey(id), LastHistoryKey(id)).Run());
  }
  core->changes.emplace_back(ErasedMonitor{id});
  return Ok();
}

Result<std::optional<model::Monitor>> SqliteMonitorStore::FindByTag(Session& session,
                                                                    model::OrgId org,
                                                                    std::string_view tag) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectMonitorByTag));
  return CollectRow(s.Bind(org, tag), ReadMonitor);
}

Result<std::vector<model::Monitor>> SqliteMonitorStore::ListAll(Session& session) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectMonitors));
  return CollectRows(s, ReadMonitor);
}

}  // namespace pharos::store::sqlite
