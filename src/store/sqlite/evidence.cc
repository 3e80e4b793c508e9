#include "base/result.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/more_aggregates.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

// Slots 0 to 19 are a ring of failures, -1 is the last good check.
constexpr char kPutFailure[] =
    "-- keeps what a failed check saw, in place of the oldest one of its monitor\n"
    "INSERT OR REPLACE INTO evidence"
    " (monitor_id, slot, seq, org_id, at, status, outcome, message, data)"
    " SELECT ?1, next.seq % 20, next.seq, ?2, ?3, ?4, ?5, ?6, ?7 FROM"
    " (SELECT COALESCE(MAX(seq), 0) + 1 AS seq FROM evidence WHERE monitor_id = ?1) AS next"
    " WHERE EXISTS (SELECT 1 FROM monitors WHERE id = ?1 AND org_id = ?2)";
constexpr char kPutGood[] =
    "-- keeps what the last good check of a monitor saw\n"
    "INSERT OR REPLACE INTO evidence"
    " (monitor_id, slot, seq, org_id, at, status, outcome, message, data)"
    " SELECT ?1, -1, 0, ?2, ?3, ?4, ?5, ?6, ?7"
    " WHERE EXISTS (SELECT 1 FROM monitors WHERE id = ?1 AND org_id = ?2)";
constexpr char kSelectFailures[] =
    "-- what the failed checks of a monitor saw, newest first\n"
    "SELECT org_id, monitor_id, at, status, outcome, message, data FROM evidence"
    " WHERE monitor_id = ?2 AND org_id = ?1 AND slot >= 0 ORDER BY seq DESC LIMIT ?3";
constexpr char kSelectGood[] =
    "-- what the last good check of a monitor saw\n"
    "SELECT org_id, monitor_id, at, status, outcome, message, data FROM evidence"
    " WHERE monitor_id = ?2 AND org_id = ?1 AND slot = -1";
constexpr char kPruneOld[] =
    "-- removes what failed checks of an organisation saw before a time\n"
    "DELETE FROM evidence WHERE rowid IN (SELECT rowid FROM evidence"
    " WHERE org_id = ?1 AND slot >= 0 AND at < ?2 LIMIT ?3)";
constexpr char kPruneMany[] =
    "-- removes the oldest beyond so many of an organisation\n"
    "DELETE FROM evidence WHERE rowid IN (SELECT rowid FROM evidence"
    " WHERE org_id = ?1 AND slot >= 0 ORDER BY at LIMIT"
    " MAX(0, MIN(?3, (SELECT COUNT(*) FROM evidence WHERE org_id = ?1 AND slot >= 0) - ?2)))";

Result<model::EvidenceRecord> ReadEvidence(Statement& s) {
  model::EvidenceRecord record;
  std::string data;
  s.Read(record.org, record.monitor, record.at, record.status, record.outcome, record.message,
         data);
  PHAROS_ASSIGN_OR_RETURN(const Value value, ParseColumn(data));
  record.seen = model::EvidenceFrom(value);
  return record;
}

}  // namespace

Status SqliteEvidenceStore::Put(Transaction& tx, const model::EvidenceRecord& r) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, r.IsGood() ? kPutGood : kPutFailure));
  return s
      .Bind(r.monitor, r.org, r.at, r.status, r.outcome, r.message,
            WriteColumn(model::ToValue(r.seen)))
      .Run();
}

Result<std::vector<model::EvidenceRecord>> SqliteEvidenceStore::ListFailures(
    Session& session, model::OrgId org, model::MonitorId monitor, int limit) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectFailures));
  return CollectRows(s.Bind(org, monitor, limit), ReadEvidence);
}

Result<std::optional<model::EvidenceRecord>> SqliteEvidenceStore::LastGood(
    Session& session, model::OrgId org, model::MonitorId monitor) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectGood));
  return CollectRow(s.Bind(org, monitor), ReadEvidence);
}

Result<int64_t> SqliteEvidenceStore::Prune(Transaction& tx, model::OrgId org, Timestamp before,
                                           int64_t keep, int limit) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement old, Prepare(tx, kPruneOld));
  PHAROS_RETURN_IF_ERROR(old.Bind(org, before, limit).Run());
  const int64_t gone = core->connection().Changes();
  PHAROS_ASSIGN_OR_RETURN(Statement many, Prepare(tx, kPruneMany));
  PHAROS_RETURN_IF_ERROR(many.Bind(org, keep, limit - gone).Run());
  return gone + core->connection().Changes();
}

}  // namespace pharos::store::sqlite
