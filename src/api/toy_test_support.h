#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/dialect.h"

namespace pharos::api {

// A dialect that says its name, for tests of the machinery.
inline http::Response PrintToyFailure(std::string_view name, const Failure& failure) {
  http::Response response(failure.status);
  response.body = std::string(name) + "|" + std::string(failure.code) + "|" + failure.message;
  if (!failure.allow.empty()) response.Add("allow", failure.allow);
  return response;
}

inline Endpoint ToyRow(std::string_view method, std::string_view pattern,
                       std::string_view operation) {
  Endpoint row;
  row.method = method;
  row.pattern = pattern;
  row.operation = operation;
  row.scope = "toys:read";
  row.execution = Execution::kLoop;
  row.act = [operation](Call&) -> Result<std::string> { return std::string(operation); };
  return row;
}

inline Dialect MakeToy(std::string_view name, std::string_view prefix) {
  Dialect d;
  d.name = name;
  d.mounts = {{.prefix = prefix}};
  d.credentials = {{.kind = CredentialReader::Kind::kBearer}};
  d.accepts_keys_of = {name};
  d.gates = {Gate::kAuthentication, Gate::kRateLimit,  Gate::kRoute, Gate::kParent,
             Gate::kMethod,         Gate::kPermission, Gate::kBody};
  d.rate_classes = {{"ordinary", 0}};
  for (const ErrorKind kind :
       {ErrorKind::kInvalid, ErrorKind::kUnauthenticated, ErrorKind::kKeyExpired,
        ErrorKind::kKeyRevoked, ErrorKind::kKeyDisabled, ErrorKind::kForbidden,
        ErrorKind::kNotFound, ErrorKind::kConflict, ErrorKind::kTooLarge, ErrorKind::kRateLimited,
        ErrorKind::kUnavailable, ErrorKind::kTimeout, ErrorKind::kBlocked, ErrorKind::kInternal}) {
    d.errors.push_back({kind, 400, ErrorKindName(kind), "fallback text"});
  }
  d.texts.missing_key = "who are you";
  d.texts.unknown_key = "never heard of you";
  d.texts.unknown_route = "nothing at {path}";
  d.texts.wrong_method = "no {method} here";
  d.texts.scope_missing = "needs {scope}";
  d.texts.bad_body = "cannot read that";
  const std::string own(name);
  d.envelope = [own](const http::Request&, const Failure& failure) {
    return PrintToyFailure(own, failure);
  };
  return d;
}

// A service that no toy calls, so that the others need not be built.
template <class T>
T& Nobody() {
  alignas(64) static unsigned char place[64];
  return reinterpret_cast<T&>(place);
}

struct ToyServices {
  service::MonitorService& monitors = Nobody<service::MonitorService>();
  service::SampleService& samples = Nobody<service::SampleService>();
  service::HeartbeatService& heartbeats = Nobody<service::HeartbeatService>();
  service::SiteService& site = Nobody<service::SiteService>();
};

inline Services MakeToyServices(service::KeyVerifier& keys, service::KeyService& key_rows,
                                const ToyServices& some = {}) {
  return {some.monitors,
          some.samples,
          some.heartbeats,
          some.site,
          keys,
          key_rows,
          Nobody<service::IncidentService>(),
          Nobody<service::MaintenanceService>(),
          Nobody<service::PageService>(),
          Nobody<service::ChannelService>(),
          Nobody<service::StatsService>(),
          Nobody<service::CheckService>(),
          Nobody<service::AuditService>(),
          Nobody<service::OrganisationService>(),
          Nobody<service::DesignService>(),
          Nobody<service::BeaconService>(),
          Nobody<service::MetricsService>(),
          Nobody<service::WorkflowService>(),
          Nobody<service::AlertService>(),
          Nobody<service::OnCallService>(),
          Nobody<service::PhoneSubscriberService>(),
          Nobody<service::SecretService>(),
          Nobody<service::MonitorActions>(),
          Nobody<service::CheckLogService>(),
          Nobody<service::ExportService>(),
          Nobody<service::RetentionService>(),
          Nobody<service::EvidenceService>()};
}

inline http::Request MakeRequest(std::string_view method, std::string_view target) {
  http::Request request;
  request.method = method;
  request.target = target;
  const size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
  request.peer_address = "192.0.2.7";
  return request;
}

}  // namespace pharos::api
