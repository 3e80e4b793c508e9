#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "http/message.h"
#include "http/server.h"
#include "notices/notices.h"
#include "service/overview.h"
#include "service/site.h"

namespace pharos::page {

struct PageSettings {
  int days = 90;
  std::string time_zone = "UTC";  // whose days the bars show
  size_t max_streams = 5000;      // readers of /live
  Duration min_rebuild = Seconds(1);
};

// The public pages of the default organisation, their badges, feeds and live updates. One worker
// builds them when a notice says that something changed, and once a minute; visitors are answered
// from the last finished build and never wait for the store (architecture D9, D18). Before the
// first build they get 503 with Retry-After; when a build fails they keep getting the last one.
//
// GET and HEAD, and POST to the form of a page with a password. Paths: "/", "/<page>",
// "/status/<page>" with "/rss", "/atom", "/badge.svg" below, "/incidents/<id>",
// "/maintenances/<id>", "/live", "/badge/...", "/assets/...", "/favicon.svg", "/robots.txt"; every
// other path is answered with a 404 page. A host that is some page's custom domain has that page at
// "/".
class PageServer {
 public:
  // What a build starts from. Called by the worker only; may block.
  struct Input {
    service::Overview overview;  // everything visible, for badges
    std::vector<model::Page> pages;
    std::vector<service::SiteEntry> site;
  };
  using Source = std::function<Result<Input>()>;

  // The references must outlive Stop().
  static std::unique_ptr<PageServer> Start(const PageSettings& settings,
                                           const service::OverviewService& overview,
                                           const service::SiteService& site, notices::Board& board,
                                           const Clock& clock, Metrics& metrics);
  // With another source of builds.
  static std::unique_ptr<PageServer> Start(const PageSettings& settings, Source source,
                                           notices::Board& board, const Clock& clock,
                                           Metrics& metrics);
  virtual ~PageServer() = default;

  // Thread-safe and never blocks.
  virtual void Handle(http::Request&& request, http::Responder responder) = 0;
  // Ends the worker and closes the live streams; requests are still answered from memory.
  virtual void Stop() = 0;
};

}  // namespace pharos::page
