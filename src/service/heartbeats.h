#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "model/monitor.h"
#include "model/status.h"
#include "service/context.h"

namespace pharos::service {

// Receives signals of heartbeat and push monitors. Thread-safe, never blocks: the answer comes
// after the commit (architecture D5).
class HeartbeatService {
 public:
  explicit HeartbeatService(const Context& context) : context_(context) {}

  using Done = std::function<void(Result<Timestamp> recorded_at)>;

  // What a reporter says of itself.
  struct Signal {
    model::Status status = model::Status::kUp;  // kUp, kDegraded or kDown
    std::optional<double> latency_ms;           // how long the job took
    std::string message;
    // Named numbers or null. What can be kept of them (rules/figures.h) becomes the fact "metrics"
    // of the monitor; a push monitor's limits for them may make the status worse.
    Value metrics{};
  };

  // The public push with a secret in the URL (product.md 2.10), in the default organisation.
  // A heartbeat monitor takes it as life, whatever else is said. Errors: kNotFound ("Monitor not
  // found": none, paused or of another kind), kUnauthenticated ("Invalid heartbeat secret"),
  // kUnavailable. `done` is called exactly once, on any thread.
  void RecordWithSecret(model::OrgId org, std::string_view tag, std::string_view secret,
                        Signal signal, Done done);

  // A report by somebody who may (a key, or a monitor with `public_ping`). The caller has checked
  // that. Error: kInvalid when the monitor is of another kind; kUnavailable.
  void Record(const model::Monitor& monitor, Signal signal, Done done);

  // What a heartbeat monitor is at this moment, silence included; kNoData before the first signal.
  model::Status StatusNow(const model::Monitor& monitor) const;

 private:
  Context context_;
};

}  // namespace pharos::service
