#include <string>
#include <utility>

#include "base/result.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/more_aggregates.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

#define PHAROS_PAGE_COLUMNS                                                          \
  "id, org_id, uid, path, title, header, subheader, logo, is_default, all_monitors," \
  " visibility, password_hash, password_hint, custom_domain, settings, look, notes," \
  " created_at, updated_at"

constexpr char kInsertPage[] =
    "-- adds a page\n"
    "INSERT INTO pages (org_id, uid, path, title, header, subheader, logo, is_default,"
    " all_monitors, visibility, password_hash, password_hint, custom_domain, settings, look,"
    " notes, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
    " ?13, ?14, ?15, ?16, ?17, ?18)";
constexpr char kUpdatePage[] =
    "-- everything of a page that may change\n"
    "UPDATE pages SET path = ?3, title = ?4, header = ?5, subheader = ?6, logo = ?7,"
    " is_default = ?8, all_monitors = ?9, visibility = ?10, password_hash = ?11,"
    " password_hint = ?12, custom_domain = ?13, settings = ?14, look = ?15, notes = ?16,"
    " updated_at = ?17 WHERE id = ?1 AND org_id = ?2";
constexpr char kDeletePage[] =
    "-- removes a page\n"
    "DELETE FROM pages WHERE id = ?1 AND org_id = ?2";
constexpr char kSelectPageById[] =
    "-- one page of an organisation\n"
    "SELECT " PHAROS_PAGE_COLUMNS " FROM pages WHERE id = ?1 AND org_id = ?2";
constexpr char kSelectPageByUid[] =
    "-- one page by its public id\n"
    "SELECT " PHAROS_PAGE_COLUMNS " FROM pages WHERE org_id = ?1 AND uid = ?2";
constexpr char kSelectPageByPath[] =
    "-- one page by its path\n"
    "SELECT " PHAROS_PAGE_COLUMNS " FROM pages WHERE org_id = ?1 AND path = ?2";
constexpr char kSelectPagesByOrg[] =
    "-- the pages of an organisation, oldest first\n"
    "SELECT " PHAROS_PAGE_COLUMNS " FROM pages WHERE org_id = ?1 ORDER BY id";
constexpr char kSelectPages[] =
    "-- all pages, for the server's image\n"
    "SELECT " PHAROS_PAGE_COLUMNS " FROM pages ORDER BY id";

#undef PHAROS_PAGE_COLUMNS

constexpr char kDeletePageMonitors[] =
    "-- clears what a page shows, to be written anew\n"
    "DELETE FROM page_monitors WHERE page_id = ?1";
constexpr char kInsertPageMonitor[] =
    "-- puts a monitor on a page, unless it has been deleted meanwhile\n"
    "INSERT INTO page_monitors (page_id, position, monitor_id) SELECT ?1, ?2, ?3"
    " WHERE NOT EXISTS (SELECT 1 FROM deleted_monitors WHERE monitor_id = ?3)";
constexpr char kSelectPageMonitors[] =
    "-- the monitors of a page in the order given\n"
    "SELECT monitor_id FROM page_monitors WHERE page_id = ?1 ORDER BY position";

Result<model::Page> ReadPage(Statement& s) {
  model::Page p;
  std::string settings;
  std::string look;
  std::string notes;
  s.Read(p.id, p.org, p.uid, p.path, p.title, p.header, p.subheader, p.logo, p.is_default,
         p.all_monitors, p.visibility, p.password_hash, p.password_hint, p.custom_domain, settings,
         look, notes, p.created_at, p.updated_at);
  PHAROS_ASSIGN_OR_RETURN(p.settings, ParseColumn(settings));
  PHAROS_ASSIGN_OR_RETURN(p.look, ParseColumn(look));
  PHAROS_ASSIGN_OR_RETURN(p.notes, ParseColumn(notes));
  return p;
}

Result<model::MonitorId> ReadMonitorId(Statement& s) { return s.Get<model::MonitorId>(0); }

Status ReadMonitors(Session& session, model::Page& page) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectPageMonitors));
  PHAROS_ASSIGN_OR_RETURN(page.monitors, CollectRows(s.Bind(page.id), ReadMonitorId));
  return Ok();
}

