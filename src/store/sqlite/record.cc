#include <algorithm>

#include "base/result.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/more_aggregates.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

#define PHAROS_RECORD_COLUMNS \
  "id, org_id, collection, uid, key, parent, data, created_at, updated_at"

constexpr char kInsertRecord[] =
    "-- adds a record\n"
    "INSERT INTO records (org_id, collection, uid, key, parent, data, created_at, updated_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
constexpr char kUpdateRecord[] =
    "-- everything of a record that may change\n"
    "UPDATE records SET key = ?4, parent = ?5, data = ?6, updated_at = ?7"
    " WHERE org_id = ?1 AND collection = ?2 AND uid = ?3";
constexpr char kDeleteRecord[] =
    "-- removes a record\n"
    "DELETE FROM records WHERE org_id = ?1 AND collection = ?2 AND uid = ?3";
constexpr char kSelectRecordByUid[] =
    "-- one record of an organisation\n"
    "SELECT " PHAROS_RECORD_COLUMNS
    " FROM records WHERE org_id = ?1 AND collection = ?2 AND uid = ?3";
constexpr char kSelectRecordByKey[] =
    "-- one record of an organisation by its key\n"
    "SELECT " PHAROS_RECORD_COLUMNS
    " FROM records WHERE collection = ?2 AND key = ?3 AND key <> '' AND org_id = ?1";
constexpr char kSelectRecordAnywhere[] =
    "-- the record of whichever organisation has the key, the oldest if several do\n"
    "SELECT " PHAROS_RECORD_COLUMNS
    " FROM records WHERE collection = ?1 AND key = ?2 AND key <> '' ORDER BY id LIMIT 1";

// The plus keeps the planner on the indexes of the organisation, which have the order wanted.
#define PHAROS_RECORD_FILTER " FROM records WHERE org_id = ?1 AND collection = ?2"

constexpr char kSelectRecordsOldest[] =
    "-- a collection, oldest first\n"
    "SELECT " PHAROS_RECORD_COLUMNS PHAROS_RECORD_FILTER
    " AND +created_at >= ?3 ORDER BY id LIMIT ?4 OFFSET ?5";
constexpr char kSelectRecordsNewest[] =
    "-- a collection, newest first\n"
    "SELECT " PHAROS_RECORD_COLUMNS PHAROS_RECORD_FILTER
    " AND +created_at >= ?3 ORDER BY id DESC LIMIT ?4 OFFSET ?5";
constexpr char kSelectChildrenOldest[] =
    "-- what belongs to one parent, oldest first\n"
    "SELECT " PHAROS_RECORD_COLUMNS PHAROS_RECORD_FILTER
    " AND parent = ?6 AND +created_at >= ?3 ORDER BY id LIMIT ?4 OFFSET ?5";
constexpr char kSelectChildrenNewest[] =
    "-- what belongs to one parent, newest first\n"
    "SELECT " PHAROS_RECORD_COLUMNS PHAROS_RECORD_FILTER
    " AND parent = ?6 AND +created_at >= ?3 ORDER BY id DESC LIMIT ?4 OFFSET ?5";
constexpr char kCountRecords[] =
    "-- the size of a collection\n"
    "SELECT COUNT(*)" PHAROS_RECORD_FILTER " AND +created_at >= ?3";
constexpr char kCountChildren[] =
    "-- how many belong to one parent\n"
    "SELECT COUNT(*)" PHAROS_RECORD_FILTER " AND +created_at >= ?3 AND parent = ?4";
constexpr char kDeleteChildren[] =
    "-- removes what belongs to one parent\n"
    "DELETE FROM records WHERE org_id = ?1 AND collection = ?2 AND parent = ?3";
constexpr char kDeleteOldRecords[] =
    "-- removes what is too old\n"
    "DELETE FROM records WHERE collection = ?1 AND created_at < ?2";
constexpr char kDeleteSurplusRecords[] =
    "-- removes all but the newest of each parent; those without one count as one family\n"
    "DELETE FROM records WHERE id IN (SELECT id FROM"
    " (SELECT id, ROW_NUMBER() OVER (PARTITION BY org_id, parent ORDER BY id DESC) AS place"
    "  FROM records WHERE collection = ?1) WHERE place > ?2)";

#undef PHAROS_RECORD_FILTER
#undef PHAROS_RECORD_COLUMNS

Result<model::Record> ReadRecord(Statement& s) {
  model::Record r;
  std::string data;
  s.Read(r.id, r.org, r.collection, r.uid, r.key, r.parent, data, r.created_at, r.updated_at);
  PHAROS_ASSIGN_OR_RETURN(r.data, ParseColumn(data));
  return r;
}

