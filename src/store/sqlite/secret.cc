#include "base/result.h"
#include "store/sqlite/more_aggregates.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

constexpr char kUpsertSecret[] =
    "-- adds a secret or replaces its value\n"
    "INSERT INTO secrets (org_id, name, key_mark, sealed, created_at, updated_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    " ON CONFLICT (org_id, name) DO UPDATE SET key_mark = excluded.key_mark,"
    " sealed = excluded.sealed, updated_at = excluded.updated_at";
constexpr char kDeleteSecret[] =
    "-- removes a secret\n"
    "DELETE FROM secrets WHERE org_id = ?1 AND name = ?2";
constexpr char kSelectSecret[] =
    "-- one secret of an organisation\n"
    "SELECT org_id, name, key_mark, sealed, created_at, updated_at FROM secrets"
    " WHERE org_id = ?1 AND name = ?2";
constexpr char kSelectSecretsByOrg[] =
    "-- the secrets of an organisation, by name\n"
    "SELECT org_id, name, key_mark, sealed, created_at, updated_at FROM secrets"
    " WHERE org_id = ?1 ORDER BY name";
constexpr char kSelectSecrets[] =
    "-- all secrets, for the vault\n"
    "SELECT org_id, name, key_mark, sealed, created_at, updated_at FROM secrets"
    " ORDER BY org_id, name";

Result<model::StoredSecret> ReadSecret(Statement& s) {
  model::StoredSecret secret;
  s.Read(secret.org, secret.name, secret.key_mark, secret.sealed, secret.created_at,
         secret.updated_at);
  return secret;
}

}  // namespace

Status SqliteSecretStore::Upsert(Transaction& tx, const model::StoredSecret& secret) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kUpsertSecret));
  return s
      .Bind(secret.org, secret.name, Blob{secret.key_mark}, Blob{secret.sealed}, secret.created_at,
            secret.updated_at)
      .Run();
}

Status SqliteSecretStore::Delete(Transaction& tx, model::OrgId org, std::string_view name) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kDeleteSecret));
  PHAROS_RETURN_IF_ERROR(s.Bind(org, name).Run());
  if (core->connection().Changes() == 0) return Error(ErrorKind::kNotFound, "no such secret");
  return Ok();
}

Result<std::optional<model::StoredSecret>> SqliteSecretStore::Find(Session& session,
                                                                   model::OrgId org,
                                                                   std::string_view name) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectSecret));
  return CollectRow(s.Bind(org, name), ReadSecret);
}

Result<std::vector<model::StoredSecret>> SqliteSecretStore::List(Session& session,
                                                                 model::OrgId org) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectSecretsByOrg));
  return CollectRows(s.Bind(org), ReadSecret);
}

Result<std::vector<model::StoredSecret>> SqliteSecretStore::ListAll(Session& session) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectSecrets));
  return CollectRows(s, ReadSecret);
}

}  // namespace pharos::store::sqlite
