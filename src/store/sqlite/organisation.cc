#include "base/crypto.h"
#include "base/result.h"
#include "store/sqlite/aggregates.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

constexpr char kInsertOrganisation[] =
    "-- adds an organisation\n"
    "INSERT INTO organisations (name, plan, created_at) VALUES (?1, ?2, ?3)";
constexpr char kSelectOrganisationByName[] =
    "-- one organisation by its name\n"
    "SELECT id, name, plan, created_at FROM organisations WHERE name = ?1";
constexpr char kSelectOrganisations[] =
    "-- all organisations, oldest first\n"
    "SELECT id, name, plan, created_at FROM organisations ORDER BY id";

constexpr char kInsertFirstPage[] =
    "-- the home page that every organisation has\n"
    "INSERT INTO pages (org_id, uid, path, title, header, is_default, all_monitors, visibility,"
    " password_hash, password_hint, custom_domain, settings, look, notes, created_at, updated_at)"
    " VALUES (?1, ?2, '', 'Status', 'Status', 1, 1, 0, '', '', '', 'null', 'null', 'null', ?3, ?3)";

Result<model::Organisation> ReadOrganisation(Statement& s) {
  model::Organisation org;
  s.Read(org.id, org.name, org.plan, org.created_at);
  return org;
}

}  // namespace

Result<model::Organisation> SqliteOrganisationStore::Insert(Transaction& tx,
                                                            model::Organisation org) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertOrganisation));
  PHAROS_RETURN_IF_ERROR(s.Bind(org.name, org.plan, org.created_at).Run());
  org.id = model::OrgId(core->connection().LastInsertId());
  PHAROS_ASSIGN_OR_RETURN(Statement page, Prepare(tx, kInsertFirstPage));
  PHAROS_RETURN_IF_ERROR(page.Bind(org.id, RandomUuid(), org.created_at).Run());
  return org;
}

Result<model::Organisation> SqliteOrganisationStore::LoadByName(Session& session,
                                                                std::string_view name) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectOrganisationByName));
  PHAROS_ASSIGN_OR_RETURN(auto org, CollectRow(s.Bind(name), ReadOrganisation));
  if (!org) return Error(ErrorKind::kNotFound, "no such organisation");
  return *std::move(org);
}

Result<std::vector<model::Organisation>> SqliteOrganisationStore::List(Session& session) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectOrganisations));
  return CollectRows(s, ReadOrganisation);
}

}  // namespace pharos::store::sqlite
