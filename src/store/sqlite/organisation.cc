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
