#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/endpoint.h"
#include "base/result.h"
#include "base/value.h"
#include "model/ids.h"
#include "model/monitor.h"
#include "service/monitors.h"

namespace pharos::api::is0k {

// The monitor that the path names. Error: MONITOR_NOT_FOUND.
Result<service::MonitorPtr> FindMonitor(Call& call);
// True for the kinds that this dialect shows.
bool IsShown(const model::Monitor& monitor);

// The things that a body's list of ids names, in its order, each once. Error: kInvalid naming the
// element ("monitor_ids[1]") that is none of the organisation.
Result<std::vector<model::MonitorId>> ReadMonitorIds(Call& call, const Value& body,
                                                     std::string_view member);
Result<std::vector<model::ChannelId>> ReadChannelIds(Call& call, const Value& body,
                                                     std::string_view member);
Result<std::vector<model::PageId>> ReadPageIds(Call& call, const Value& body,
                                               std::string_view member);

}  // namespace pharos::api::is0k
