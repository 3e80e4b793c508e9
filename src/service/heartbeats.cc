#include "service/heartbeats.h"

#include <utility>

#include "base/crypto.h"

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
  model::CheckResult result;
  result.monitor = monitor->id;
  result.at = result.finished_at = context_.clock.Now();
  result.source = model::ResultSource::kHeartbeat;
  result.outcome = model::CheckOutcome::kAnswered;
  result.observed = model::Status::kUp;
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

}  // namespace pharos::service
