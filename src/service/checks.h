#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/check_result.h"
#include "model/monitor.h"
#include "model/principal.h"
#include "probe/probe.h"
#include "service/context.h"

namespace pharos::service {

// Runs checks of stored monitors in the places of the scheduler; wiring puts it in.
class CheckRunner {
 public:
  virtual ~CheckRunner() = default;
  using Done = std::function<void(Result<model::CheckResult>)>;
  // `done` is called exactly once, on any thread, after the commit.
  virtual void CheckNow(model::MonitorId id, Done done) = 0;
};

// Runs a check of a monitor at once, with the retries of its spec, and puts the result through
// intake like any other. Thread-safe, never blocks.
class CheckService {
 public:
  CheckService(const Context& context, probe::Tools tools)
      : context_(context), tools_(std::move(tools)) {}

  // `done` is called exactly once, on any thread, after the commit. Errors: kInvalid (the kind has
  // no probe), kUnavailable.
  using Done = std::function<void(Result<model::CheckResult>)>;
  void RunNow(const model::Monitor& monitor, Done done);
  // One try of a kind and spec that need not be stored, with the secrets of the caller's
  // organisation; nothing is written. `purpose` is on demand.
  void TryOut(const model::Principal& who, const std::string& kind, const Value& spec, Done done);
  // The same with all that it saw. Errors: kInvalid naming the fields of the spec, kUnavailable
  // when kMaxTrials run already.
  using TrialDone = std::function<void(Result<probe::Observation>)>;
  void Try(const model::Principal& who, const std::string& kind, const Value& spec, TrialDone done);
  static constexpr int kMaxTrials = 64;

  // Before the first check; without a timer there are no repeats, without a runner stored monitors
  // are checked without asking whether the schedule does it just now.
  void SetTimer(probe::Timer* timer) { tools_.timer = timer; }
  void SetRunner(CheckRunner* runner) { runner_ = runner; }

 private:
  void Run(model::OrgId org, std::string_view kind, const Value& spec, net::Purpose purpose,
           probe::Done done);

  Context context_;
  probe::Tools tools_;
  CheckRunner* runner_ = nullptr;
  // Outlives the service where a trial ends after it.
  const std::shared_ptr<std::atomic<int>> trials_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace pharos::service
