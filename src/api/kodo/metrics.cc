#include <memory>
#include <utility>

#include "api/kodo/beacon.h"
#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/shapes_more.h"
#include "api/kodo/words.h"
#include "api/signals.h"
#include "service/keys.h"
#include "service/metrics.h"

namespace pharos::api::kodo {
namespace {

constexpr std::string_view kScope = "metrics:write";

const Shape& KeyInBody() {
  static const Shape shape = {.name = "KodoKeyInBody", .fields = {{.name = "api_key", .max = 256}}};
  return shape;
}

// The key of the header, else the body's `api_key` (kodo.md 13): the gates cannot know the body, so
// the row is open and the check stands here.
Result<std::shared_ptr<const service::VerifiedKey>> CallerOf(const Call& call) {
  std::string text(call.request.FindHeader("x-api-key"));
  if (text.empty()) text = std::string(BearerToken(call.request));
  if (text.empty()) {
    PHAROS_RETURN_IF_ERROR(CheckOptional(KeyInBody(), call.body));
    text = call.body.StringOr("api_key", "");
  }
  if (text.empty()) return Error(ErrorKind::kUnauthenticated, "API key required");
  const auto known = call.services.keys.Find(text);
  if (known == nullptr || known->key.dialect != "kodo") {
    return Error(ErrorKind::kUnauthenticated, "Invalid API key");
  }
  PHAROS_RETURN_IF_ERROR(service::KeyVerifier::CheckUsable(*known, call.clock.Now()));
  if (!known->principal.Has(kScope)) {
    return Error(ErrorKind::kForbidden, "Insufficient scope: " + std::string(kScope) + " required");
  }
  call.services.keys.NoteUse(*known);
  return known;
}

void PrintChange(JsonWriter& json, const service::MetricsOutcome& outcome) {
  json.Key("status_change");
  if (!outcome.change) {
    json.Null();
    return;
  }
  json.BeginObject();
  PutText(json, "previous", ServiceWord(outcome.change->before));
  PutText(json, "current", ServiceWord(outcome.change->after));
  PutText(json, "reason", outcome.change->reason);
  json.EndObject();
}

std::string Print(const service::MetricsOutcome& outcome) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("success").Bool(true);
  json.Key("metrics_received").Tree(outcome.accepted);
  PrintChange(json, outcome);
  json.Key("incident_created");
  if (outcome.incident) {
    json.BeginObject();
    PutText(json, "id", outcome.incident->uid);
    PutText(json, "title", outcome.incident->title);
    json.EndObject();
  } else {
    json.Null();
  }
  PutTime(json, "received_at", outcome.received_at);
  PutText(json, "health_status", ServiceWord(outcome.verdict.status));
  json.Key("alerts").BeginList();
  for (const rules::MetricBreach& breach : outcome.verdict.breaches) {
    json.BeginObject();
    PutText(json, "metric", breach.metric->name);
    json.Key("value").Real(breach.value);
    json.Key("threshold").Real(breach.limit);
    PutText(json, "severity", ServiceWord(breach.status));
    json.EndObject();
  }
  json.EndList().EndObject();
  return out;
}

std::string PrintView(const service::MetricsSettings& settings,
                      const std::vector<service::MetricsPoint>& points) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  // What holds: the usual limits with the service's own in their place.
  json.Key("thresholds").BeginObject();
  for (const rules::MetricRow& row : rules::MetricRows()) {
    if (!row.judged) continue;
    const Value* own = settings.thresholds.Find(row.name);
    json.Key(row.name).BeginObject();
    for (size_t level = 0; level < row.limits.size(); ++level) {
      const Value* limit = own != nullptr ? own->Find(rules::kLimitNames[level]) : nullptr;
      json.Key(rules::kLimitNames[level])
          .Tree(limit != nullptr ? *limit : Value(row.limits[level]));
    }
    json.EndObject();
  }
  json.EndObject();
  json.Key("create_incidents").Bool(settings.opens_incidents);
  json.Key("points").BeginList();
  for (const service::MetricsPoint& point : points) {
    json.BeginObject();
    PutTime(json, "timestamp", point.at);
    json.Key("metrics").Tree(point.metrics);
    PutText(json, "health_status", ServiceWord(point.status));
    json.EndObject();
  }
  json.EndList().EndObject();
  return out;
}

Result<std::string> Ingest(const Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(MetricsBody(), call.body));
  const auto id = TextOf(call.body, "service_id");
  const auto name = TextOf(call.body, "service");
  if (!id && !name) return BadField("service_id", "Required");
  const service::MonitorPtr service =
      id ? FindOfKind(call, kServiceKind, *id) : FindService(call, *name);
  if (service == nullptr) return NotFound("Service");
  const auto at = TimeOf(call.body, "timestamp");
  PHAROS_ASSIGN_OR_RETURN(
      const auto outcome,
      call.services.metrics.Ingest(*call.who, *service, *call.body.Find("metrics"), at));
  return Print(outcome);
}

}  // namespace

Result<std::string> IngestMetrics(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto key, CallerOf(call));
  const model::Principal* const nobody = std::exchange(call.who, &key->principal);
  Result<std::string> reply = Ingest(call);
  call.who = nobody;
  return reply;
}

Result<std::string> GetServiceMetrics(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto service, OfPath(call, kServiceKind, "Service"));
  PHAROS_ASSIGN_OR_RETURN(const auto view, call.services.metrics.Get(*call.who, *service));
  return PrintView(view.settings, view.points);
}

Result<std::string> SetServiceMetrics(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckChange(MetricsSettingsBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(const auto service, OfPath(call, kServiceKind, "Service"));
  PHAROS_ASSIGN_OR_RETURN(auto view, call.services.metrics.Get(*call.who, *service));
  if (const Value* thresholds = call.body.Find("thresholds")) {
    view.settings.thresholds = *thresholds;
  }
  Assign(view.settings.opens_incidents, BoolOf(call.body, "create_incidents"));
  PHAROS_ASSIGN_OR_RETURN(const auto settings,
                          call.services.metrics.PutSettings(*call.who, *service, view.settings));
  return PrintView(settings, view.points);
}

}  // namespace pharos::api::kodo
