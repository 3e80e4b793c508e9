#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/monitor.h"
#include "model/monitor_state.h"
#include "model/status.h"
#include "service/context.h"

namespace pharos::automation {

// What a monitor's state means for the service that it is linked to (kodo.md 6). A certificate or
// domain that is only near its end leaves the service as it is; very near degrades it; one that has
// expired or is not valid takes it down. nullopt = nothing is known, or nothing is to be said now.
std::optional<model::Status> ServiceStatusOf(const model::Monitor& monitor,
                                             const model::MonitorState& state);
// The worst of them; nullopt when none says anything.
std::optional<model::Status> WorstOf(const std::vector<std::optional<model::Status>>& parts);

// Reads the outbox at its own pace and lets services follow the monitors that are linked to them. A
// result is reported only when it differs from the last one reported, so that a status set by hand
// is not overwritten by every green check. At least once: the place moves after the report is
// durable. Used by one thread.
class ServiceFollower {
 public:
  static constexpr const char* kReader = "automation.services";
  static constexpr int kBatch = 256;
  // Records: key = id of the service, data = {"status"}.
  static constexpr const char* kCollection = "followed_services";

  explicit ServiceFollower(const service::Context& context) : context_(context) {}
  // One batch. True: there may be more. An error leaves the place where it was.
  Result<bool> Step();

 private:
  struct Followed {
    model::OrgId org;
    model::MonitorId service;
    auto operator<=>(const Followed&) const = default;
  };
  struct Report {
    Followed followed;
    model::Status status;
  };
  using Parts = std::map<Followed, std::vector<std::optional<model::Status>>>;
  // The services whose monitors changed, with what all their monitors say now.
  Parts PartsOf(const std::vector<model::Event>& events) const;
  Result<std::optional<Report>> Judge(const Followed& followed,
                                      std::optional<model::Status> now) const;

  const service::Context context_;
};

}  // namespace pharos::automation
