#include "base/result.h"
#include "store/sqlite/aggregates.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

constexpr char kInsertAuditEntry[] =
    "-- adds an audit entry\n"
    "INSERT INTO audit_entries (org_id, at, actor, action, subject, detail)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
constexpr char kSelectAuditEntries[] =
    "-- a page of an organisation's audit trail, newest first\n"
    "SELECT id, org_id, at, actor, action, subject, detail FROM audit_entries"
    " WHERE org_id = ?1 ORDER BY at DESC, id DESC LIMIT ?2 OFFSET ?3";

Result<model::AuditEntry> ReadAuditEntry(Statement& s) {
  model::AuditEntry entry;
  std::string detail;
  s.Read(entry.id, entry.org, entry.at, entry.actor, entry.action, entry.subject, detail);
  PHAROS_ASSIGN_OR_RETURN(entry.detail, ParseColumn(detail));
  return entry;
}

}  // namespace

Status SqliteAuditStore::Insert(Transaction& tx, const model::AuditEntry& entry) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertAuditEntry));
  return s
      .Bind(entry.org, entry.at, entry.actor, entry.action, entry.subject,
            WriteColumn(entry.detail))
      .Run();
}

Result<std::vector<model::AuditEntry>> SqliteAuditStore::List(Session& session, model::OrgId org,
                                                              int limit, int offset) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectAuditEntries));
  return CollectRows(s.Bind(org, limit, offset), ReadAuditEntry);
}

}  // namespace pharos::store::sqlite
