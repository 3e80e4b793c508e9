#include "base/result.h"
#include "store/sqlite/aggregates.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

constexpr char kInsertAuditEntry[] =
    "-- adds an audit entry\n"
    "INSERT INTO audit_entries (org_id, uid, at, actor_kind, actor_id, actor, action,"
    " resource_kind, resource_id, changes, detail)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

#define PHAROS_AUDIT_COLUMNS                                                 \
  "id, org_id, uid, at, actor_kind, actor_id, actor, action, resource_kind," \
  " resource_id, changes, detail"
// Empty texts and NULLs do not filter.
#define PHAROS_AUDIT_FILTER                                        \
  " FROM audit_entries WHERE org_id = ?1 AND at >= ?2 AND at < ?3" \
  " AND (?4 IS NULL OR actor_kind = ?4) AND (?5 = '' OR action = ?5)"
#define PHAROS_AUDIT_ANY " AND (?6 = '' OR resource_kind = ?6) AND (?7 = '' OR resource_id = ?7)"
#define PHAROS_AUDIT_ONE " AND resource_kind = ?6 AND resource_id = ?7"

constexpr char kSelectAuditEntries[] =
    "-- a page of an organisation's audit trail, newest first\n"
    "SELECT " PHAROS_AUDIT_COLUMNS PHAROS_AUDIT_FILTER PHAROS_AUDIT_ANY
    " ORDER BY at DESC, id DESC LIMIT ?8 OFFSET ?9";
constexpr char kSelectAuditOfResource[] =
    "-- a page of what happened to one noun, newest first\n"
    "SELECT " PHAROS_AUDIT_COLUMNS PHAROS_AUDIT_FILTER PHAROS_AUDIT_ONE
    " ORDER BY at DESC, id DESC LIMIT ?8 OFFSET ?9";
constexpr char kCountAuditEntries[] =
    "-- how many entries the filter finds\n"
    "SELECT COUNT(*)" PHAROS_AUDIT_FILTER PHAROS_AUDIT_ANY;
constexpr char kCountAuditOfResource[] =
    "-- how many entries one noun has\n"
    "SELECT COUNT(*)" PHAROS_AUDIT_FILTER PHAROS_AUDIT_ONE;

#undef PHAROS_AUDIT_ONE
#undef PHAROS_AUDIT_ANY
#undef PHAROS_AUDIT_FILTER
#undef PHAROS_AUDIT_COLUMNS

Result<model::AuditEntry> ReadAuditEntry(Statement& s) {
  model::AuditEntry entry;
  std::string changes;
  std::string detail;
  s.Read(entry.id, entry.org, entry.uid, entry.at, entry.actor_kind, entry.actor_id, entry.actor,
         entry.action, entry.resource_kind, entry.resource_id, changes, detail);
  PHAROS_ASSIGN_OR_RETURN(entry.changes, ParseColumn(changes));
  PHAROS_ASSIGN_OR_RETURN(entry.detail, ParseColumn(detail));
  return entry;
}

bool IsOneResource(const AuditQuery& query) {
  return !query.resource_kind.empty() && !query.resource_id.empty();
}

}  // namespace

Status SqliteAuditStore::Insert(Transaction& tx, const model::AuditEntry& entry) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertAuditEntry));
  s.Bind(entry.org, entry.uid, entry.at, entry.actor_kind, entry.actor_id, entry.actor,
         entry.action, entry.resource_kind, entry.resource_id, WriteColumn(entry.changes),
         WriteColumn(entry.detail));
  return s.Run();
}

Result<std::vector<model::AuditEntry>> SqliteAuditStore::List(Session& session, model::OrgId org,
                                                              const AuditQuery& query) {
  PHAROS_ASSIGN_OR_RETURN(
      Statement s,
      Prepare(session, IsOneResource(query) ? kSelectAuditOfResource : kSelectAuditEntries));
  s.Bind(org, query.from ? ToUnixMicros(*query.from) : INT64_MIN,
         query.to ? ToUnixMicros(*query.to) : INT64_MAX, query.actor_kind, query.action,
         query.resource_kind, query.resource_id, query.limit, query.offset);
  return CollectRows(s, ReadAuditEntry);
}

Result<int64_t> SqliteAuditStore::Count(Session& session, model::OrgId org,
                                        const AuditQuery& query) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, IsOneResource(query) ? kCountAuditOfResource
                                                                             : kCountAuditEntries));
  s.Bind(org, query.from ? ToUnixMicros(*query.from) : INT64_MIN,
         query.to ? ToUnixMicros(*query.to) : INT64_MAX, query.actor_kind, query.action,
         query.resource_kind, query.resource_id);
  PHAROS_RETURN_IF_ERROR(s.Step());
  return s.Get<int64_t>(0);
}

}  // namespace pharos::store::sqlite
