#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/endpoint.h"
#include "base/guarded.h"
#include "base/result.h"
#include "model/monitor.h"
#include "service/monitors.h"

namespace pharos::api::kener_v4 {

// Monitors as JSON, kept per revision: what is printed depends on the stored monitor alone, and a
// list of monitors is asked for far more often than one of them changes. Thread-safe, bounded.
class MonitorPrinter {
 public:
  void Append(std::string& out, const model::Monitor& monitor, const probe::Catalog& probes);

 private:
  static constexpr size_t kMaxKept = 20'000;
  struct Printed {
    int64_t revision = 0;
    std::string json;
  };
  Guarded<std::unordered_map<model::MonitorId, Printed>> printed_;
};

// The monitor that the path names (kener-v4.md 2.3), or the 404 of step 5.
Result<service::MonitorPtr> FindMonitor(const Call& call);

// kener-v4.md 6.4 to 6.8.
Result<std::string> ListMonitors(Call& call, MonitorPrinter& printer);
Result<std::string> CreateMonitor(Call& call);
Result<std::string> GetMonitor(Call& call, MonitorPrinter& printer);
Result<std::string> UpdateMonitor(Call& call);
Result<std::string> DeleteMonitor(Call& call);

}  // namespace pharos::api::kener_v4
