#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/api.h"
#include "app/settings.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "delivery/delivery_pool.h"
#include "http/server.h"
#include "intake/intake.h"
#include "intake/overlay_board.h"
#include "net/http_client.h"
#include "net/outbound_policy.h"
#include "notices/notices.h"
#include "notify/catalog.h"
#include "page/page_server.h"
#include "probe/catalog.h"
#include "schedule/scheduler.h"
#include "service/context.h"
#include "service/heartbeats.h"
#include "service/keys.h"
#include "service/monitors.h"
#include "service/overview.h"
#include "service/samples.h"
#include "service/site.h"
#include "store/monitor_directory.h"
#include "store/store.h"

namespace pharos::app {

class Housekeeper;

// Every part of a running Pharos, made once in dependency order and taken down in reverse. Nothing
// in here decides anything; it only knows who needs whom.
class Wiring {
 public:
  struct Options {
    bool watch = true;  // start the scheduler, the delivery pool and housekeeping
    bool pages = true;  // start the page worker
  };

  // Opens (and migrates, and seeds) the store and starts the parts.
  static Result<std::unique_ptr<Wiring>> Open(const Settings& settings, const Clock& clock,
                                              const Options& options);
  ~Wiring();
  Wiring(const Wiring&) = delete;
  Wiring& operator=(const Wiring&) = delete;

  // Answers one request: health, metrics, the APIs, then the public page.
  void Handle(http::Request&& request, http::Responder responder);
  // A path as the access log may show it.
  std::string LoggablePath(std::string_view path) const { return api_->LoggablePath(path); }
  // Ports that we listen on ourselves; nobody may be made to call them by accident.
  void AddOwnListener(uint16_t port) { policy_.AddOwnListener(port); }
  // Stops taking work, finishes what is in progress and writes everything down. Called once.
  void Stop();

  store::Store& store() { return *store_; }
  service::Context& context() { return *context_; }
  service::MonitorService& monitors() { return *monitors_; }
  service::KeyService& keys() { return *keys_; }
  service::KeyVerifier& verifier() { return *verifier_; }
  intake::Intake& intake() { return *intake_; }
  intake::OverlayBoard& overlays() { return overlays_; }
  store::MonitorDirectory& directory() { return directory_; }
  notices::Board& notices() { return notices_; }
  Metrics& metrics() { return metrics_; }
  const probe::Catalog& probes() const { return probes_; }

 private:
  Wiring(const Settings& settings, const Clock& clock);
  Status OpenStore();
  Status LoadImages();
  Status StartOutbound();
  Status StartParts(const Options& options);
  http::Response Ready() const;

  const Settings settings_;
  const Clock& clock_;
  Metrics metrics_;
  net::OutboundPolicy policy_;
  probe::Catalog probes_;
  notify::Catalog channels_;
  notices::Board notices_;
  store::MonitorDirectory directory_;
  intake::OverlayBoard overlays_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<intake::Intake> intake_;
  std::unique_ptr<service::Context> context_;
  std::unique_ptr<service::MonitorService> monitors_;
  std::unique_ptr<service::SampleService> samples_;
  std::unique_ptr<service::HeartbeatService> heartbeats_;
  std::unique_ptr<service::SiteService> site_;
  std::unique_ptr<service::OverviewService> overview_;
  std::unique_ptr<service::KeyService> keys_;
  std::unique_ptr<service::KeyVerifier> verifier_;
  std::unique_ptr<schedule::Scheduler> scheduler_;
  std::unique_ptr<delivery::DeliveryPool> delivery_;
  // After the scheduler and the pool: its callbacks reach into them, so it goes first.
  std::unique_ptr<net::HttpClient> http_client_;
  std::unique_ptr<Housekeeper> housekeeper_;
  std::unique_ptr<page::PageServer> page_;
  std::unique_ptr<api::Api> api_;
  bool stopped_ = false;
};

// The settings of `settings` that concern outbound connections.
Result<net::OutboundSettings> OutboundSettingsFrom(const Settings& settings);
net::HttpClientSettings ClientSettingsFrom(const Settings& settings);
// Where the database is.
std::string DatabasePath(const Settings& settings);
// For commands that need data: kInvalid when there is no database.
Status CheckDatabaseExists(const Settings& settings);
// Creates the data directory if need be and opens the store in it.
Result<std::unique_ptr<store::Store>> OpenStoreFor(const Settings& settings, const Clock& clock,
                                                   Metrics& metrics);

}  // namespace pharos::app
