#include "api/kodo/domains.h"

#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/expiring.h"
#include "api/kodo/monitor_parts.h"
#include "api/kodo/shapes_core.h"
#include "base/text.h"
#include "service/checks.h"

namespace pharos::api::kodo {
namespace {

constexpr std::string_view kWhat = "Domain monitor";
constexpr std::string_view kFact = "registration";
constexpr int64_t kUsualAlertDays = 60;
constexpr ExpiryLimits kLimits = {"degraded_below_days", "down_below_days", 1};

void PutRegistration(JsonWriter& json, const Value& registration, Timestamp now, bool whole) {
  json.Key("registration");
  if (!registration.IsObject()) {
    json.Null();
    return;
  }
  const auto until = FactTime(registration, "expiry_date");
  json.BeginObject();
  PutTextOrNull(json, "registrar", registration.StringOr("registrar", ""));
  PutTimeOrNull(json, "created_date", FactTime(registration, "created_date"));
  PutTimeOrNull(json, "expiry_date", until);
  PutIntOrNull(json, "days_until_expiry", DaysUntil(until, now));
  PutTextList(json, "nameservers", registration, "nameservers");
  if (whole) {
    PutTextOrNull(json, "registrar_url", registration.StringOr("registrar_url", ""));
    PutTimeOrNull(json, "updated_date", FactTime(registration, "updated_date"));
    PutTextList(json, "status", registration, "status");
  }
  json.EndObject();
}

void PutMonitor(JsonWriter& json, const Call& call, const model::Monitor& monitor, bool whole) {
  const auto state = call.services.monitors.StateOf(monitor);
  PutText(json, "id", monitor.uid);
  PutText(json, "domain", monitor.spec.StringOr("domain", ""));
  json.Key("alert_days").Int(AlertDays(kLimits, monitor, kUsualAlertDays));
  json.Key("enabled").Bool(monitor.active);
  PutTimeUnlessNever(json, "last_checked_at", state ? state->last_result_at : Timestamp{});
  PutRegistration(json, FactOfMonitor(call, monitor, kFact), call.clock.Now(), whole);
  PutServiceId(json, call, monitor.service);
  PutTime(json, "created_at", monitor.created_at);
  PutTime(json, "updated_at", monitor.updated_at);
}

std::string Print(const Call& call, const model::Monitor& monitor) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutMonitor(json, call, monitor, false);
  json.EndObject();
  return out;
}

Result<model::Monitor> DraftOf(const Call& call, const Value& body) {
  model::Monitor draft;
  draft.kind = std::string(kDomainKind);
  draft.schedule.kind = model::Schedule::Kind::kInterval;
  draft.schedule.interval = Days(1);
  draft.name = AsciiLower(Trim(TextOf(body, "domain").value_or(std::string())));
  draft.spec.Set("domain", draft.name);
  SetAlertDays(kLimits, kUsualAlertDays, draft);
  PHAROS_RETURN_IF_ERROR(ApplyExpiryBody(call, body, kLimits, draft));
  PHAROS_RETURN_IF_ERROR(ChannelsOfBody(call, body));
  draft.tag = call.services.monitors.FreeTag(*call.who, "domain " + draft.name);
  return draft;
}

bool IsWatched(const Call& call, std::string_view domain) {
  for (const service::MonitorPtr& other : ListOfKind(call, kDomainKind)) {
    if (other->spec.StringOr("domain", "") == domain) return true;
  }
  return false;
}

std::string PrintCheck(const model::CheckResult& result, int64_t alert_days, Timestamp now) {
  const Value registration = FactOf(result.facts, kFact);
  const auto until = FactTime(registration, "expiry_date");
  const auto days = DaysUntil(until, now);
  const std::string_view word = ExpiryWord(registration.IsObject(), days, alert_days);
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutText(json, "status", word);
  PutIntOrNull(json, "days_until_expiry", days);
  PutTextOrNull(json, "expires_on", until ? FormatIsoSeconds(*until) : std::string());
  PutTextOrNull(json, "registrar", registration.StringOr("registrar", ""));
  PutTextList(json, "name_servers", registration, "nameservers");
  PutTextOrNull(json, "error", word == "error" ? result.message : std::string());
  json.EndObject();
  return out;
}

}  // namespace

Result<std::string> ListDomainMonitors(Call& call) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("domain_monitors").BeginList();
  for (const service::MonitorPtr& monitor : Windowed(call, kDomainKind)) {
    json.BeginObject();
    PutMonitor(json, call, *monitor, false);
    json.EndObject();
  }
  json.EndList().EndObject();
  return out;
}

namespace {

Result<service::MonitorPtr> Make(const Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(DomainBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(model::Monitor draft, DraftOf(call, call.body));
  if (IsWatched(call, draft.name)) {
    return Error(ErrorKind::kConflict, "A domain monitor for this domain already exists");
  }
  // The probe knows which names can be registered.
  auto made = call.services.monitors.Create(*call.who, std::move(draft));
  if (!made) return InKodoWords(std::move(made).error(), kWhat);
  PHAROS_RETURN_IF_ERROR(LinkChannels(call, call.body, **made));
  return made;
}

}  // namespace

void CreateDomainMonitor(Call& call, Answer answer) {
  const auto made = Make(call);
  if (!made) return answer.Send(made.error());
  AnswerAfterFirstCheck(call, *made, answer, Print);
}

Result<std::string> GetDomainMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto monitor, OfPath(call, kDomainKind, kWhat));
  const auto end = FactTime(FactOfMonitor(call, *monitor, kFact), "expiry_date");
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutMonitor(json, call, *monitor, true);
  PHAROS_RETURN_IF_ERROR(PutCheckHistory(json, call, *monitor, end, [](const model::Sample&) {}));
  json.EndObject();
  return out;
}

Result<std::string> UpdateDomainMonitor(Call& call) {
  return ChangeExpiring(call, kDomainKind, kWhat, DomainChangeBody(), kLimits, Print);
}

Result<std::string> DeleteDomainMonitor(Call& call) {
  return DeleteOfKind(call, kDomainKind, kWhat);
}

void CheckDomainMonitor(Call& call, Answer answer) {
  const auto found = OfPath(call, kDomainKind, kWhat);
  if (!found) return answer.Send(found.error());
  const int64_t alert_days = AlertDays(kLimits, **found, kUsualAlertDays);
  CheckExpiringNow(call, std::move(answer), *found, alert_days, PrintCheck);
}

}  // namespace pharos::api::kodo
