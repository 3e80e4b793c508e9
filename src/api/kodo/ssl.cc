#include "api/kodo/ssl.h"

#include <cmath>
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

constexpr std::string_view kWhat = "SSL monitor";
constexpr std::string_view kFact = "certificate";
constexpr int64_t kUsualAlertDays = 30;
constexpr int64_t kUsualPort = 443;
constexpr ExpiryLimits kLimits = {"degraded_below_hours", "down_below_hours", 24};

bool IsHostName(std::string_view text) {
  return !text.empty() && text.size() <= 253 &&
         text.find_first_of(":/?#@ \t\r\n") == std::string_view::npos &&
         text.find("..") == std::string_view::npos && text.front() != '.';
}

void PutCertificate(JsonWriter& json, const Value& certificate, Timestamp now, bool whole) {
  json.Key("certificate");
  if (!certificate.IsObject()) {
    json.Null();
    return;
  }
  const auto until = FactTime(certificate, "valid_to");
  json.BeginObject();
  PutTextOrNull(json, "issuer", certificate.StringOr("issuer", ""));
  PutTextOrNull(json, "subject", certificate.StringOr("subject", ""));
  PutTimeOrNull(json, "valid_from", FactTime(certificate, "valid_from"));
  PutTimeOrNull(json, "valid_to", until);
  PutIntOrNull(json, "days_until_expiry", DaysUntil(until, now));
  json.Key("is_valid").Bool(certificate.BoolOr("is_valid", false));
  if (whole) {
    PutTextOrNull(json, "serial_number", certificate.StringOr("serial_number", ""));
    PutTextOrNull(json, "fingerprint", certificate.StringOr("fingerprint", ""));
    PutTextList(json, "san", certificate, "san");
  }
  json.EndObject();
}

void PutMonitor(JsonWriter& json, const Call& call, const model::Monitor& monitor, bool whole) {
  const auto state = call.services.monitors.StateOf(monitor);
  PutText(json, "id", monitor.uid);
  PutText(json, "domain", monitor.spec.StringOr("host", ""));
  json.Key("port").Int(monitor.spec.IntOr("port", kUsualPort));
  json.Key("alert_days").Int(AlertDays(kLimits, monitor, kUsualAlertDays));
  json.Key("enabled").Bool(monitor.active);
  PutTimeUnlessNever(json, "last_checked_at", state ? state->last_result_at : Timestamp{});
  PutCertificate(json, FactOfMonitor(call, monitor, kFact), call.clock.Now(), whole);
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
  draft.kind = std::string(kSslKind);
  draft.schedule.kind = model::Schedule::Kind::kInterval;
  draft.schedule.interval = Days(1);
  const std::string host = AsciiLower(Trim(TextOf(body, "domain").value_or(std::string())));
  if (!IsHostName(host)) return BadField("domain", "Must be a host name without protocol");
  draft.name = host;
  draft.spec.Set("host", host);
  draft.spec.Set("port", IntOf(body, "port").value_or(kUsualPort));
  SetAlertDays(kLimits, kUsualAlertDays, draft);
  PHAROS_RETURN_IF_ERROR(ApplyExpiryBody(call, body, kLimits, draft));
  PHAROS_RETURN_IF_ERROR(ChannelsOfBody(call, body));
  return draft;
}

Status CheckUnwatched(const Call& call, const Value& spec) {
  for (const service::MonitorPtr& other : ListOfKind(call, kSslKind)) {
    if (other->spec.StringOr("host", "") == spec.StringOr("host", "") &&
        other->spec.IntOr("port", kUsualPort) == spec.IntOr("port", kUsualPort)) {
      return Error(ErrorKind::kConflict, "An SSL monitor for this domain and port already exists");
    }
  }
  return Ok();
}

// Nothing is stored for a host that shows no certificate (kodo.md 9).
Status JudgeTarget(Call& call, Result<model::CheckResult> seen) {
  if (!seen) return InKodoWords(std::move(seen).error(), kWhat);
  if (FactOf(seen->facts, kFact).IsObject()) return Ok();
  switch (seen->outcome) {
    case model::CheckOutcome::kBlocked:
      return Error(ErrorKind::kBlocked, seen->message);
    case model::CheckOutcome::kBlind:
    case model::CheckOutcome::kNone:
      return Error::Unavailable(seen->message, 5);
    case model::CheckOutcome::kAnswered:
    case model::CheckOutcome::kTimeout:
    case model::CheckOutcome::kError:
      break;
  }
  // Somebody answered, though not with TLS.
  if (seen->message.find("TLS handshake") != std::string::npos) {
    call.failure.status = 422;
    return BadRequest("SSL certificate could not be retrieved");
  }
  return BadField("domain", "Host is not reachable: " + seen->message);
}

