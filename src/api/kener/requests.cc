#include "api/kener/requests.h"

#include <algorithm>

#include "service/monitors.h"

namespace pharos::api::kener {

std::string_view SegmentBelowApi(std::string_view path) {
  constexpr std::string_view kBase = "/api/";
  const size_t base = path.find(kBase);
  if (base == std::string_view::npos) return {};
  path.remove_prefix(base + kBase.size());
  return path.substr(0, path.find('/'));
}

bool IsNameTaken(const Call& call, std::string_view name, model::MonitorId except) {
  const auto monitors = call.services.monitors.List(*call.who);
  return std::any_of(monitors.begin(), monitors.end(), [&](const service::MonitorPtr& monitor) {
    return monitor->id != except && monitor->name == name;
  });
}

}  // namespace pharos::api::kener
