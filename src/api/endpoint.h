#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/schema.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/value.h"
#include "http/message.h"
#include "model/principal.h"

namespace pharos::service {
class AlertService;
class AuditService;
class BeaconService;
class ChannelService;
class CheckLogService;
class CheckService;
class DesignService;
class EvidenceService;
class ExportService;
class HeartbeatService;
class IncidentService;
class KeyService;
class KeyVerifier;
class MaintenanceService;
class MetricsService;
class MonitorActions;
class MonitorService;
class OnCallService;
class OrganisationService;
class PageService;
class PhoneSubscriberService;
class RetentionService;
class SampleService;
class SecretService;
class SiteService;
class StatsService;
class WorkflowService;
}  // namespace pharos::service

namespace pharos::api {

// The use cases that endpoints may call. Everything outlives the Api.
struct Services {
  service::MonitorService& monitors;
  service::SampleService& samples;
  service::HeartbeatService& heartbeats;
  service::SiteService& site;
  service::KeyVerifier& keys;
  service::KeyService& key_rows;
  service::IncidentService& incidents;
  service::MaintenanceService& maintenances;
  service::PageService& pages;
  service::ChannelService& channels;
  service::StatsService& stats;
  service::CheckService& checks;
  service::AuditService& audit;
  service::OrganisationService& organisations;
  service::DesignService& designs;
  service::BeaconService& beacons;
  service::MetricsService& metrics;
  service::WorkflowService& workflows;
  service::AlertService& alerts;
  service::OnCallService& on_call;
  service::PhoneSubscriberService& phones;
  service::SecretService& secrets;
  service::MonitorActions& actions;
  service::CheckLogService& check_log;
  service::ExportService& exports;
  service::RetentionService& retention;
  service::EvidenceService& evidence;
};

// The variable segments of a path as they stand in it, percent escapes kept. Borrows the path.
class PathParams {
 public:
  static constexpr size_t kMax = 4;
  void Add(std::string_view name, std::string_view raw) {
    if (count_ < kMax) items_[count_++] = {name, raw};
  }
  void DropLast() { --count_; }
  size_t size() const { return count_; }
  std::string_view NameAt(size_t i) const { return items_[i].name; }
  // Empty when the path has no such segment; a segment itself is never empty.
  std::string_view Find(std::string_view name) const {
    for (size_t i = 0; i < count_; ++i) {
      if (items_[i].name == name) return items_[i].raw;
    }
    return {};
  }

 private:
  struct Item {
    std::string_view name;
    std::string_view raw;
  };
  std::array<Item, kMax> items_{};
  size_t count_ = 0;
};

// One request on its way through a dialect, and what the handler adds to the reply. Lives until the
// reply is sent; used by one thread at a time.
struct Call {
  Call(const Services& s, const Clock& c) : services(s), clock(c) {}

  const Services& services;
  const Clock& clock;
  http::Request request;
  PathParams params;
  // Who asks. Endpoints without a key see a principal of the default organisation without scopes.
  const model::Principal* who = nullptr;
  Value body;  // parsed, for rows with `reads_body`; any JSON value but null

  // What the refusal shall say beyond the kind of error, set before an Error is returned: another
  // code ("MONITOR_NOT_FOUND") or status than the row of the kind has, and more for the envelope.
  struct FailureHint {
    int status = 0;         // 0 = of the row
    std::string_view code;  // empty = of the row; must be a constant
    Value details;          // as Failure::details
  };
  FailureHint failure;

  int status = 200;               // preset to the row's success status
  std::string_view content_type;  // preset to the dialect's
  std::vector<http::Header> headers;
};

// Sends the outcome of an endpoint that finishes later; exactly one Send, on any thread. Copyable;
// when the last copy goes unused the client gets 500. The Call lives as long as a copy does.
class Answer {
 public:
  class Target {
   public:
    virtual ~Target() = default;
    virtual void Finish(Result<std::string> body) = 0;
    virtual void Continue(std::function<void()> work) = 0;
  };
  explicit Answer(std::shared_ptr<Target> target) : target_(std::move(target)) {}
  void Send(Result<std::string> body) const { target_->Finish(std::move(body)); }
  // Goes on with the endpoint on a worker: for callbacks on threads that must not wait for the
  // store. The client gets 503 when the pool is full; `work` is dropped then.
  void Continue(std::function<void()> work) const { target_->Continue(std::move(work)); }

 private:
  std::shared_ptr<Target> target_;
};

// Where an endpoint's work is done.
enum class Execution : uint8_t {
  kLoop,    // on the connection's loop: reads from memory only, never blocks
  kWorker,  // on a bounded pool: calls that wait for the store; 503 when the pool is full
  kAsync,   // on the loop, answers later without blocking anybody
  // On the pool like kWorker, then answers later: the worker is free while others are waited for.
  kWorkerAsync,
};

inline bool AnswersLater(Execution execution) {
  return execution == Execution::kAsync || execution == Execution::kWorkerAsync;
}
inline bool UsesWorker(Execution execution) {
  return execution == Execution::kWorker || execution == Execution::kWorkerAsync;
}

// Scopes that are no "resource:action".
inline constexpr std::string_view kPublicScope = "public";  // no key needed, keys are not looked at
inline constexpr std::string_view kAnyKeyScope = "any_key";  // any usable key

// One row of a dialect's route table: the single source for routing, 405 answers, permissions and
// the list of endpoints in the documentation (architecture D19: a row without scope does not
// start).
struct Endpoint {
  std::string_view method;
  std::string_view pattern;    // "/monitors/{monitor_tag}/data", below the mount
  std::string_view operation;  // "monitor.data.write": unique within the dialect
  std::string_view scope;
  // Another scope that lets in as well; empty = none (kodo.md 2.3: heartbeat status).
  std::string_view also_scope = {};
  int success_status = 200;
  Execution execution = Execution::kWorker;
  bool reads_body = false;
  std::string_view rate_class = "ordinary";
  std::string_view area = {};  // which of the dialect's mounts it hangs on; empty = the main ones
  // More than the dialect's contract documents: where another dialect shares method and path and
  // no credential tells, that one answers (is0k.md 10.1, "optional extension").
  bool extension = false;
  // What the OpenAPI document, the walk of bad inputs and the check of replies know of it.
  std::string_view summary = {};
  std::vector<Field> query = {};
  const Shape* request = nullptr;   // of the body; required when `reads_body`
  bool partial_request = false;     // absent members keep what is stored
  const Shape* response = nullptr;  // of the whole success body, envelope included
  bool response_is_list = false;    // the body is a bare list of `response`
  bool free_response = false;       // no shape can say it: not JSON, or JSON of any form
  // Asked when a request carries no key: whether it may go on as nobody (kodo.md 11.2, old clients
  // of heartbeats). Runs on the loop; may be empty: never.
  std::function<bool(const Call&)> keyless = {};
  // What must hold before the body is looked at (path parameters, sub-resources); may be empty.
  std::function<Status(Call&)> before_body = {};
  // Decodes, acts, presents: returns the reply's body. `act` for kLoop and kWorker, `act_async` for
  // the others.
  std::function<Result<std::string>(Call&)> act = {};
  std::function<void(Call&, Answer)> act_async = {};
};

}  // namespace pharos::api
