// kener-classic.md 7.
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "notify/facts.h"
#include "notify/webhook/formats.h"

namespace pharos::notify::webhook {
namespace {

std::string EventWord(const std::string& event) { return event == "test" ? "webhook.test" : event; }

// The format knows no status between up and down but "degraded".
std::string StatusWord(std::string_view status) {
  if (status == "partial_outage") return "degraded";
  return std::string(status);
}

Value MonitorData(const Value& message) {
  const Value& monitor = Part(message, "monitor");
  Value data;
  data.Set("monitor_id", PrefixedIdOf(message, "monitor", "mon_", "mon"));
  data.Set("name", monitor.StringOr("name", ""));
  data.Set("status", StatusWord(monitor.StringOr("status", "")));
  return data;
}

Value MonitorIds(const Value& owner) {
  Value::List ids;
  const Value& monitors = Part(owner, "monitors");
  if (monitors.IsList()) {
    for (const Value& monitor : monitors.AsList()) {
      Value wrapped;
      wrapped.Set("monitor", monitor);
      ids.push_back(PrefixedIdOf(wrapped, "monitor", "mon_", "mon"));
    }
  }
  return ids;
}

Value IncidentData(const Value& message) {
  const Value& incident = Part(message, "incident");
  Value data;
  data.Set("incident_id", Part(incident, "id"));
  data.Set("title", incident.StringOr("title", ""));
  data.Set("status", incident.StringOr("status", ""));
  data.Set("impact", incident.StringOr("severity", ""));
  data.Set("message", Part(incident, "message"));
  data.Set("monitors", MonitorIds(incident));
  return data;
}

Value MaintenanceData(const Value& message) {
  const Value& maintenance = Part(message, "maintenance");
  Value data;
  data.Set("maintenance_id", PrefixedIdOf(message, "maintenance", "mnt_", "mnt"));
  data.Set("title", maintenance.StringOr("title", ""));
  data.Set("scheduled_start", IsoSecondsOf(maintenance, "starts_at"));
  data.Set("scheduled_end", IsoSecondsOf(maintenance, "ends_at"));
  data.Set("monitors", MonitorIds(maintenance));
  return data;
}

Value DataOf(const Value& message) {
  if (message.Find("maintenance") != nullptr) return MaintenanceData(message);
  if (message.Find("monitor") != nullptr) return MonitorData(message);
  if (message.Find("incident") != nullptr) return IncidentData(message);
  Value data;
  data.Set("message", message.StringOr("text", ""));
  return data;
}

}  // namespace

Rendered RenderKenerClassic(const Outgoing& outgoing, const std::string& secret, Timestamp now) {
  const std::string event = EventWord(outgoing.event);
  Value body;
  body.Set("event", event);
  const auto at = TimeOf(outgoing.message, "at");
  body.Set("timestamp", FormatIsoSeconds(at.value_or(now)));
  body.Set("data", DataOf(outgoing.message));
  Rendered out;
  out.body = WriteJson(body);
  out.headers = {{"X-Kener-Event", event}, {"X-Kener-Delivery", UuidOf(outgoing.dedup_key)}};
  if (!secret.empty()) {
    out.headers.emplace_back("X-Kener-Signature",
                             "sha256=" + HexLower(HmacSha256(secret, out.body)));
  }
  return out;
}

}  // namespace pharos::notify::webhook
