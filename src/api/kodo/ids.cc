#include "api/kodo/ids.h"

#include <algorithm>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "base/text.h"

namespace pharos::api::kodo {
namespace {

constexpr size_t kMaxIdBytes = 64;

bool IsId(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !text.empty() && text.size() <= kMaxIdBytes && std::all_of(text.begin(), text.end(), fits);
}

}  // namespace

std::string PathId(const Call& call, std::string_view param) {
  std::string id = PercentDecode(call.params.Find(param)).value_or(std::string());
  return IsId(id) ? id : std::string();
}

service::MonitorPtr FindOfKind(const Call& call, std::string_view kind, std::string_view id) {
  if (!IsId(id)) return nullptr;
  service::MonitorPtr found = call.services.monitors.FindByUid(*call.who, id);
  if (found == nullptr) found = call.services.monitors.FindByTag(*call.who, id);
  return found != nullptr && found->kind == kind ? found : nullptr;
}

Result<service::MonitorPtr> OfPath(const Call& call, std::string_view kind, std::string_view what) {
  service::MonitorPtr found = FindOfKind(call, kind, PathId(call));
  if (found == nullptr) return NotFound(what);
  return found;
}

std::vector<service::MonitorPtr> ListOfKind(const Call& call, std::string_view kind) {
  std::vector<service::MonitorPtr> monitors = call.services.monitors.List(*call.who);
  std::erase_if(monitors, [&](const service::MonitorPtr& m) { return m->kind != kind; });
  std::reverse(monitors.begin(), monitors.end());
  return monitors;
}

service::MonitorPtr FindService(const Call& call, std::string_view id_or_name) {
  if (service::MonitorPtr found = FindOfKind(call, kServiceKind, id_or_name)) return found;
  for (const service::MonitorPtr& monitor : ListServices(call)) {
    if (monitor->name == id_or_name) return monitor;
  }
  return nullptr;
}

namespace {

// A monitor of any kind, by UUID, slug or name.
service::MonitorPtr FindAnything(const Call& call, std::string_view id_or_name) {
  const service::MonitorService& monitors = call.services.monitors;
  if (service::MonitorPtr found = monitors.FindByUid(*call.who, id_or_name)) return found;
  if (service::MonitorPtr found = monitors.FindByTag(*call.who, id_or_name)) return found;
  const std::vector<service::MonitorPtr> all = monitors.List(*call.who);
  const auto named = std::find_if(all.rbegin(), all.rend(), [&](const service::MonitorPtr& m) {
    return m->name == id_or_name;
  });
  return named == all.rend() ? nullptr : *named;
}

}  // namespace

std::vector<service::MonitorPtr> FindServices(const Call& call,
                                              const std::vector<std::string>& wanted) {
  std::vector<service::MonitorPtr> found;
  for (const std::string& id_or_name : wanted) {
    service::MonitorPtr one = FindService(call, id_or_name);
    if (one == nullptr) one = FindAnything(call, id_or_name);
    if (one == nullptr) continue;
    const auto same = [&](const service::MonitorPtr& other) { return other->id == one->id; };
    if (std::none_of(found.begin(), found.end(), same)) found.push_back(std::move(one));
  }
  return found;
}

std::vector<service::MonitorPtr> ListServices(const Call& call) {
  std::vector<service::MonitorPtr> services = ListOfKind(call, kServiceKind);
  std::stable_sort(services.begin(), services.end(),
                   [](const service::MonitorPtr& a, const service::MonitorPtr& b) {
                     return a->position < b->position;
                   });
  return services;
}

Result<model::MonitorId> ServiceOfBody(const Call& call, const Value& body, std::string_view name) {
  const std::optional<std::string> id = TextOf(body, name);
  if (!id || HasNull(body, name)) return model::MonitorId();
  const service::MonitorPtr service = FindOfKind(call, kServiceKind, *id);
  if (service == nullptr) return BadField(name, "Service not found");
  return service->id;
}

void PutServiceId(JsonWriter& json, const Call& call, model::MonitorId service) {
  const service::MonitorPtr found =
      service.value() != 0 ? call.services.monitors.FindById(*call.who, service) : nullptr;
  PutTextOrNull(json, "service_id", found != nullptr ? found->uid : std::string());
}

}  // namespace pharos::api::kodo
