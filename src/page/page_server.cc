#include "page/page_server.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.h"
#include "page/assets.h"
#include "page/badge_request.h"
#include "page/live.h"
#include "page/page_cache.h"
#include "page/rebuild_plan.h"
#include "page/render_page.h"
#include "page/snapshot.h"

namespace pharos::page {
namespace {

constexpr model::OrgId kDefaultOrganisation{1};
constexpr Duration kHeartbeatEvery = Seconds(25);
// Readers are told of builds in which only figures moved at most this often.
constexpr Duration kFiguresEvery = Seconds(30);

http::Response HtmlAnswer(int status, std::string html) {
  http::Response response =
      http::Response::Text(status, std::move(html), "text/html; charset=utf-8");
  for (http::Header& header : PageSecurityHeaders()) response.headers.push_back(std::move(header));
  response.Add("cache-control", "no-store");
  return response;
}

class Server : public PageServer {
 public:
  Server(PageSettings settings, Source source, const Clock& clock, Metrics& metrics)
      : settings_(std::move(settings)),
        source_(std::move(source)),
        clock_(clock),
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
    if (request.method != "GET" && request.method != "HEAD") {
      http::Response refused = http::Response::Text(405, "method not allowed\n");
      refused.Add("allow", "GET, HEAD");
      return responder.Send(std::move(refused));
    }
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
  }

 private:
  using SnapshotPtr = std::shared_ptr<const Snapshot>;

  SnapshotPtr Current() const { return std::atomic_load(&snapshot_); }

  // On the publisher's thread: sets a flag.
  void Note(const std::vector<notices::Notice>& notices) {
    bool ours = false;
    bool visible = false;
    for (const notices::Notice& notice : notices) {
      if (notice.org != kDefaultOrganisation) continue;
      ours = true;
      visible = visible || notice.kind != notices::Notice::Kind::kSample;
    }
    if (!ours) return;
    bool news = false;
    {
      std::lock_guard lock(mutex_);
      news = !(visible ? noted_change_ : noted_);
      noted_ = true;
      noted_change_ = noted_change_ || visible;
    }
    if (news) wake_.notify_all();
  }

  void Work() {
    MonotonicTime next_heartbeat = clock_.Monotonic() + kHeartbeatEvery;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (noted_) plan_.Touch(noted_change_);
      visible_pending_ = visible_pending_ || noted_change_;
      noted_ = noted_change_ = false;
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
    SnapshotPtr fresh = MakeSnapshot(std::move(*input));
    const SnapshotPtr old = Current();
    std::atomic_store(&snapshot_, fresh);
    const MonotonicTime end = clock_.Monotonic();
    plan_.Finished(end);
    builds_.Add();
    seconds_.Observe(ToMillis(end - start) / 1000);
    bytes_.Set(static_cast<double>(fresh->page.size(Encoding::kIdentity)));
    if (old != nullptr && old->version != fresh->version) Announce(*fresh, end);
  }

  SnapshotPtr MakeSnapshot(Input input) const {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->overview = std::move(input.overview);
    snapshot->look = ReadSiteLook(input.site);
    for (size_t i = 0; i < snapshot->overview.monitors.size(); ++i) {
      snapshot->by_tag.emplace(snapshot->overview.monitors[i].monitor->tag, i);
    }
    const PageModel model = BuildPageModel(snapshot->overview, snapshot->look, settings_.time_zone);
    RenderedPage page = RenderPage(model, assets_.links());
    snapshot->version = std::move(page.version);
    CachedReply::Kind kind;
    kind.content_type = "text/html; charset=utf-8";
    kind.headers = PageSecurityHeaders();
    snapshot->page = CachedReply::Make(std::move(page.html), std::move(kind));
    return snapshot;
  }

  void Announce(const Snapshot& fresh, MonotonicTime now) {
    if (!visible_pending_ && now - last_announced_ < kFiguresEvery) return;
    visible_pending_ = false;
    last_announced_ = now;
    live_.Broadcast(fresh.version);
  }

  void HandleLive(const http::Request& request, http::Responder responder) {
    const SnapshotPtr snapshot = Current();
    if (snapshot == nullptr) return responder.Send(Starting());
    if (request.method == "HEAD") {
      return responder.Send(http::Response(200).Add("content-type", "text/event-stream"));
    }
    live_.Open(std::move(responder), snapshot->version);
  }

  http::Response Answer(const http::Request& request) const {
    if (const CachedReply* asset = assets_.Find(request.path)) return asset->Answer(request);
    const bool badge = request.path.starts_with("/badge/");
    if (request.path == "/" || badge) {
      const SnapshotPtr snapshot = Current();
      if (snapshot == nullptr) return Starting();
      if (!badge) return snapshot->page.Answer(request);
      if (auto picture = AnswerBadge(request, *snapshot)) return std::move(*picture);
    }
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
                                              const service::MonitorService&, notices::Board& board,
                                              const Clock& clock, Metrics& metrics) {
  Source source = [&overview, &site, days = settings.days,
                   zone = settings.time_zone]() -> Result<Input> {
    Input input;
    PHAROS_ASSIGN_OR_RETURN(input.overview, overview.Build(kDefaultOrganisation, days, zone));
    PHAROS_ASSIGN_OR_RETURN(input.site, site.List(kDefaultOrganisation));
    return input;
  };
  return Start(settings, std::move(source), board, clock, metrics);
}

}  // namespace pharos::page
