#include "probe/runner.h"

#include <utility>

#include "base/text.h"
#include "probe/common_fields.h"
#include "probe/evidence.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;

constexpr size_t kMaxTriesKept = 10;

// Whether another attempt could change the verdict. Blocked and overloaded attempts say nothing
// about the target, and repeating them would only add to the load.
bool IsWorthRepeating(const Observation& observation) {
  switch (observation.outcome) {
    case CheckOutcome::kAnswered:
    case CheckOutcome::kTimeout:
    case CheckOutcome::kError:
      return observation.status != Status::kUp && observation.status != Status::kDegraded &&
             observation.status != Status::kMaintenance;
    case CheckOutcome::kBlocked:
    case CheckOutcome::kBlind:
    case CheckOutcome::kNone:
      return false;
  }
  return false;
}

// One check under way; the pending callback owns it.
class Check : public std::enable_shared_from_this<Check> {
 public:
  Check(const Probe& probe, const Value& spec, net::Purpose purpose, const Tools& tools, Done done)
      : probe_(probe),
        spec_(spec),
        common_(ReadCommon(spec)),
        purpose_(purpose),
        tools_(Recorded(tools)),
        done_(std::move(done)) {}

  void Attempt() {
    ++attempts_;
    probe_.Start(spec_, purpose_, tools_, [self = shared_from_this()](Observation observation) {
      self->OnObservation(std::move(observation));
    });
  }

 private:
  Tools Recorded(Tools tools) {
    if (tools.secrets) {
      redactor_ = std::make_shared<Redactor>();
      tools.secrets = Redactor::Recording(redactor_, std::move(tools.secrets));
    }
    return tools;
  }

  void KeepEvidence(Observation& observation) {
    if (redactor_ == nullptr) redactor_ = std::make_shared<Redactor>();
    redactor_->LearnSpec(spec_, probe_.descriptor().fields);
    FinishEvidence(observation, std::move(earlier_tries_), *redactor_);
  }

  void OnObservation(Observation observation) {
    if (attempts_ <= common_.retries && IsWorthRepeating(observation)) {
      if (earlier_tries_.size() < kMaxTriesKept) earlier_tries_.push_back(observation.message);
      tools_.timer->After(common_.retry_delay, [self = shared_from_this()] { self->Attempt(); });
      return;
    }
    observation.evidence.emplace_back(
        "attempts", std::to_string(attempts_) + " of " + std::to_string(1 + common_.retries));
    observation.attempts = static_cast<uint8_t>(attempts_);
    if (tools_.keep_good_evidence || IsFailure(observation)) {
      KeepEvidence(observation);
    } else {
      observation.seen.reset();
    }
    done_(std::move(observation));
  }

  const Probe& probe_;
  const Value spec_;
  const CommonSpec common_;
  const net::Purpose purpose_;
  std::shared_ptr<Redactor> redactor_;  // before the tools, whose look-up it watches
  const Tools tools_;
  const Done done_;
  int attempts_ = 0;
  std::vector<std::string> earlier_tries_;
};

}  // namespace

void RunCheck(const Catalog& catalog, std::string_view kind, const Value& spec,
              net::Purpose purpose, const Tools& tools, Done done) {
  const Probe* probe = catalog.Find(kind);
  if (probe == nullptr) {
    // Our own lack, so it must not count against the target.
    Observation observation;
    observation.outcome = CheckOutcome::kBlind;
    observation.status = Status::kNoData;
    observation.message = ShortMessage("this server cannot check monitors of kind \"" +
                                       Ellipsize(SanitizeUtf8(kind), 40) + "\"");
    done(std::move(observation));
    return;
  }
  if (probe->descriptor().pushed) {
    probe->Start(spec, purpose, tools, std::move(done));
    return;
  }
  std::make_shared<Check>(*probe, spec, purpose, tools, std::move(done))->Attempt();
}

model::CheckResult ToCheckResult(model::MonitorId monitor, Timestamp at, Timestamp finished_at,
                                 Observation seen) {
  model::CheckResult result;
  result.monitor = monitor;
  result.at = at;
  result.finished_at = finished_at;
  result.source = model::ResultSource::kProbe;
  result.outcome = seen.outcome;
  result.observed = seen.status;
  result.latency_ms = seen.latency_ms;
  result.message = std::move(seen.message);
  result.code = seen.code;
  result.attempts = seen.attempts;
  result.facts = std::move(seen.facts);
  result.evidence = std::move(seen.seen);
  return result;
}

}  // namespace pharos::probe
