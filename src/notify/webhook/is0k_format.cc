// is0k.md 5.3.
#include "base/crypto.h"
#include "base/json.h"
#include "base/opaque_id.h"
#include "base/text.h"
#include "notify/facts.h"
#include "notify/webhook/formats.h"

namespace pharos::notify::webhook {
namespace {

// A service has no event of its own here; its status says what happened.
std::string EventWord(const Outgoing& outgoing) {
  if (outgoing.event != "service.status_changed") return outgoing.event;
  const std::string status = Part(outgoing.message, "monitor").StringOr("status", "");
  if (status == "down") return "monitor.down";
  return status == "up" ? "monitor.up" : "monitor.degraded";
}

std::string TypeWord(const std::string& kind) { return kind == "tls" ? "ssl" : kind; }

Value StatusWord(const std::string& status) {
  if (status == "no_data") return "pending";
  return status == "partial_outage" ? "degraded" : status;
}

Value MonitorPart(const Value& message) {
  const Value& monitor = Part(message, "monitor");
  if (!monitor.IsObject()) return {};
  Value part;
  part.Set("id", PrefixedIdOf(message, "monitor", "mon_", "mon"));
  part.Set("name", monitor.StringOr("name", ""));
  part.Set("type", TypeWord(monitor.StringOr("kind", "")));
  part.Set("url", Part(monitor, "url"));
  part.Set("status", StatusWord(monitor.StringOr("status", "")));
  part.Set("previous_status", StatusWord(monitor.StringOr("previous_status", "")));
  return part;
}

Value CheckPart(const Value& message) {
  const Value& check = Part(message, "check");
  const auto at = TimeOf(check, "at");
  if (!at) return {};
  const Value& monitor = Part(message, "monitor");
  const std::string noun = "chk" + std::to_string(monitor.IntOr("id", 0));
  const bool down = monitor.StringOr("status", "") == "down";
  Value part;
  part.Set("id", "chk_" + EncodeOpaqueId(noun, ToUnixMillis(*at)));
  part.Set("status_code", Part(check, "status_code"));
  // A failed check has no time, as in the list of checks (is0k.md 4.5).
  part.Set("response_time_ms", down ? Value() : Part(check, "latency_ms"));
  part.Set("error", Part(check, "error"));
  part.Set("checked_at", FormatIsoSeconds(*at));
  return part;
}

Value IncidentPart(const Outgoing& outgoing) {
  const Value& incident = Part(outgoing.message, "incident");
  if (!incident.IsObject()) return {};
  Value part;
  part.Set("id", PrefixedIdOf(outgoing.message, "incident", "inc_", "inc"));
  if (outgoing.event.starts_with("incident.")) {
    part.Set("title", incident.StringOr("title", ""));
    part.Set("status", incident.StringOr("status", ""));
    part.Set("severity", incident.StringOr("severity", ""));
    part.Set("message", Part(incident, "message"));
  }
  part.Set("started_at", IsoSecondsOf(incident, "started_at"));
  part.Set("resolved_at", IsoSecondsOf(incident, "resolved_at"));
  part.Set("duration_seconds", Part(incident, "duration_s"));
  return part;
}

Value DashboardUrl(const Value& message) {
  const std::string site = message.StringOr("site_url", "");
  if (site.empty()) return {};
  const Value monitor = PrefixedIdOf(message, "monitor", "mon_", "mon");
  if (monitor.IsString()) return site + "/manage/monitors/" + monitor.AsString();
  const Value incident = PrefixedIdOf(message, "incident", "inc_", "inc");
  if (incident.IsString()) return site + "/manage/incidents/" + incident.AsString();
  return site;
}

}  // namespace

Rendered RenderIs0k(const Outgoing& outgoing, const std::string& secret, Timestamp now) {
  const std::string event = EventWord(outgoing);
  Value body;
  body.Set("event", event);
  body.Set("timestamp", FormatIsoSeconds(TimeOf(outgoing.message, "at").value_or(now)));
  body.Set("monitor", MonitorPart(outgoing.message));
  body.Set("check", CheckPart(outgoing.message));
  body.Set("incident", IncidentPart(outgoing));
  if (const Value& maintenance = Part(outgoing.message, "maintenance"); maintenance.IsObject()) {
    body.Set("maintenance", maintenance);
  }
  body.Set("dashboard_url", DashboardUrl(outgoing.message));
  Rendered out;
  out.body = WriteJson(body);
  out.headers = {{"X-Is0k-Event", event}, {"X-Is0k-Delivery", UuidOf(outgoing.dedup_key)}};
  if (!secret.empty()) {
    out.headers.emplace_back("X-Is0k-Signature",
                             "sha256=" + HexLower(HmacSha256(secret, out.body)));
  }
  return out;
}

}  // namespace pharos::notify::webhook
