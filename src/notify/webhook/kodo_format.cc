// kodo.md 16.
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "notify/facts.h"
#include "notify/webhook/formats.h"

namespace pharos::notify::webhook {
namespace {

std::string EventWord(const std::string& event) {
  return event == "monitor.up" ? "monitor.recovered" : event;
}

std::string ServiceWord(std::string_view status) {
  if (status == "degraded" || status == "partial_outage" || status == "maintenance") {
    return std::string(status);
  }
  return status == "down" ? "major_outage" : "operational";
}

Value ServiceData(const Value& monitor) {
  Value data;
  data.Set("id", monitor.StringOr("uid", ""));
  data.Set("name", monitor.StringOr("name", ""));
  data.Set("previous_status", ServiceWord(monitor.StringOr("previous_status", "")));
  data.Set("new_status", ServiceWord(monitor.StringOr("status", "")));
  return data;
}

Value MonitorData(const Outgoing& outgoing) {
  const Value& monitor = Part(outgoing.message, "monitor");
  const Value& check = Part(outgoing.message, "check");
  Value data;
  data.Set("id", monitor.StringOr("uid", ""));
  data.Set("name", monitor.StringOr("name", ""));
  data.Set("url", Part(monitor, "url"));
  data.Set("error", outgoing.event == "monitor.up" ? Value() : Part(check, "error"));
  return data;
}

// Names of the services among the things that an incident or a maintenance names.
Value ServiceNames(const Value& owner) {
  Value::List names;
  const Value& monitors = Part(owner, "monitors");
  if (!monitors.IsList()) return names;
  for (const Value& monitor : monitors.AsList()) {
    if (monitor.StringOr("kind", "") == "manual") names.push_back(monitor.StringOr("name", ""));
  }
  return names;
}

Value IncidentData(const Value& incident) {
  Value data;
  data.Set("id", incident.StringOr("uid", ""));
  data.Set("title", incident.StringOr("title", ""));
  data.Set("status", incident.StringOr("status", ""));
  data.Set("severity", incident.StringOr("severity", ""));
  data.Set("services", ServiceNames(incident));
  data.Set("message", Part(incident, "message"));
  return data;
}

Value MaintenanceData(const Value& maintenance) {
  Value data;
  data.Set("id", maintenance.StringOr("uid", ""));
  data.Set("title", maintenance.StringOr("title", ""));
  data.Set("description", Part(maintenance, "description"));
  data.Set("scheduled_start", maintenance.StringOr("starts_at", ""));
  data.Set("scheduled_end", maintenance.StringOr("ends_at", ""));
  data.Set("services", ServiceNames(maintenance));
  return data;
}

Value DataOf(const Outgoing& outgoing) {
  const Value& message = outgoing.message;
  if (outgoing.event == "service.status_changed") return ServiceData(Part(message, "monitor"));
  if (message.Find("maintenance") != nullptr) return MaintenanceData(Part(message, "maintenance"));
  if (message.Find("monitor") != nullptr) return MonitorData(outgoing);
  if (message.Find("incident") != nullptr) return IncidentData(Part(message, "incident"));
  Value data;
  data.Set("message", message.StringOr("text", ""));
  return data;
}

}  // namespace

// The documented verifier hashes what it parsed and wrote again: WriteJson writes exactly what that
// gives (compact, raw non-ASCII, whole numbers without a fraction), and no member name here looks
// like a number.
Rendered RenderKodo(const Outgoing& outgoing, const std::string& secret, Timestamp now) {
  const std::string event = EventWord(outgoing.event);
  Value body;
  body.Set("event", event);
  body.Set("timestamp", FormatIsoMillis(TimeOf(outgoing.message, "at").value_or(now)));
  body.Set("data", DataOf(outgoing));
  Rendered out;
  out.body = WriteJson(body);
  out.headers = {{"X-Kodo-Event", event}, {"X-Kodo-Delivery", UuidOf(outgoing.dedup_key)}};
  if (!secret.empty()) {
    out.headers.emplace_back("X-Kodo-Signature", HexLower(HmacSha256(secret, out.body)));
  }
  return out;
}

}  // namespace pharos::notify::webhook
