#include "base/result.h"
#include "store/sqlite/aggregates.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

constexpr char kSelectSiteEntries[] =
    "-- all settings of an organisation's site, in order of first insertion\n"
    "SELECT key, value, type FROM site_entries WHERE org_id = ?1 ORDER BY id";
constexpr char kSelectSiteEntryByKey[] =
    "-- one setting of an organisation's site\n"
    "SELECT key, value, type FROM site_entries WHERE org_id = ?1 AND key = ?2";
// A look first, since a failed insertion of an upsert would use up an id.
constexpr char kUpdateSiteEntry[] =
    "-- replaces the value of a setting; its type stays\n"
    "UPDATE site_entries SET value = ?3 WHERE org_id = ?1 AND key = ?2";
constexpr char kInsertSiteEntry[] =
    "-- adds a setting\n"
    "INSERT INTO site_entries (org_id, key, value, type) VALUES (?1, ?2, ?3, ?4)";

Result<SiteEntry> ReadSiteEntry(Statement& s) {
  SiteEntry entry;
  std::string value;
  s.Read(entry.key, value, entry.type);
  PHAROS_ASSIGN_OR_RETURN(entry.value, ParseColumn(value));
  return entry;
}

}  // namespace

Result<std::vector<SiteEntry>> SqliteSiteStore::List(Session& session, model::OrgId org) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectSiteEntries));
  return CollectRows(s.Bind(org), ReadSiteEntry);
}

Result<std::optional<SiteEntry>> SqliteSiteStore::Find(Session& session, model::OrgId org,
                                                       std::string_view key) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectSiteEntryByKey));
  return CollectRow(s.Bind(org, key), ReadSiteEntry);
}

Status SqliteSiteStore::Upsert(Transaction& tx, model::OrgId org, const SiteEntry& entry) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  const std::string value = WriteColumn(entry.value);
  PHAROS_ASSIGN_OR_RETURN(Statement update, Prepare(tx, kUpdateSiteEntry));
  PHAROS_RETURN_IF_ERROR(update.Bind(org, entry.key, value).Run());
  if (core->connection().Changes() > 0) return Ok();
  PHAROS_ASSIGN_OR_RETURN(Statement insert, Prepare(tx, kInsertSiteEntry));
  return insert.Bind(org, entry.key, value, entry.type).Run();
}

}  // namespace pharos::store::sqlite
