#include "page/page_server.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.h"
#include "page/assets.h"
#include "page/badge_request.h"
#include "page/badge_svg.h"
#include "page/build_snapshot.h"
#include "page/door.h"
#include "page/live.h"
#include "page/page_cache.h"
#include "page/page_routes.h"
#include "page/rebuild_plan.h"
#include "page/render_detail.h"
#include "page/snapshot.h"

namespace pharos::page {
namespace {

constexpr model::OrgId kDefaultOrganisation{1};
constexpr Duration kHeartbeatEvery = Seconds(25);
// Readers are told of builds in which only figures moved at most this often.
constexpr Duration kFiguresEvery = Seconds(30);

http::Response HtmlAnswer(int status, std::string html, bool has_form = false) {
  http::Response response =
      http::Response::Text(status, std::move(html), "text/html; charset=utf-8");
  for (http::Header& header : PageSecurityHeaders(has_form))
    response.headers.push_back(std::move(header));
  response.Add("cache-control", "no-store");
  return response;
}

class Server : public PageServer {
 public:
  Server(PageSettings settings, Source source, const Clock& clock, Metrics& metrics)
      : settings_(std::move(settings)),
        source_(std::move(source)),
        clock_(clock),
        door_(clock),
        plan_(settings_.min_rebuild),
        live_(settings_.max_streams, metrics),
        builds_(metrics.GetCounter("pharos_page_builds_total", "Builds of the public page")),
        failures_(metrics.GetCounter("pharos_page_build_failures_total",
                                     "Builds of the public page that failed")),
        seconds_(metrics.GetHistogram("pharos_page_build_seconds", "Time to build the public page",
                                      {0.001, 0.005, 0.02, 0.1, 0.5, 2, 10})),
        bytes_(metrics.GetGauge("pharos_page_bytes", "Size of the public page, uncompressed")) {}

  ~Server() override { Stop(); }

  void Run(notices::Board& board) {
    token_ =
        board.Subscribe([this](const std::vector<notices::Notice>& notices) { Note(notices); });
    worker_ = std::thread([this] { Work(); });
  }

  void Handle(http::Request&& request, http::Responder responder) override {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (!reads) return HandleForm(request, std::move(responder));
    if (request.path == "/live") return HandleLive(request, std::move(responder));
    responder.Send(Answer(request));
  }

  void Stop() override {
    token_.reset();
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    if (worker_.joinable()) worker_.join();
    live_.Close();
    door_.Stop();
  }

 private:
  using SnapshotPtr = std::shared_ptr<const Snapshot>;

  SnapshotPtr Current() const { return std::atomic_load(&snapshot_); }

  // On the publisher's thread: sets a flag.
  void Note(const std::vector<notices::Notice>& notices) {
    bool ours = false;
    bool visible = false;
    bool access = false;
    for (const notices::Notice& notice : notices) {
      if (notice.org != kDefaultOrganisation) continue;
      ours = true;
      visible = visible || notice.kind != notices::Notice::Kind::kSample;
      access = access || notice.kind == notices::Notice::Kind::kPage;
    }
    if (!ours) return;
    bool news = false;
    {
      std::lock_guard lock(mutex_);
      news = access || !(visible ? noted_change_ : noted_);
      noted_ = true;
      noted_change_ = noted_change_ || visible;
      noted_access_ = noted_access_ || access;
    }
    if (news) wake_.notify_all();
  }

  void Work() {
    MonotonicTime next_heartbeat = clock_.Monotonic() + kHeartbeatEvery;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (noted_) plan_.Touch(noted_change_);
      if (noted_access_) plan_.TouchAccess();
      visible_pending_ = visible_pending_ || noted_change_;
      noted_ = noted_change_ = noted_access_ = false;
      const MonotonicTime now = clock_.Monotonic();
      const bool build = now >= plan_.DueAt();
      const bool beat = now >= next_heartbeat;
      if (!build && !beat) {
        const Duration wait = std::min(plan_.DueAt(), next_heartbeat) - now;
        wake_.wait_for(lock, wait, [&] { return stopping_ || noted_ || noted_change_; });
        continue;
      }
      lock.unlock();
      if (build) Build();
      if (beat) {
        live_.Heartbeat();
        next_heartbeat = clock_.Monotonic() + kHeartbeatEvery;
      }
      lock.lock();
    }
  }

