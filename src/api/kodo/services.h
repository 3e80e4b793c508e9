#pragma once

#include <set>
#include <string>

#include "api/endpoint.h"
#include "api/kodo/ids.h"
#include "base/json.h"
#include "model/status.h"

namespace pharos::api::kodo {

// Which monitors a maintenance that runs now names. Kodo's precedence: a running maintenance first,
// then whoever spoke last (kodo.md 6).
class RunningMaintenance {
 public:
  // Blocks on the store.
  static Result<RunningMaintenance> Load(const Call& call);
  bool Covers(model::MonitorId monitor) const { return monitors_.contains(monitor); }

 private:
  std::set<model::MonitorId> monitors_;
};

// What a service shows now.
model::Status StatusOfService(const Call& call, const model::Monitor& service,
                              const RunningMaintenance& running);

// /services (kodo.md 6).
Result<std::string> ListServiceObjects(Call& call);
Result<std::string> CreateService(Call& call);
Result<std::string> GetService(Call& call);
Result<std::string> UpdateService(Call& call);
Result<std::string> DeleteService(Call& call);

}  // namespace pharos::api::kodo
