#include "api/kodo/alerts.h"

#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/shapes_more.h"
#include "service/alerts.h"

namespace pharos::api::kodo {
namespace {

constexpr std::string_view kWhat = "Alert";

void PrintAlert(JsonWriter& json, const service::Alert& alert) {
  json.BeginObject();
  PutText(json, "id", alert.uid);
  PutText(json, "title", alert.title);
  PutTextOrNull(json, "description", alert.description);
  PutText(json, "severity", service::AlertSeverityName(alert.severity));
  PutText(json, "state", service::AlertStateName(alert.state));
  PutText(json, "source", alert.source_name);
  PutTextOrNull(json, "service", alert.service);
  PutTextOrNull(json, "dedup_key", alert.dedup_key);
  json.Key("labels").Tree(alert.labels.IsObject() ? alert.labels : Value(Value::Object()));
  json.Key("count").Int(alert.count);
  PutTime(json, "fired_at", alert.fired_at);
  PutTime(json, "updated_at", alert.updated_at);
  PutTimeOrNull(json, "acknowledged_at", alert.acknowledged_at);
  PutTextOrNull(json, "acknowledged_by", alert.acknowledged_by);
  PutTimeOrNull(json, "resolved_at", alert.resolved_at);
  json.EndObject();
}

std::string OneAlert(const service::Alert& alert) {
  std::string out;
  JsonWriter json(out);
  PrintAlert(json, alert);
  return out;
}

Result<std::string> OneOr404(Result<service::Alert> alert) {
  if (!alert) return NotFoundAs(std::move(alert).error(), kWhat);
  return OneAlert(*alert);
}

void PrintSource(JsonWriter& json, const service::AlertSource& source, const std::string* key) {
  json.BeginObject();
  PutText(json, "id", source.uid);
  PutText(json, "name", source.name);
  if (key != nullptr) PutText(json, "key", *key);
  PutText(json, "key_prefix", source.key_prefix);
  PutTime(json, "created_at", source.created_at);
  json.EndObject();
}

}  // namespace

Result<std::string> TakeAlert(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto source,
                          call.services.alerts.FindSource(call.request.FindHeader("x-api-key")));
  PHAROS_RETURN_IF_ERROR(CheckCreate(AlertBody(), call.body));
  service::AlertReport report;
  report.title = TextOf(call.body, "title").value_or(std::string());
  report.description = TextOf(call.body, "description").value_or(std::string());
  report.service = TextOf(call.body, "service").value_or(std::string());
  report.dedup_key = TextOf(call.body, "dedup_key").value_or(std::string());
  report.severity = service::ParseAlertSeverity(call.body.StringOr("severity", "critical"))
                        .value_or(service::AlertSeverity::kCritical);
  report.resolved = call.body.StringOr("status", "firing") == "resolved";
  if (const Value* labels = call.body.Find("labels")) report.labels = *labels;
  PHAROS_ASSIGN_OR_RETURN(const auto outcome, call.services.alerts.Report(source, report));
  if (!outcome || !outcome->fresh) call.status = 200;
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("success").Bool(true);
  PutTextOrNull(json, "alert_id", outcome ? outcome->alert.uid : std::string());
  json.EndObject();
  return out;
}

Result<std::string> ListAlertSources(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto sources, call.services.alerts.Sources(*call.who));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("alert_sources").BeginList();
  for (const service::AlertSource& source : sources) PrintSource(json, source, nullptr);
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateAlertSource(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(NameBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(const auto made,
                          call.services.alerts.CreateSource(
                              *call.who, TextOf(call.body, "name").value_or(std::string())));
  std::string out;
  JsonWriter json(out);
  PrintSource(json, made.source, &made.key.Reveal());
  return out;
}

Result<std::string> DeleteAlertSource(Call& call) {
  if (Status gone = call.services.alerts.DeleteSource(*call.who, PathId(call)); !gone) {
    return NotFoundAs(std::move(gone).error(), "Alert source");
  }
  return std::string(kSuccess);
}

Result<std::string> ListAlerts(Call& call) {
  service::AlertQuery query;
  const Paging paging = ReadPaging(call.request, 50, 200);
  query.limit = paging.limit;
  query.offset = paging.offset;
  if (const std::string state = QueryText(call.request, "state"); !state.empty()) {
    query.state = service::ParseAlertState(state);
    if (!query.state) return BadField("state", "Invalid value");
  }
  PHAROS_ASSIGN_OR_RETURN(const auto alerts, call.services.alerts.List(*call.who, query));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("alerts").BeginList();
  for (const service::Alert& alert : alerts) PrintAlert(json, alert);
  json.EndList().EndObject();
  return out;
}

Result<std::string> GetAlert(Call& call) {
  return OneOr404(call.services.alerts.Get(*call.who, PathId(call)));
}

Result<std::string> AcknowledgeAlert(Call& call) {
  return OneOr404(call.services.alerts.Acknowledge(*call.who, PathId(call)));
}

Result<std::string> ResolveAlertCall(Call& call) {
  return OneOr404(call.services.alerts.Resolve(*call.who, PathId(call)));
}

}  // namespace pharos::api::kodo
