#include "service/heartbeats.h"

#include <utility>

#include "base/crypto.h"
#include "rules/figures.h"
#include "rules/heartbeat_policy.h"

namespace pharos::service {

void HeartbeatService::RecordWithSecret(model::OrgId org, std::string_view tag,
                                        std::string_view secret, Signal signal, Done done) {
  const store::MonitorPtr monitor = context_.directory.FindByTag(org, tag);
  if (monitor == nullptr || !monitor->active || !model::TakesSignals(monitor->kind)) {
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
  // Pings of Kener's heartbeats say nothing but that somebody lives (kener-v4.md 15.1).
  if (monitor->kind == "heartbeat") signal = Signal{};
  Record(*monitor, std::move(signal), std::move(done));
}

void HeartbeatService::Record(const model::Monitor& monitor, Signal signal, Done done) {
  if (!model::TakesSignals(monitor.kind)) {
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
  if (Value kept = rules::KeepFigures(signal.metrics); !kept.IsNull()) {
    const rules::FigureVerdict verdict = rules::JudgeFigures(monitor.spec, kept);
    if (model::Severity(verdict.status) > model::Severity(result.observed)) {
      result.observed = verdict.status;
      result.message =
          result.message.empty() ? verdict.reason : verdict.reason + " | " + result.message;
    }
    result.facts.Set("metrics", std::move(kept));
  }
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