Error NoSuchRecord() { return Error(ErrorKind::kNotFound, "no such record"); }

int64_t CreatedFrom(const RecordQuery& query) {
  return query.created_from ? ToUnixMicros(*query.created_from) : INT64_MIN;
}

}  // namespace

Result<model::Record> SqliteRecordStore::Insert(Transaction& tx, model::Record record) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertRecord));
  const model::Record& r = record;
  s.Bind(r.org, r.collection, r.uid, r.key, r.parent, WriteColumn(r.data), r.created_at,
         r.updated_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  record.id = model::RecordId(core->connection().LastInsertId());
  return record;
}

Status SqliteRecordStore::Update(Transaction& tx, const model::Record& record) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kUpdateRecord));
  const model::Record& r = record;
  s.Bind(r.org, r.collection, r.uid, r.key, r.parent, WriteColumn(r.data), r.updated_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  if (core->connection().Changes() == 0) return NoSuchRecord();
  return Ok();
}

Status SqliteRecordStore::Delete(Transaction& tx, model::OrgId org, std::string_view collection,
                                 std::string_view uid) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kDeleteRecord));
  PHAROS_RETURN_IF_ERROR(s.Bind(org, collection, uid).Run());
  if (core->connection().Changes() == 0) return NoSuchRecord();
  return Ok();
}

Result<std::optional<model::Record>> SqliteRecordStore::Find(Session& session, model::OrgId org,
                                                             std::string_view collection,
                                                             std::string_view uid) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectRecordByUid));
  return CollectRow(s.Bind(org, collection, uid), ReadRecord);
}

Result<std::optional<model::Record>> SqliteRecordStore::FindByKey(Session& session,
                                                                  model::OrgId org,
                                                                  std::string_view collection,
                                                                  std::string_view key) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectRecordByKey));
  return CollectRow(s.Bind(org, collection, key), ReadRecord);
}

Result<std::optional<model::Record>> SqliteRecordStore::FindByKeyAnywhere(
    Session& session, std::string_view collection, std::string_view key) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectRecordAnywhere));
  return CollectRow(s.Bind(collection, key), ReadRecord);
}

Result<std::vector<model::Record>> SqliteRecordStore::List(Session& session, model::OrgId org,
                                                           std::string_view collection,
                                                           const RecordQuery& query) {
  if (query.parent.empty()) {
    PHAROS_ASSIGN_OR_RETURN(
        Statement s,
        Prepare(session, query.newest_first ? kSelectRecordsNewest : kSelectRecordsOldest));
    return CollectRows(s.Bind(org, collection, CreatedFrom(query), query.limit, query.offset),
                       ReadRecord);
  }
  PHAROS_ASSIGN_OR_RETURN(
      Statement s,
      Prepare(session, query.newest_first ? kSelectChildrenNewest : kSelectChildrenOldest));
  s.Bind(org, collection, CreatedFrom(query), query.limit, query.offset, query.parent);
  return CollectRows(s, ReadRecord);
}

Result<int64_t> SqliteRecordStore::Count(Session& session, model::OrgId org,
                                         std::string_view collection, const RecordQuery& query) {
  PHAROS_ASSIGN_OR_RETURN(Statement s,
                          Prepare(session, query.parent.empty() ? kCountRecords : kCountChildren));
  if (query.parent.empty()) {
    s.Bind(org, collection, CreatedFrom(query));
  } else {
    s.Bind(org, collection, CreatedFrom(query), query.parent);
  }
  PHAROS_RETURN_IF_ERROR(s.Step());
  return s.Get<int64_t>(0);
}

Status SqliteRecordStore::DeleteChildren(Transaction& tx, model::OrgId org,
                                         std::string_view collection, std::string_view parent) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kDeleteChildren));
  return s.Bind(org, collection, parent).Run();
}

Status SqliteRecordStore::Trim(Transaction& tx, std::string_view collection, Timestamp before,
                               int keep) {
  PHAROS_ASSIGN_OR_RETURN(Statement old, Prepare(tx, kDeleteOldRecords));
  PHAROS_RETURN_IF_ERROR(old.Bind(collection, before).Run());
  PHAROS_ASSIGN_OR_RETURN(Statement surplus, Prepare(tx, kDeleteSurplusRecords));
  return surplus.Bind(collection, std::max(keep, 0)).Run();
}

}  // namespace pharos::store::sqlite
