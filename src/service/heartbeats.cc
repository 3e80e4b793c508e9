#include "service/heartbeats.h"

#include <utility>

#include "base/crypto.h"
#include "rules/heartbeat_policy.h"

namespace pharos::service {

void HeartbeatService::RecordWithSecret(model::OrgId org, std::string_view tag,
                                        std::string_view secret, Done done) {
  const store::MonitorPtr monitor = context_.directory.FindByTag(org, tag);
  if (monitor == nullptr || !monitor->active || monitor->kind != "heartbeat") {
    done(Error(ErrorKind::kNotFound, "Monitor not found"));
    return;
  }
  const Value* wanted = monitor->spec.Find("secret");
  // A monitor without a secret cannot be signalled at all, rather than by everybody.
  if (wanted == nullptr || !wanted->IsString() || wanted->AsString().empty() ||
      !ConstantTimeEquals(wanted->AsString(), secret)) {
    done(Error(ErrorKind::kUnauthenticated, "Invalid heartbeat secret"));
    return;
  }
  Record(*monitor, Signal{}, std::move(done));
}

void HeartbeatService::Record(const model::Monitor& monitor, Signal signal, Done done) {
  if (monitor.kind != "heartbeat") {
    return done(Error(ErrorKind::kInvalid, "This monitor takes no heartbeats"));
  }
  model::CheckResult result;
  result.monitor = monitor.id;
  result.at = result.finished_at = context_.clock.Now();
  result.source = model::ResultSource::kHeartbeat;
  result.outcome = model::CheckOutcome::kAnswered;
  result.observed = signal.status;
  result.latency_ms = signal.latency_ms;
  result.message = std::move(signal.message);
  const Timestamp at = result.at;
  auto shared_done = std::make_shared<Done>(std::move(done));
  Status accepted = context_.intake.Submit(std::move(result), [shared_done, at](Status status) {
    if (status) {
      (*shared_done)(at);
    } else {
      (*shared_done)(std::move(status).error());
    }
  });
  if (!accepted) (*shared_done)(std::move(accepted).error());
}

model::Status HeartbeatService::StatusNow(const model::Monitor& monitor) const {
  const auto state = context_.intake.states().Find(monitor.id);
  if (!state) return model::Status::kNoData;
  return rules::JudgeSilence(monitor, *state, context_.clock.Now(),
                             context_.intake.watching_since())
      .status;
}

}  // namespace pharos::service
