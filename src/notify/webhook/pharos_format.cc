#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "notify/facts.h"
#include "notify/webhook/formats.h"

namespace pharos::notify::webhook {
namespace {

bool IsTransition(const Outgoing& outgoing) {
  return outgoing.event.starts_with("monitor.") || outgoing.event == "service.status_changed";
}

// What this format has always said of a transition, and of everything else the facts as they are.
Value BodyOf(const Outgoing& outgoing) {
  const Value& monitor = Part(outgoing.message, "monitor");
  // Rows of older versions hold this format's body itself.
  if (!IsTransition(outgoing) || !monitor.IsObject()) return outgoing.message;
  Value body;
  body.Set("event", "monitor.transition");
  body.Set("monitor_tag", monitor.StringOr("tag", ""));
  body.Set("monitor_name", monitor.StringOr("name", ""));
  body.Set("from", monitor.StringOr("previous_status", ""));
  body.Set("to", monitor.StringOr("status", ""));
  body.Set("at", outgoing.message.StringOr("at", ""));
  body.Set("cause", Part(outgoing.message, "check").StringOr("error", ""));
  return body;
}

}  // namespace

Rendered RenderPharos(const Outgoing& outgoing, const std::string& secret, Timestamp now) {
  Rendered out;
  out.body = WriteJson(BodyOf(outgoing));
  const std::string timestamp = std::to_string(ToUnixSeconds(now));
  out.headers = {{"X-Pharos-Event", IsTransition(outgoing) ? "monitor.transition" : outgoing.event},
                 {"X-Pharos-Timestamp", timestamp},
                 {"Idempotency-Key", outgoing.dedup_key}};
  if (!secret.empty()) {
    out.headers.emplace_back("X-Pharos-Signature",
                             "sha256=" + HexLower(HmacSha256(secret, timestamp + "." + out.body)));
  }
  return out;
}

}  // namespace pharos::notify::webhook