  void Build() {
    const MonotonicTime start = clock_.Monotonic();
    plan_.Started(start);
    Result<Input> input = source_();
    if (!input) {
      plan_.Failed(clock_.Monotonic());
      failures_.Add();
      // Once per outage, not once per second.
      if (!failing_)
        LogError("public page could not be built; serving the last one", input.error());
      failing_ = true;
      return;
    }
    failing_ = false;
    SnapshotPtr fresh = BuildSnapshot(std::move(*input), settings_.time_zone, assets_.links());
    const SnapshotPtr old = Current();
    std::atomic_store(&snapshot_, fresh);
    const MonotonicTime end = clock_.Monotonic();
    plan_.Finished(end);
    builds_.Add();
    seconds_.Observe(ToMillis(end - start) / 1000);
    if (const PageSnapshot* home = fresh->FindPage("")) {
      bytes_.Set(static_cast<double>(home->html.size(Encoding::kIdentity)));
    }
    if (old != nullptr && old->version != fresh->version) Announce(*old, *fresh, end);
  }

  void Announce(const Snapshot& old, const Snapshot& fresh, MonotonicTime now) {
    if (!visible_pending_ && now - last_announced_ < kFiguresEvery) return;
    visible_pending_ = false;
    last_announced_ = now;
    for (const auto& [path, page] : fresh.pages) {
      const PageSnapshot* before = old.FindPage(path);
      if (before == nullptr || before->version != page.version) {
        live_.Broadcast(path, page.version);
      }
    }
  }

  void HandleLive(const http::Request& request, http::Responder responder) {
    const SnapshotPtr snapshot = Current();
    if (snapshot == nullptr) return responder.Send(Starting());
    const auto query = http::ParseQuery(request.query);
    const std::string* path = http::FindParameter(query, "page");
    const PageSnapshot* page = snapshot->FindPage(path == nullptr ? "" : *path);
    if (page == nullptr || !MaySee(request, *page)) return responder.Send(NoSuchPage());
    if (request.method == "HEAD") {
      return responder.Send(http::Response(200).Add("content-type", "text/event-stream"));
    }
    live_.Open(std::move(responder), page->page.path, page->version);
  }

  // The only thing that visitors send: the password of a page.
  void HandleForm(const http::Request& request, http::Responder responder) {
    const SnapshotPtr snapshot = Current();
    const auto route = ParsePageRoute(request.path);
    const PageSnapshot* page =
        snapshot != nullptr && route ? snapshot->FindPage(route->page) : nullptr;
    const bool form = request.method == "POST" && page != nullptr &&
                      route->what == PageRoute::What::kUnlock &&
                      page->page.visibility == model::PageVisibility::kPassword;
    if (!form) {
      http::Response refused = http::Response::Text(405, "method not allowed\n");
      refused.Add("allow", "GET, HEAD");
      return responder.Send(std::move(refused));
    }
    // The snapshot keeps the page alive while somebody waits at its door.
    std::shared_ptr<const model::Page> kept(snapshot, &page->page);
    door_.Knock(
        request, std::move(kept), [this, snapshot, page] { return DoorPage(*page, true); },
        std::move(responder));
  }

  bool MaySee(const http::Request& request, const PageSnapshot& page) const {
    switch (page.page.visibility) {
      case model::PageVisibility::kPublic:
        return true;
      case model::PageVisibility::kPassword:
        return door_.Admits(request, page.page);
      case model::PageVisibility::kInternal:
        return false;
    }
    return false;
  }

  http::Response DoorPage(const PageSnapshot& page, bool wrong) const {
    const std::string slug = page.page.path.empty() ? "default" : page.page.path;
    return HtmlAnswer(401,
                      RenderDoorPage(page.look, page.page.password_hint,
                                     "/status/" + slug + "/unlock", wrong, assets_.links()),
                      true);
  }

  http::Response Answer(const http::Request& request) const {
    if (const CachedReply* asset = assets_.Find(request.path)) return asset->Answer(request);
    const SnapshotPtr snapshot = Current();
    if (snapshot == nullptr) return Starting();
    if (request.path.starts_with("/badge/")) {
      if (auto picture = AnswerBadge(request, *snapshot)) return std::move(*picture);
      return NoSuchPage();
    }
    if (const auto it = snapshot->styles.find(request.path); it != snapshot->styles.end()) {
      return it->second.Answer(request);
    }
    const auto route = ParsePageRoute(request.path);
    if (!route) return NoSuchPage();
    if (route->what == PageRoute::What::kIncident) return AnswerIncident(*snapshot, route->id);
    if (route->what == PageRoute::What::kMaintenance) {
      return AnswerMaintenance(request, *snapshot, route->id);
    }
    const PageSnapshot* page = nullptr;
    if (route->page.empty()) page = snapshot->FindByHost(request.FindHeader("host"));
    if (page == nullptr) page = snapshot->FindPage(route->page);
    return page == nullptr ? NoSuchPage() : AnswerPage(request, *snapshot, *page, route->what);
  }

