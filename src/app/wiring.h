#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/api.h"
#include "apidocs/api_docs.h"
#include "app/settings.h"
#include "app/use_cases.h"
#include "automation/automation.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "delivery/delivery_pool.h"
#include "http/server.h"
#include "intake/intake.h"
#include "intake/overlay_board.h"
#include "net/dialer.h"
#include "net/http_client.h"
#include "net/mail_client.h"
#include "net/outbound_policy.h"
#include "net/sql_client.h"
#include "notices/notices.h"
#include "notify/catalog.h"
#include "page/page_server.h"
#include "probe/catalog.h"
#include "schedule/scheduler.h"
#include "script/evaluator.h"
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
  UseCases& use_cases() { return *use_cases_; }
  const service::Context& context() { return use_cases_->context; }
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
  Status StartUseCases();
  Status StartParts(const Options& options);
  Status StartFaces(const Options& options);
  Result<api::ApiSettings> ApiSettingsFrom() const;
  probe::Tools ProbeTools();
  notify::Tools NotifyTools();
  http::Response Ready() const;
  http::Response Health(const http::Request& request) const;

  const Settings settings_;
  const Clock& clock_;
  Metrics metrics_;
  net::OutboundPolicy policy_;
  probe::Catalog probes_;
  const notify::Catalog channel_kinds_;
  notices::Board notices_;
  store::MonitorDirectory directory_;
  intake::OverlayBoard overlays_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<intake::Intake> intake_;
  std::unique_ptr<service::SecretKeys> secret_keys_;
  std::unique_ptr<UseCases> use_cases_;
  std::unique_ptr<schedule::Scheduler> scheduler_;
  std::unique_ptr<service::CheckRunner> check_runner_;
  std::unique_ptr<delivery::DeliveryPool> delivery_;
  // What is asked outside calls back into it, and it into the scheduler.
  std::unique_ptr<script::Evaluator> evaluator_;
  // After the scheduler and the pool: their callbacks reach into them, so they go first. The HTTP
  // client goes before the dialer, since a look-up that fails over HTTP goes on there.
  std::unique_ptr<net::Dialer> dialer_;
  std::unique_ptr<net::HttpClient> http_client_;
  std::unique_ptr<net::SqlClient> sql_;
  std::unique_ptr<net::MailClient> mail_;
  std::unique_ptr<automation::Automation> automation_;
  std::unique_ptr<Housekeeper> housekeeper_;
  std::unique_ptr<page::PageServer> page_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<apidocs::ApiDocs> docs_;
  bool stopped_ = false;
};

// The settings of `settings` that concern outbound connections.
Result<net::OutboundSettings> OutboundSettingsFrom(const Settings& settings);
net::HttpClientSettings ClientSettingsFrom(const Settings& settings);
net::DialerSettings DialerSettingsFrom(const Settings& settings);
schedule::SchedulerSettings SchedulerSettingsFrom(const Settings& settings);
net::SqlClientSettings SqlSettingsFrom(const Settings& settings);
// nullptr when functions are not to run.
Result<std::unique_ptr<script::Evaluator>> StartEvaluator(const Settings& settings,
                                                          Metrics& metrics);
net::MailSettings MailSettingsFrom(const Settings& settings);
notify::Addresses AddressesFrom(const Settings& settings);
// Where the database is.
std::string DatabasePath(const Settings& settings);
// For commands that need data: kInvalid when there is no database.
Status CheckDatabaseExists(const Settings& settings);
// Creates the data directory if need be and opens the store in it.
Result<std::unique_ptr<store::Store>> OpenStoreFor(const Settings& settings, const Clock& clock,
                                                   Metrics& metrics);

}  // namespace pharos::app
