#include "api/kener_v4/heartbeat.h"

#include <string>
#include <string_view>
#include <utility>

#include "api/push_signal.h"
#include "base/text.h"
#include "service/heartbeats.h"
#include "service/monitors.h"

namespace pharos::api::kener_v4 {

void PushHeartbeat(Call& call, Answer answer) {
  std::string_view tag = call.params.Find("tag");
  std::string_view secret = call.params.Find("secret");
  if (secret.empty()) {
    const size_t colon = tag.find(':');
    if (colon != std::string_view::npos) {
      secret = tag.substr(colon + 1);
      tag = tag.substr(0, colon);
    }
  }
  // Undecodable paths were refused before.
  const std::string plain_tag = PercentDecode(tag).value_or(std::string());
  const std::string plain_secret = PercentDecode(secret).value_or(std::string());
  // Pings of heartbeats may carry anything, which is never looked at.
  Result<service::HeartbeatService::Signal> signal = service::HeartbeatService::Signal{};
  const auto monitor = call.services.monitors.FindByTag(*call.who, plain_tag);
  if (monitor != nullptr && monitor->kind == "push") signal = ReadPushSignal(call.request);
  if (!signal) return answer.Send(std::move(signal).error());
  call.services.heartbeats.RecordWithSecret(
      call.who->org, plain_tag, plain_secret, std::move(*signal),
      [answer](Result<Timestamp> recorded) {
        if (recorded) {
          answer.Send(std::string("{\"status\":\"OK\"}"));
          return;
        }
        Error error = std::move(recorded).error();
        // A monitor that is not there and a wrong secret are both 400 here.
        if (error.kind == ErrorKind::kNotFound || error.kind == ErrorKind::kUnauthenticated) {
          error.kind = ErrorKind::kInvalid;
        }
        answer.Send(std::move(error));
      });
}

}  // namespace pharos::api::kener_v4
