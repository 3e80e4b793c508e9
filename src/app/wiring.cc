#include "app/wiring.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "api/catalog.h"
#include "app/data_directory.h"
#include "app/housekeeper.h"
#include "app/secret_key_file.h"
#include "base/log.h"
#include "base/text.h"
#include "service/overlays.h"
#include "store/monitor_store.h"
#include "store/organisation_store.h"
#include "store/sqlite/sqlite_store.h"

namespace pharos::app {
namespace {

// Checks that people ask for take the places that checks of the schedule take.
class ScheduledChecks : public service::CheckRunner {
 public:
  explicit ScheduledChecks(schedule::Scheduler& scheduler) : scheduler_(scheduler) {}
  void CheckNow(model::MonitorId id, Done done) override {
    scheduler_.CheckNow(id, std::move(done));
  }

 private:
  schedule::Scheduler& scheduler_;
};

std::vector<std::string> CommaList(std::string_view text) {
  std::vector<std::string> items;
  for (const std::string_view part : Split(text, ',')) {
    if (!Trim(part).empty()) items.emplace_back(Trim(part));
  }
  return items;
}

}  // namespace

Result<net::OutboundSettings> OutboundSettingsFrom(const Settings& settings) {
  net::OutboundSettings outbound;
  outbound.mode = settings.outbound_policy == "untrusted" ? net::PolicyMode::kUntrusted
                                                          : net::PolicyMode::kTrusted;
  outbound.proxy_probe = settings.outbound_proxy_probe;
  outbound.proxy_notify = settings.outbound_proxy_notify;
  for (const std::string& item : CommaList(settings.outbound_allow)) {
    if (auto cidr = net::Cidr::Parse(item)) {
      outbound.allowed_networks.push_back(*cidr);
    } else if (item.find('/') != std::string::npos) {
      return Error::Field("outbound.allow", "outbound.allow: '" + item + "' is not a network");
    } else {
      outbound.allowed_hosts.push_back(AsciiLower(item));
    }
  }
  return outbound;
}

net::HttpClientSettings ClientSettingsFrom(const Settings& settings) {
  net::HttpClientSettings client;
  client.max_in_flight = static_cast<size_t>(settings.outbound_max_in_flight);
  client.ca_bundle = settings.outbound_ca_bundle;
  client.dns_servers = CommaList(settings.outbound_dns_servers);
  client.check_name_service = settings.watch_name_canary;
  return client;
}

net::MailSettings MailSettingsFrom(const Settings& settings) {
  net::MailSettings mail;
  mail.host = settings.mail_host;
  mail.port = static_cast<uint16_t>(settings.mail_port);
  mail.security = settings.mail_security == "none"  ? net::MailSecurity::kNone
                  : settings.mail_security == "tls" ? net::MailSecurity::kTls
                                                    : net::MailSecurity::kStartTls;
  mail.user = settings.mail_user;
  mail.password = Secret(settings.mail_password);
  mail.from = settings.mail_from;
  mail.ca_bundle = settings.outbound_ca_bundle;
  return mail;
}

notify::Addresses AddressesFrom(const Settings& settings) {
  notify::Addresses addresses;
  addresses.slack_hosts = CommaList(settings.notify_slack_hosts);
  addresses.discord_hosts = CommaList(settings.notify_discord_hosts);
  addresses.telegram = settings.notify_telegram_base;
  addresses.twilio = settings.notify_twilio_base;
  addresses.pagerduty = settings.notify_pagerduty_base;
  addresses.opsgenie = settings.notify_opsgenie_base;
  return addresses;
}

net::DialerSettings DialerSettingsFrom(const Settings& settings) {
  net::DialerSettings dialer;
  dialer.max_in_flight = static_cast<size_t>(settings.outbound_max_in_flight);
  dialer.ca_bundle = settings.outbound_ca_bundle;
  dialer.dns_servers = CommaList(settings.outbound_dns_servers);
  dialer.check_name_service = settings.watch_name_canary;
  return dialer;
}

schedule::SchedulerSettings SchedulerSettingsFrom(const Settings& settings) {
  schedule::SchedulerSettings schedule;
  schedule.max_running = static_cast<size_t>(settings.schedule_max_running);
  schedule.max_per_host = static_cast<size_t>(settings.schedule_max_per_host);
  schedule.canaries = CommaList(settings.watch_canaries);
  return schedule;
}

net::SqlClientSettings SqlSettingsFrom(const Settings& settings) {
  net::SqlClientSettings sql;
  sql.ca_bundle = settings.outbound_ca_bundle;
  sql.dns_servers = CommaList(settings.outbound_dns_servers);
  return sql;
}

Result<std::unique_ptr<script::Evaluator>> StartEvaluator(const Settings& settings,
                                                          Metrics& metrics) {
  if (settings.script_workers == 0) return std::unique_ptr<script::Evaluator>();
  script::EvaluatorSettings evaluator;
  evaluator.workers = static_cast<size_t>(settings.script_workers);
  return script::Evaluator::Start(std::move(evaluator), metrics);
}

std::string DatabasePath(const Settings& settings) {
  if (!settings.database.empty()) return settings.database;
  return (std::filesystem::path(settings.data_dir) / "pharos.db").string();
}

Status CheckDatabaseExists(const Settings& settings) {
  const std::string path = DatabasePath(settings);
  std::error_code failed;
  if (std::filesystem::exists(path, failed)) return Ok();
  return Error::Field("data", "there is no database at '" + path + "'");
}

Result<std::unique_ptr<store::Store>> OpenStoreFor(const Settings& settings, const Clock& clock,
                                                   Metrics& metrics) {
  store::SqliteSettings sqlite;
  sqlite.path = DatabasePath(settings);
  if (sqlite.path.starts_with("postgres")) {
    return Error::Field("database", "database: this version stores in SQLite only");
  }
  if (sqlite.path != ":memory:") {
    PHAROS_RETURN_IF_ERROR(CreateDirectoryOf(sqlite.path));
  }
  auto store = store::OpenSqliteStore(sqlite, clock, metrics);
  if (!store && store.error().kind == ErrorKind::kInvalid) {
    Error error = std::move(store).error();
    error.message.insert(0, "'" + sqlite.path + "': ");
    return error;
  }
  return store;
}

Wiring::Wiring(const Settings& settings, const Clock& clock)
    : settings_(settings),
      clock_(clock),
      policy_(OutboundSettingsFrom(settings).value_or(net::OutboundSettings{})),
      channel_kinds_(AddressesFrom(settings)) {
  policy_.set_allow_self(settings.outbound_allow_self);
}

Wiring::~Wiring() { Stop(); }

Result<std::unique_ptr<Wiring>> Wiring::Open(const Settings& settings, const Clock& clock,
                                             const Options& options) {
  if (auto outbound = OutboundSettingsFrom(settings); !outbound) return outbound.error();
  std::unique_ptr<Wiring> wiring(new Wiring(settings, clock));
  PHAROS_RETURN_IF_ERROR(wiring->OpenStore());
  PHAROS_RETURN_IF_ERROR(wiring->StartOutbound());
  PHAROS_RETURN_IF_ERROR(wiring->StartParts(options));
  return wiring;
}

Status Wiring::OpenStore() {
  PHAROS_ASSIGN_OR_RETURN(store_, OpenStoreFor(settings_, clock_, metrics_));
  return LoadImages();
}

Status Wiring::LoadImages() {
  PHAROS_ASSIGN_OR_RETURN(auto session, store_->Read());
  PHAROS_ASSIGN_OR_RETURN(auto monitors, store_->monitors().ListAll(*session));
  directory_.Reset(std::move(monitors));
  return Ok();
}

Status Wiring::StartOutbound() {
  PHAROS_ASSIGN_OR_RETURN(http_client_, net::HttpClient::Start(ClientSettingsFrom(settings_),
                                                               policy_, clock_, metrics_));
  PHAROS_ASSIGN_OR_RETURN(dialer_,
                          net::Dialer::Start(DialerSettingsFrom(settings_), policy_, metrics_));
  PHAROS_ASSIGN_OR_RETURN(sql_,
                          net::SqlClient::Start(SqlSettingsFrom(settings_), policy_, metrics_));
  PHAROS_ASSIGN_OR_RETURN(evaluator_, StartEvaluator(settings_, metrics_));
  const net::MailSettings mail = MailSettingsFrom(settings_);
  if (!mail.host.empty()) {
    PHAROS_ASSIGN_OR_RETURN(mail_, net::MailClient::Start(mail, policy_));
  }
  return Ok();
}

probe::Tools Wiring::ProbeTools() {
  probe::Tools tools;
  tools.http = http_client_.get();
  tools.clock = &clock_;
  tools.dialer = dialer_.get();
  tools.sql = sql_.get();
  tools.evaluator = evaluator_.get();
  if (use_cases_ != nullptr) tools.secret_source = &use_cases_->vault;
  return tools;
}

notify::Tools Wiring::NotifyTools() {
  notify::Tools tools;
  tools.http = http_client_.get();
  tools.clock = &clock_;
  tools.mail = mail_.get();
  // The organisations' settings are a use case, and use cases need these tools: asked for later.
  tools.phone_account = [this](model::OrgId org) -> Value {
    if (use_cases_ == nullptr) return {};
    const auto settings = use_cases_->organisations.Settings(org);
    const Value* account = settings ? settings->Find("sms") : nullptr;
    return account == nullptr ? Value() : *account;
  };
  tools.secrets = [this](model::OrgId org, std::string_view name) {
    return use_cases_ == nullptr ? std::nullopt : use_cases_->vault.Find(org, name);
  };
  return tools;
}

Status Wiring::StartUseCases() {
  PHAROS_ASSIGN_OR_RETURN(
      intake_, intake::Intake::Start(intake::IntakeSettings{}, *store_, directory_, overlays_,
                                     notices_, clock_, metrics_));
  const service::Context context{*store_,  directory_, *intake_, overlays_,
                                 notices_, probes_,    clock_};
  PHAROS_RETURN_IF_ERROR(service::ReloadOverlays(context));
  secret_keys_ = SecretKeysFor(DatabasePath(settings_));
  use_cases_ =
      std::make_unique<UseCases>(context, channel_kinds_, NotifyTools(), ProbeTools(),
                                 *secret_keys_, EnvironmentSecrets(settings_.secrets_env_prefix));
  PHAROS_RETURN_IF_ERROR(use_cases_->vault.Reload());
  PHAROS_RETURN_IF_ERROR(use_cases_->verifier.Reload());
  PHAROS_ASSIGN_OR_RETURN(auto session, store_->Read());
  PHAROS_ASSIGN_OR_RETURN(const auto organisations, store_->organisations().List(*session));
  session.reset();
  for (const model::Organisation& org : organisations) {
    PHAROS_RETURN_IF_ERROR(use_cases_->site.Seed(org.id, api::SeededSiteEntries()));
  }
  return Ok();
}

Status Wiring::StartParts(const Options& options) {
  PHAROS_RETURN_IF_ERROR(StartUseCases());
  UseCases& use = *use_cases_;
  use.retention.SetLimits({.usual_days = settings_.history_retention_days,
                           .max_days = settings_.history_max_retention_days,
                           .audit_days = settings_.history_audit_days,
                           .delivery_days = settings_.history_delivery_days});
  use.retention.AddStep(
      "evidence", [&use](const store::OrgCutoff& cutoff) { return use.evidence.Prune(cutoff); });
  automation::AutomationSettings reacting;
  reacting.keep_deliveries = Days(settings_.history_delivery_days);
  automation_ = automation::Automation::Start(reacting, use.context,
                                              {&use.workflows, &use.subscribers}, metrics_);
  if (options.watch) {
    scheduler_ = schedule::Scheduler::Start(SchedulerSettingsFrom(settings_), directory_, *intake_,
                                            probes_, ProbeTools(), metrics_);
    use.checks.SetTimer(&scheduler_->timer());
    check_runner_ = std::make_unique<ScheduledChecks>(*scheduler_);
    use.checks.SetRunner(check_runner_.get());
    delivery_ = delivery::DeliveryPool::Start(delivery::DeliverySettings{}, *store_, notices_,
                                              channel_kinds_, NotifyTools(), metrics_);
    const Chores chores{&use.incidents, &use.maintenances, automation_.get(), &use.workflows,
                        &use.on_call,   &use.alerts,       &use.beacons,      &use.subscribers,
                        &use.vault,     &use.retention};
    housekeeper_ = Housekeeper::Start({Days(settings_.history_retention_days)}, *store_, *intake_,
                                      use.verifier, clock_, chores);
  }
  return StartFaces(options);
}

Result<api::ApiSettings> Wiring::ApiSettingsFrom() const {
  api::ApiSettings api;
  api.rate_limits["kener_v4.ordinary"] = static_cast<int>(settings_.kener_v4_requests_per_minute);
  api.rate_limits["kener_classic.ordinary"] =
      static_cast<int>(settings_.kener_classic_requests_per_minute);
  api.rate_limits["is0k.ordinary"] = static_cast<int>(settings_.is0k_requests_per_minute);
  if (settings_.kodo_requests_per_minute >= 0) {
    const auto limit = static_cast<int>(settings_.kodo_requests_per_minute);
    api.rate_limits["kodo.ordinary"] = api.rate_limits["kodo.ordinary.writes"] = limit;
  }
  api.rate_profiles["kodo"] = settings_.kodo_rate_profile;
  api.v1_default = settings_.api_v1_default;
  for (const std::string& item : CommaList(settings_.api_hosts)) {
    const size_t equals = item.find('=');
    if (equals == std::string::npos) {
      return Error::Field("api.hosts", "api.hosts: '" + item + "' is not of the form host=dialect");
    }
    api.hosts[AsciiLower(Trim(item.substr(0, equals)))] = Trim(item.substr(equals + 1));
  }
  return api;
}

Status Wiring::StartFaces(const Options& options) {
  UseCases& use = *use_cases_;
  if (options.pages) {
    page::PageSettings page;
    page.days = static_cast<int>(settings_.page_days);
    page.time_zone = settings_.page_time_zone;
    page.max_streams = static_cast<size_t>(settings_.page_max_streams);
    page_ = page::PageServer::Start(page, use.overview, use.site, notices_, clock_, metrics_);
  }
  PHAROS_ASSIGN_OR_RETURN(const api::ApiSettings api_settings, ApiSettingsFrom());
  PHAROS_ASSIGN_OR_RETURN(api_, api::Api::Start(use.ForApi(), api_settings, clock_, metrics_));
  if (options.pages) {
    docs_ = std::make_unique<apidocs::ApiDocs>(
        api_->dialects(),
        [this](const http::Request& request) { return api_->DialectOf(request); });
  }
  return Ok();
}

http::Response Wiring::Ready() const {
  std::string missing;
  // Asks the database itself, on a connection that no reader holds: this runs on a request loop.
  if (auto counter = store_->ChangeCounter(); !counter) missing = "store";
  if (scheduler_ == nullptr || !scheduler_->IsRunning()) {
    missing += std::string(missing.empty() ? "" : ", ") + "scheduler";
  }
  if (missing.empty()) return http::Response::Text(200, "ready\n");
  return http::Response::Text(503, "not ready: " + missing + "\n");
}

// kener-v4.md 15.2. There is no other queue than the store's; it fails with the store or not at
// all.
http::Response Wiring::Health(const http::Request& request) const {
  const bool has_store = store_->ChangeCounter().has_value();
  const auto query = http::ParseQuery(request.query);
  const std::string* strict = http::FindParameter(query, "strict");
  const bool unwell = !has_store && strict != nullptr && *strict == "1";
  return http::Response::Json(unwell ? 503 : 200,
                              has_store ? R"({"status":"ok","db":true,"redis":true})"
                                        : R"({"status":"degraded","db":false,"redis":true})");
}

void Wiring::Handle(http::Request&& request, http::Responder responder) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads && request.path == "/healthz") {
    return responder.Send(http::Response::Text(200, "ok\n"));
  }
  if (reads && request.path == "/healthcheck") return responder.Send(Health(request));
  if (reads && request.path == "/readyz") return responder.Send(Ready());
  if (reads && request.path == "/metrics") {
    return responder.Send(
        http::Response::Text(200, metrics_.Render(), "text/plain; version=0.0.4; charset=utf-8"));
  }
  if (docs_ != nullptr) {
    if (auto answer = docs_->Answer(request)) return responder.Send(std::move(*answer));
  }
  if (api_->Owns(request)) return api_->Handle(std::move(request), std::move(responder));
  if (page_ != nullptr) return page_->Handle(std::move(request), std::move(responder));
  responder.Send(http::Response::Text(404, "not found\n"));
}

void Wiring::Stop() {
  if (stopped_) return;
  stopped_ = true;
  if (api_ != nullptr) api_->Stop();
  if (page_ != nullptr) page_->Stop();
  if (housekeeper_ != nullptr) housekeeper_->Stop();
  if (scheduler_ != nullptr) scheduler_->Stop(Seconds(5));
  if (automation_ != nullptr) automation_->Stop();
  if (delivery_ != nullptr) delivery_->Stop(Seconds(5));
  // What is under way ends here, while everything that its callbacks reach is still there.
  mail_.reset();
  sql_.reset();
  http_client_.reset();
  dialer_.reset();
  evaluator_.reset();
  if (intake_ != nullptr) intake_->Stop();
}

}  // namespace pharos::app
