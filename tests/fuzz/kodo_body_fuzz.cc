// Reads arbitrary bytes as the body of every Kodo request. What the tables refuse is refused with a
// field or a text, and what they accept can be put onto a monitor without leaving the limits of its
// kind.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/body_values.h"
#include "api/kodo/body.h"
#include "api/kodo/expiring.h"
#include "api/kodo/monitor_parts.h"
#include "api/kodo/shapes_core.h"
#include "base/json.h"

namespace {

namespace kodo = pharos::api::kodo;

void Require(bool holds) {
  if (!holds) std::abort();
}

void TryShape(const pharos::api::Shape& shape, const pharos::Value& body) {
  for (const auto check : {kodo::CheckCreate, kodo::CheckChange, kodo::CheckOptional}) {
    const auto checked = check(shape, body);
    if (checked) {
      Require(body.IsObject());
      continue;
    }
    Require(checked.error().kind == pharos::ErrorKind::kInvalid);
    Require(!checked.error().message.empty());
  }
  for (const pharos::api::Field& field : shape.fields) {
    (void)kodo::TextOf(body, field.name);
    (void)pharos::api::IntOf(body, field.name);
    (void)pharos::api::NumberOf(body, field.name);
    (void)pharos::api::BoolOf(body, field.name);
    (void)kodo::TimeOf(body, field.name);
    (void)kodo::TextsOf(body, field.name);
  }
}

void TrySafeguards(const pharos::Value& body) {
  if (!kodo::CheckOptional(kodo::UptimeBody(), body)) return;
  pharos::model::Monitor monitor;
  kodo::ApplySafeguards(body, monitor);
  Require(monitor.auto_incident.failure_threshold >= 1);
  Require(monitor.auto_incident.failure_threshold <= 20);
  Require(monitor.auto_incident.cooldown >= pharos::Duration::zero());
}

void TryAlertDays(const pharos::Value& body) {
  if (!kodo::CheckOptional(kodo::SslBody(), body)) return;
  const auto days = pharos::api::IntOf(body, "alert_days");
  if (!days) return;
  pharos::model::Monitor monitor;
  const kodo::ExpiryLimits limits = {"degraded", "down", 24};
  kodo::SetAlertDays(limits, *days, monitor);
  Require(monitor.spec.IntOr("degraded", -1) >= monitor.spec.IntOr("down", -1));
  Require(kodo::AlertDays(limits, monitor, 0) == *days);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pharos::http::Request request;
  request.body.assign(reinterpret_cast<const char*>(data), size);
  const auto body = kodo::ParseOptionalBody(request);
  if (!body) return 0;
  for (const auto shape :
       {kodo::ServiceBody, kodo::IncidentBody, kodo::IncidentChangeBody, kodo::IncidentUpdateBody,
        kodo::UptimeBody, kodo::SslBody, kodo::SslChangeBody, kodo::DomainBody,
        kodo::DomainChangeBody, kodo::HeartbeatBody, kodo::PingBody, kodo::MaintenanceBody,
        kodo::MaintenanceChangeBody, kodo::ConfigBody, kodo::KeyBody, kodo::KeyChangeBody}) {
    TryShape(shape(), *body);
  }
  TrySafeguards(*body);
  TryAlertDays(*body);
  return 0;
}