  http::Response AnswerPage(const http::Request& request, const Snapshot& snapshot,
                            const PageSnapshot& page, PageRoute::What what) const {
    if (!MaySee(request, page)) {
      if (page.page.visibility == model::PageVisibility::kInternal) {
        return HtmlAnswer(
            403, RenderMessagePage("This page is internal",
                                   "Only people who are signed in may see it.", assets_.links()));
      }
      return DoorPage(page, false);
    }
    http::Response response = PartOf(request, snapshot, page, what);
    if (page.page.visibility != model::PageVisibility::kPublic) response.Add("vary", "cookie");
    return response;
  }

  static http::Response PartOf(const http::Request& request, const Snapshot& snapshot,
                               const PageSnapshot& page, PageRoute::What what) {
    switch (what) {
      case PageRoute::What::kRss:
        return page.rss.Answer(request);
      case PageRoute::What::kAtom:
        return page.atom.Answer(request);
      case PageRoute::What::kBadge:
        return AnswerPageBadge(request, page, snapshot.look);
      case PageRoute::What::kUnlock: {
        const std::string& path = page.page.path;
        return http::Response(303).Add("location", path.empty() ? "/" : "/status/" + path);
      }
      case PageRoute::What::kPage:
      case PageRoute::What::kIncident:
      case PageRoute::What::kMaintenance:
        break;
    }
    return page.html.Answer(request);
  }

  http::Response AnswerIncident(const Snapshot& snapshot, int64_t id) const {
    const auto it = snapshot.incidents.find(id);
    if (it == snapshot.incidents.end()) return NoSuchPage();
    const PageSnapshot* page = snapshot.FindPage(it->second.page);
    if (page == nullptr) return NoSuchPage();
    return HtmlAnswer(200, RenderIncidentPage(it->second.entry, page->look, assets_.links()));
  }

  // The number is that of an occurrence, or with "?type=maintenance" that of the planned work
  // (kener-v4.md 4.6).
  http::Response AnswerMaintenance(const http::Request& request, const Snapshot& snapshot,
                                   int64_t id) const {
    const auto query = http::ParseQuery(request.query);
    const std::string* type = http::FindParameter(query, "type");
    const AddressedMaintenance* found = type != nullptr && *type == "maintenance"
                                            ? snapshot.FindNearestOf(model::MaintenanceId(id))
                                            : snapshot.FindOccurrence(id);
    const PageSnapshot* page = found == nullptr ? nullptr : snapshot.FindPage(found->page);
    if (page == nullptr) return NoSuchPage();
    return HtmlAnswer(200, RenderMaintenancePage(found->entry, page->look, assets_.links()));
  }

  http::Response NoSuchPage() const {
    return HtmlAnswer(404, RenderMessagePage("There is no such page",
                                             "The address may be mistyped, or the page has moved.",
                                             assets_.links()));
  }

  http::Response Starting() const {
    http::Response response = HtmlAnswer(
        503,
        RenderMessagePage("The status page is starting",
                          "It is being built for the first time. Please try again in a moment.",
                          assets_.links()));
    response.Add("retry-after", "2");
    return response;
  }

  const PageSettings settings_;
  const Source source_;
  const Clock& clock_;
  const Assets assets_;
  SnapshotPtr snapshot_;  // by std::atomic_load and std::atomic_store only
  std::thread worker_;
  std::unique_ptr<notices::Board::Token> token_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;      // guarded by mutex_
  bool noted_ = false;         // guarded by mutex_
  bool noted_change_ = false;  // guarded by mutex_
  bool noted_access_ = false;  // guarded by mutex_; a page was made, changed or removed

  Door door_;
  // The worker's own.
  RebuildPlan plan_;
  bool visible_pending_ = false;
  bool failing_ = false;
  MonotonicTime last_announced_{};

  LiveHub live_;
  Counter& builds_;
  Counter& failures_;
  Histogram& seconds_;
  Gauge& bytes_;
};

}  // namespace

std::unique_ptr<PageServer> PageServer::Start(const PageSettings& settings, Source source,
                                              notices::Board& board, const Clock& clock,
                                              Metrics& metrics) {
  auto server = std::make_unique<Server>(settings, std::move(source), clock, metrics);
  server->Run(board);
  return server;
}

std::unique_ptr<PageServer> PageServer::Start(const PageSettings& settings,
                                              const service::OverviewService& overview,
                                              const service::SiteService& site,
                                              notices::Board& board, const Clock& clock,
                                              Metrics& metrics) {
  Source source = [&overview, &site, days = settings.days,
                   zone = settings.time_zone]() -> Result<Input> {
    Input input;
    PHAROS_ASSIGN_OR_RETURN(auto built, overview.BuildSite(kDefaultOrganisation, days, zone));
    input.overview = std::move(built.all);
    input.pages = std::move(built.pages);
    PHAROS_ASSIGN_OR_RETURN(input.site, site.List(kDefaultOrganisation));
    return input;
  };
  return Start(settings, std::move(source), board, clock, metrics);
}

}  // namespace pharos::page
