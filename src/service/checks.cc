#include "service/checks.h"

#include <memory>
#include <utility>

#include "probe/runner.h"

namespace pharos::service {
void CheckService::RunNow(const model::Monitor& monitor, Done done) {
  const probe::Probe* probe = context_.probes.Find(monitor.kind);
  if (probe == nullptr || probe->descriptor().pushed || monitor.spec.AsObject().empty()) {
    return done(Error(ErrorKind::kInvalid, "This monitor has nothing to check"));
  }
  const Timestamp at = context_.clock.Now();
  Run(*probe, monitor.kind, monitor.spec, net::Purpose::kProbe,
      [context = context_, id = monitor.id, at, done = std::move(done)](probe::Observation seen) {
        model::CheckResult result =
            probe::ToCheckResult(id, at, context.clock.Now(), std::move(seen));
        const auto shared = std::make_shared<Done>(done);
        const Status accepted = context.intake.Submit(result, [shared, result](Status status) {
          if (status) {
            (*shared)(result);
          } else {
            (*shared)(std::move(status).error());
          }
        });
        if (!accepted) (*shared)(accepted.error());
      });
}

void CheckService::TryOut(const std::string& kind, const Value& spec, Done done) {
  const probe::Probe* probe = context_.probes.Find(kind);
  if (probe == nullptr || probe->descriptor().pushed) {
    return done(Error(ErrorKind::kInvalid, "This kind has nothing to check"));
  }
  Result<Value> valid = context_.probes.ValidateSpec(kind, spec);
  if (!valid) return done(std::move(valid).error());
  const Timestamp at = context_.clock.Now();
  Run(*probe, kind, *valid, net::Purpose::kOnDemand,
      [context = context_, at, done = std::move(done)](probe::Observation seen) {
        done(probe::ToCheckResult(model::MonitorId(), at, context.clock.Now(), std::move(seen)));
      });
}

// Without a timer (no scheduler runs) there are no repeats.
void CheckService::Run(const probe::Probe& probe, std::string_view kind, const Value& spec,
                       net::Purpose purpose, probe::Done done) {
  if (tools_.timer == nullptr) {
    const auto kept = std::make_shared<const Value>(spec);
    return probe.Start(
        *kept, purpose, tools_,
        [kept, done = std::move(done)](probe::Observation seen) { done(std::move(seen)); });
  }
  probe::RunCheck(context_.probes, kind, spec, purpose, tools_, std::move(done));
}

}  // namespace pharos::service
