// kener-classic.md A.8.
#include <algorithm>

#include "base/json.h"
#include "notify/facts.h"
#include "notify/webhook/formats.h"

namespace pharos::notify::webhook {
namespace {

bool IsOver(const Outgoing& outgoing) {
  const std::string status = Part(outgoing.message, "monitor").StringOr("status", "");
  return outgoing.event == "monitor.up" || outgoing.event == "incident.resolved" ||
         outgoing.event == "maintenance.completed" ||
         (outgoing.event == "service.status_changed" && status == "up");
}

// What it was, or is, in words: "DOWN" or "DEGRADED".
std::string Trouble(const Outgoing& outgoing, bool over) {
  const Value& monitor = Part(outgoing.message, "monitor");
  const std::string status = monitor.StringOr(over ? "previous_status" : "status", "");
  return status == "down" ? "DOWN" : "DEGRADED";
}

void SetActions(Value& body, const Value& message) {
  Value::List actions;
  if (const std::string url = message.StringOr("url", ""); !url.empty()) {
    Value action;
    action.Set("text", "View Monitor");
    action.Set("url", url);
    actions.push_back(std::move(action));
  }
  body.Set("actions", std::move(actions));
}

Value OfMonitor(const Outgoing& outgoing) {
  const Value& message = outgoing.message;
  const Value& monitor = Part(message, "monitor");
  const Value& transition = Part(message, "transition");
  const bool over = IsOver(outgoing);
  const std::string trouble = Trouble(outgoing, over);
  // The alert that ends has the number of the one that began.
  const int64_t alert = std::max<int64_t>(1, transition.IntOr("ordinal", 1) - (over ? 1 : 0));
  const std::string error = Part(message, "check").StringOr("error", "");
  Value body;
  body.Set("id", monitor.StringOr("tag", "") + "-" + std::to_string(alert));
  body.Set("alert_name", monitor.StringOr("name", "") + " " + trouble);
  body.Set("severity", trouble == "DOWN" ? "critical" : "warning");
  body.Set("status", over ? "RESOLVED" : "TRIGGERED");
  body.Set("source", "Kener");
  body.Set("timestamp", message.StringOr("at", ""));
  body.Set("description",
           error.empty() ? (over ? "Monitor has recovered" : "Monitor has failed") : error);
  Value details;
  details.Set("metric", monitor.StringOr("name", ""));
  details.Set("current_value", std::to_string(transition.IntOr("failures", 1)));
  details.Set("threshold", std::to_string(transition.IntOr("threshold", 1)));
  body.Set("details", std::move(details));
  SetActions(body, message);
  return body;
}

Value OfAnythingElse(const Outgoing& outgoing) {
  const Value& message = outgoing.message;
  const Value& incident = Part(message, "incident");
  const Value& maintenance = Part(message, "maintenance");
  const Value& about = incident.IsObject() ? incident : maintenance;
  Value body;
  body.Set("id", std::to_string(about.IntOr("id", 0)));
  body.Set("alert_name", about.StringOr("title", message.StringOr("text", outgoing.event)));
  body.Set("severity", about.StringOr("severity", "") == "critical" ? "critical" : "warning");
  body.Set("status", IsOver(outgoing) ? "RESOLVED" : "TRIGGERED");
  body.Set("source", "Kener");
  body.Set("timestamp", message.StringOr("at", ""));
  body.Set("description", about.StringOr("message", ""));
  Value details;
  details.Set("metric", outgoing.event);
  details.Set("current_value", about.StringOr("status", ""));
  details.Set("threshold", "");
  body.Set("details", std::move(details));
  SetActions(body, message);
  return body;
}

}  // namespace

// The format has no signature: the secret goes unused.
Rendered RenderKenerV3(const Outgoing& outgoing, const std::string&, Timestamp) {
  const bool of_monitor = outgoing.message.Find("monitor") != nullptr;
  return {WriteJson(of_monitor ? OfMonitor(outgoing) : OfAnythingElse(outgoing)), {}};
}

}  // namespace pharos::notify::webhook
