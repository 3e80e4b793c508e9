#pragma once

#include <string>
#include <string_view>

#include "api/endpoint.h"
#include "base/result.h"
#include "service/monitors.h"

namespace pharos::api::kener_classic {

// The monitor that a text names: "mon_..." id, bare id or tag (kener-classic.md 5); nullptr if
// none.
service::MonitorPtr FindMonitorByText(const Call& call, std::string_view text);
// The monitor of the path, or the 404 of 6.3.
Result<service::MonitorPtr> FindMonitor(const Call& call);

// kener-classic.md 6.2 to 6.8.
Result<std::string> ListMonitors(Call& call);
Result<std::string> GetMonitor(Call& call);
Result<std::string> CreateMonitor(Call& call);
Result<std::string> UpdateMonitor(Call& call);
Result<std::string> DeleteMonitor(Call& call);
Result<std::string> PauseMonitor(Call& call);
Result<std::string> ResumeMonitor(Call& call);
Result<std::string> ReadHistory(Call& call);

}  // namespace pharos::api::kener_classic