Result<service::MonitorPtr> Store(const Call& call, model::Monitor draft) {
  // Somebody else may have made the same one while we looked.
  PHAROS_RETURN_IF_ERROR(CheckUnwatched(call, draft.spec));
  draft.tag = call.services.monitors.FreeTag(*call.who, "ssl " + draft.name);
  auto made = call.services.monitors.Create(*call.who, std::move(draft));
  if (!made) return InKodoWords(std::move(made).error(), kWhat);
  PHAROS_RETURN_IF_ERROR(LinkChannels(call, call.body, **made));
  return made;
}

Result<model::Monitor> NewDraft(const Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(SslBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(model::Monitor draft, DraftOf(call, call.body));
  PHAROS_RETURN_IF_ERROR(CheckUnwatched(call, draft.spec));
  return draft;
}

std::string PrintCheck(const model::CheckResult& result, int64_t alert_days, Timestamp now) {
  const Value certificate = FactOf(result.facts, kFact);
  const auto until = FactTime(certificate, "valid_to");
  const auto days = DaysUntil(until, now);
  const bool is_sound = certificate.IsObject() && certificate.BoolOr("is_valid", false);
  const std::string_view word = ExpiryWord(is_sound, days, alert_days);
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutText(json, "status", word);
  PutIntOrNull(json, "days_until_expiry", days);
  PutTextOrNull(json, "valid_to", until ? FormatIsoSeconds(*until) : std::string());
  PutTextOrNull(json, "issuer", certificate.StringOr("issuer", ""));
  PutTextOrNull(json, "subject", certificate.StringOr("subject", ""));
  PutTextOrNull(json, "error", word == "error" ? result.message : std::string());
  json.Key("response_time_ms").Int(std::llround(result.latency_ms.value_or(0)));
  json.EndObject();
  return out;
}

}  // namespace

Result<std::string> ListSslMonitors(Call& call) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("ssl_monitors").BeginList();
  for (const service::MonitorPtr& monitor : Windowed(call, kSslKind)) {
    json.BeginObject();
    PutMonitor(json, call, *monitor, false);
    json.EndObject();
  }
  json.EndList().EndObject();
  return out;
}

void CreateSslMonitor(Call& call, Answer answer) {
  auto draft = NewDraft(call);
  if (!draft) return answer.Send(std::move(draft).error());
  const Value spec = draft->spec;
  call.services.checks.TryOut(
      *call.who, std::string(kSslKind), spec,
      [&call, answer, draft = *std::move(draft)](Result<model::CheckResult> seen) {
        if (Status shown = JudgeTarget(call, std::move(seen)); !shown) {
          return answer.Send(std::move(shown).error());
        }
        answer.Continue([&call, answer, draft] {
          const auto made = Store(call, draft);
          if (!made) return answer.Send(made.error());
          AnswerAfterFirstCheck(call, *made, answer, Print);
        });
      });
}

Result<std::string> GetSslMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto monitor, OfPath(call, kSslKind, kWhat));
  const Value certificate = FactOfMonitor(call, *monitor, kFact);
  const auto end = FactTime(certificate, "valid_to");
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutMonitor(json, call, *monitor, true);
  // Down is also what is sound but runs out soon.
  const bool is_sound = certificate.BoolOr("is_valid", false);
  const auto print = [&](const model::Sample& sample) {
    const bool was_down =
        sample.observed != model::Status::kUp && sample.observed != model::Status::kDegraded;
    json.Key("is_valid").Bool(!was_down || (is_sound && end && *end > sample.at));
  };
  PHAROS_RETURN_IF_ERROR(PutCheckHistory(json, call, *monitor, end, print));
  json.EndObject();
  return out;
}

Result<std::string> UpdateSslMonitor(Call& call) {
  return ChangeExpiring(call, kSslKind, kWhat, SslChangeBody(), kLimits, Print);
}

Result<std::string> DeleteSslMonitor(Call& call) { return DeleteOfKind(call, kSslKind, kWhat); }

void CheckSslMonitor(Call& call, Answer answer) {
  const auto found = OfPath(call, kSslKind, kWhat);
  if (!found) return answer.Send(found.error());
  const int64_t alert_days = AlertDays(kLimits, **found, kUsualAlertDays);
  CheckExpiringNow(call, std::move(answer), *found, alert_days, PrintCheck);
}

}  // namespace pharos::api::kodo