Status WriteMonitors(Transaction& tx, const model::Page& page) {
  PHAROS_ASSIGN_OR_RETURN(Statement clear, Prepare(tx, kDeletePageMonitors));
  PHAROS_RETURN_IF_ERROR(clear.Bind(page.id).Run());
  PHAROS_ASSIGN_OR_RETURN(Statement insert, Prepare(tx, kInsertPageMonitor));
  int position = 0;
  for (const model::MonitorId monitor : page.monitors) {
    PHAROS_RETURN_IF_ERROR(insert.Bind(page.id, position++, monitor).Run());
  }
  return Ok();
}

Result<std::optional<model::Page>> CollectPage(Session& session, Statement& statement) {
  PHAROS_ASSIGN_OR_RETURN(auto found, CollectRow(statement, ReadPage));
  if (found) PHAROS_RETURN_IF_ERROR(ReadMonitors(session, *found));
  return found;
}

Result<std::vector<model::Page>> CollectPages(Session& session, Statement& statement) {
  PHAROS_ASSIGN_OR_RETURN(std::vector<model::Page> pages, CollectRows(statement, ReadPage));
  for (model::Page& page : pages) PHAROS_RETURN_IF_ERROR(ReadMonitors(session, page));
  return pages;
}

// Says which of the two names was taken.
Error Explain(Error error) {
  if (error.kind != ErrorKind::kConflict) return error;
  const bool is_domain = error.detail.find("pages.custom_domain") != std::string::npos;
  const char* field = is_domain ? "custom_domain" : "path";
  error.message =
      is_domain ? "a page with this domain exists already" : "a page with this path exists already";
  error.fields = {{field, error.message}};
  return error;
}

}  // namespace

Result<model::Page> SqlitePageStore::Insert(Transaction& tx, model::Page page) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertPage));
  const model::Page& p = page;
  s.Bind(p.org, p.uid, p.path, p.title, p.header, p.subheader, p.logo, p.is_default, p.all_monitors,
         p.visibility, p.password_hash, p.password_hint, p.custom_domain, WriteColumn(p.settings),
         WriteColumn(p.look), WriteColumn(p.notes), p.created_at, p.updated_at);
  if (auto inserted = s.Run(); !inserted) return Explain(std::move(inserted).error());
  page.id = model::PageId(core->connection().LastInsertId());
  PHAROS_RETURN_IF_ERROR(WriteMonitors(tx, page));
  return page;
}

Status SqlitePageStore::Update(Transaction& tx, const model::Page& page) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kUpdatePage));
  const model::Page& p = page;
  s.Bind(p.id, p.org, p.path, p.title, p.header, p.subheader, p.logo, p.is_default, p.all_monitors,
         p.visibility, p.password_hash, p.password_hint, p.custom_domain, WriteColumn(p.settings),
         WriteColumn(p.look), WriteColumn(p.notes), p.updated_at);
  if (auto updated = s.Run(); !updated) return Explain(std::move(updated).error());
  if (core->connection().Changes() == 0) return Error(ErrorKind::kNotFound, "no such page");
  return WriteMonitors(tx, page);
}

Status SqlitePageStore::Delete(Transaction& tx, model::OrgId org, model::PageId id) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kDeletePage));
  PHAROS_RETURN_IF_ERROR(s.Bind(id, org).Run());
  if (core->connection().Changes() == 0) return Error(ErrorKind::kNotFound, "no such page");
  return Ok();
}

Result<std::optional<model::Page>> SqlitePageStore::Find(Session& session, model::OrgId org,
                                                         model::PageId id) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectPageById));
  return CollectPage(session, s.Bind(id, org));
}

Result<std::optional<model::Page>> SqlitePageStore::FindByUid(Session& session, model::OrgId org,
                                                              std::string_view uid) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectPageByUid));
  return CollectPage(session, s.Bind(org, uid));
}

Result<std::optional<model::Page>> SqlitePageStore::FindByPath(Session& session, model::OrgId org,
                                                               std::string_view path) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectPageByPath));
  return CollectPage(session, s.Bind(org, path));
}

Result<std::vector<model::Page>> SqlitePageStore::List(Session& session, model::OrgId org) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectPagesByOrg));
  return CollectPages(session, s.Bind(org));
}

Result<std::vector<model::Page>> SqlitePageStore::ListAll(Session& session) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectPages));
  return CollectPages(session, s);
}

}  // namespace pharos::store::sqlite
