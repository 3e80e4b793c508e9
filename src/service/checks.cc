#include "service/checks.h"

#include <memory>
#include <utility>

#include "probe/runner.h"
#include "probe/secrets.h"

namespace pharos::service {
void CheckService::RunNow(const model::Monitor& monitor, Done done) {
  const probe::Probe* probe = context_.probes.Find(monitor.kind);
  if (probe == nullptr || probe->descriptor().pushed || monitor.spec.AsObject().empty()) {
    return done(Error(ErrorKind::kInvalid, "This monitor has nothing to check"));
  }
  if (runner_ != nullptr) return runner_->CheckNow(monitor.id, std::move(done));
  const Timestamp at = context_.clock.Now();
  Run(monitor.org, monitor.kind, monitor.spec, net::Purpose::kProbe,
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

void CheckService::TryOut(const model::Principal& who, const std::string& kind, const Value& spec,
                          Done done) {
  const Timestamp at = context_.clock.Now();
  Try(who, kind, spec,
      [context = context_, at, done = std::move(done)](Result<probe::Observation> seen) {
        if (!seen) return done(std::move(seen).error());
        done(probe::ToCheckResult(model::MonitorId(), at, context.clock.Now(), *std::move(seen)));
      });
}

void CheckService::Try(const model::Principal& who, const std::string& kind, const Value& spec,
                       TrialDone done) {
  const probe::Probe* probe = context_.probes.Find(kind);
  if (probe == nullptr) return done(Error::Field("kind", "is not a known kind of monitor"));
  if (probe->descriptor().pushed) {
    return done(Error::Field("kind", "This kind has nothing to check"));
  }
  Result<Value> valid = context_.probes.ValidateSpec(kind, spec);
  if (!valid) return done(std::move(valid).error());
  if (trials_->fetch_add(1) >= kMaxTrials) {
    trials_->fetch_sub(1);
    return done(Error::Unavailable("too many tests run at once, try again later", 5));
  }
  Run(who.org, kind, *valid, net::Purpose::kOnDemand,
      [trials = trials_, done = std::move(done)](probe::Observation seen) {
        trials->fetch_sub(1);
        done(std::move(seen));
      });
}

// Without a timer (no scheduler runs) there are no repeats.
void CheckService::Run(model::OrgId org, std::string_view kind, const Value& spec,
                       net::Purpose purpose, probe::Done done) {
  probe::Tools tools = probe::BindSecrets(tools_, org);
  tools.keep_good_evidence = purpose == net::Purpose::kOnDemand;
  Value once = spec;
  if (tools.timer == nullptr || purpose == net::Purpose::kOnDemand) once.Set("retries", 0);
  probe::RunCheck(context_.probes, kind, once, purpose, tools, std::move(done));
}

}  // namespace pharos::service
