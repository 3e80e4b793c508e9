#pragma once

#include <functional>

#include "base/result.h"
#include "model/check_result.h"
#include "model/monitor.h"
#include "probe/probe.h"
#include "service/context.h"

namespace pharos::service {

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
  // One try of a kind and spec that need not be stored; nothing is written. `purpose` is on demand.
  void TryOut(const std::string& kind, const Value& spec, Done done);

  // Before the first check; without a timer there are no repeats.
  void SetTimer(probe::Timer* timer) { tools_.timer = timer; }

 private:
  void Run(const probe::Probe& probe, std::string_view kind, const Value& spec,
           net::Purpose purpose, probe::Done done);

  Context context_;
  probe::Tools tools_;
};

}  // namespace pharos::service
