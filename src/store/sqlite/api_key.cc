#include "base/result.h"
#include "store/sqlite/aggregates.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

#define PHAROS_KEY_COLUMNS                                                                        \
  "id, uid, org_id, dialect, name, prefix, sha256, scopes, rate_class, expires_at, disabled_at, " \
  "revoked_at, last_used_at, created_at"

constexpr char kInsertKey[] =
    "-- adds a key\n"
    "INSERT INTO api_keys (org_id, dialect, name, prefix, sha256, scopes, rate_class, expires_at,"
    " disabled_at, revoked_at, last_used_at, created_at, uid)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
constexpr char kDeleteKey[] =
    "-- removes a key of an organisation\n"
    "DELETE FROM api_keys WHERE id = ?1 AND org_id = ?2";
constexpr char kUpdateKey[] =
    "-- everything of a key that may change\n"
    "UPDATE api_keys SET name = ?3, prefix = ?4, sha256 = ?5, scopes = ?6, rate_class = ?7,"
    " expires_at = ?8, disabled_at = ?9, revoked_at = ?10, last_used_at = ?11"
    " WHERE id = ?1 AND org_id = ?2";
constexpr char kTouchKey[] =
    "-- notes the last use of a key, forward only\n"
    "UPDATE api_keys SET last_used_at = ?2"
    " WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)";
constexpr char kSelectKeysByOrg[] =
    "-- the keys of an organisation, oldest first\n"
    "SELECT " PHAROS_KEY_COLUMNS " FROM api_keys WHERE org_id = ?1 ORDER BY id";
constexpr char kSelectKeys[] =
    "-- all keys, for the verifier\n"
    "SELECT " PHAROS_KEY_COLUMNS " FROM api_keys ORDER BY id";
constexpr char kSelectKeyById[] =
    "-- one key of an organisation\n"
    "SELECT " PHAROS_KEY_COLUMNS " FROM api_keys WHERE id = ?1 AND org_id = ?2";

#undef PHAROS_KEY_COLUMNS

Result<model::ApiKey> ReadKey(Statement& s) {
  model::ApiKey key;
  std::string scopes;
  s.Read(key.id, key.uid, key.org, key.dialect, key.name, key.prefix, key.sha256, scopes,
         key.rate_class, key.expires_at, key.disabled_at, key.revoked_at, key.last_used_at,
         key.created_at);
  PHAROS_ASSIGN_OR_RETURN(key.scopes, ParseTexts(scopes));
  return key;
}

}  // namespace

Result<model::ApiKey> SqliteKeyStore::Insert(Transaction& tx, model::ApiKey key) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertKey));
  s.Bind(key.org, key.dialect, key.name, key.prefix, Blob{key.sha256}, WriteTexts(key.scopes),
         key.rate_class, key.expires_at, key.disabled_at, key.revoked_at, key.last_used_at,
         key.created_at, key.uid);
  PHAROS_RETURN_IF_ERROR(s.Run());
  key.id = model::KeyId(core->connection().LastInsertId());
  return key;
}

Result<std::vector<model::ApiKey>> SqliteKeyStore::List(Session& session, model::OrgId org) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectKeysByOrg));
  return CollectRows(s.Bind(org), ReadKey);
}

Result<std::vector<model::ApiKey>> SqliteKeyStore::ListAll(Session& session) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectKeys));
  return CollectRows(s, ReadKey);
}

Result<std::optional<model::ApiKey>> SqliteKeyStore::Find(Session& session, model::OrgId org,
                                                          model::KeyId id) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectKeyById));
  return CollectRow(s.Bind(id, org), ReadKey);
}

Status SqliteKeyStore::Delete(Transaction& tx, model::OrgId org, model::KeyId id) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kDeleteKey));
  PHAROS_RETURN_IF_ERROR(s.Bind(id, org).Run());
  if (core->connection().Changes() == 0) return Error(ErrorKind::kNotFound, "no such key");
  return Ok();
}

Status SqliteKeyStore::Update(Transaction& tx, const model::ApiKey& key) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kUpdateKey));
  s.Bind(key.id, key.org, key.name, key.prefix, Blob{key.sha256}, WriteTexts(key.scopes),
         key.rate_class, key.expires_at, key.disabled_at, key.revoked_at, key.last_used_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  if (core->connection().Changes() == 0) return Error(ErrorKind::kNotFound, "no such key");
  return Ok();
}

Status SqliteKeyStore::TouchLastUsed(Transaction& tx, model::KeyId id, Timestamp at) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kTouchKey));
  return s.Bind(id, at).Run();
}

}  // namespace pharos::store::sqlite
