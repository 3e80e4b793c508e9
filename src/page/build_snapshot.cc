#include "page/build_snapshot.h"

#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "page/feed.h"
#include "page/frame.h"
#include "page/render_page.h"

namespace pharos::page {
namespace {

CachedReply Reply(const model::Page& page, std::string body, std::string content_type) {
  CachedReply::Kind kind;
  kind.cache_control = CacheControlOf(page);
  kind.content_type = std::move(content_type);
  kind.headers = PageSecurityHeaders();
  return CachedReply::Make(std::move(body), std::move(kind));
}

// The address of a page's own style sheet, which it adds to the snapshot.
std::string AddStyle(const std::string& css, Snapshot& snapshot) {
  if (css.empty()) return {};
  std::string path = "/assets/look-" + HexLower(Sha256(css).substr(0, 6)) + ".css";
  if (!snapshot.styles.contains(path)) {
    CachedReply::Kind kind;
    kind.content_type = "text/css; charset=utf-8";
    kind.cache_control = "public, max-age=31536000, immutable";
    kind.headers = FileSecurityHeaders();
    snapshot.styles.emplace(path, CachedReply::Make(css, std::move(kind)));
  }
  return path;
}

PageSnapshot BuildPage(model::Page stored, const std::string& site_url,
                       const std::string& time_zone, const AssetLinks& links, Snapshot& snapshot) {
  const service::Overview overview = service::ForPage(snapshot.overview, stored);
  PageSnapshot page;
  page.page = std::move(stored);
  page.look = ReadPageLook(page.page, snapshot.look);
  page.status = overview.banner_status;
  page.status_text = overview.banner_text;
  PageModel model = BuildPageModel(overview, page.look, time_zone);
  model.path = page.page.path;
  model.css_link = AddStyle(page.look.css, snapshot);
  RenderedPage rendered = RenderPage(model, links);
  page.version = std::move(rendered.version);
  page.html = Reply(page.page, std::move(rendered.html), "text/html; charset=utf-8");
  const Feed feed{page.look.title, site_url, PageAddress(page.page.path), overview};
  page.rss = Reply(page.page, RenderRss(feed), "application/rss+xml; charset=utf-8");
  page.atom = Reply(page.page, RenderAtom(feed), "application/atom+xml; charset=utf-8");
  return page;
}

// The first page that shows something lends it its look.
void AddEvents(const model::Page& page, Snapshot& snapshot) {
  if (page.visibility != model::PageVisibility::kPublic) return;
  service::Overview events = service::EventsOfPage(snapshot.overview, page);
  for (auto* list : {&events.ongoing, &events.past}) {
    for (service::IncidentOverview& entry : *list) {
      const int64_t id = entry.incident.id.value();
      snapshot.incidents.try_emplace(
          id, Addressed<service::IncidentOverview>{std::move(entry), page.path});
    }
  }
  for (auto* list : {&events.running, &events.upcoming, &events.finished}) {
    for (service::MaintenanceOverview& entry : *list) {
      const int64_t id = entry.occurrence.id.value();
      snapshot.maintenances.try_emplace(id, AddressedMaintenance{std::move(entry), page.path});
    }
  }
}

}  // namespace

std::shared_ptr<const Snapshot> BuildSnapshot(PageServer::Input input, const std::string& time_zone,
                                              const AssetLinks& links) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->overview = std::move(input.overview);
  snapshot->look = ReadSiteLook(input.site);
  snapshot->IndexMonitors(input.pages);
  const std::string site_url = service::PublicUrlOf(input.site);
  std::string versions;
  for (model::Page& page : input.pages) {
    AddEvents(page, *snapshot);
    PageSnapshot built = BuildPage(std::move(page), site_url, time_zone, links, *snapshot);
    versions += built.page.path + '=' + built.version + '\n';
    if (!built.page.custom_domain.empty()) {
      snapshot->domains.emplace(AsciiLower(built.page.custom_domain), built.page.path);
    }
    std::string path = built.page.path;
    snapshot->pages.emplace(std::move(path), std::move(built));
  }
  snapshot->version = HexLower(Sha256(versions).substr(0, 8));
  return snapshot;
}

}  // namespace pharos::page
