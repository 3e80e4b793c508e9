#include "api/kener_v3/monitors.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "api/kener/js.h"
#include "api/kener/requests.h"
#include "api/kener_v3/envelope.h"
#include "api/kener_v3/monitor_row.h"
#include "base/json.h"
#include "base/text.h"
#include "service/monitors.h"

namespace pharos::api::kener_v3 {
namespace {

Error NoSuchMonitor() { return NotFound("monitor does not exist"); }

Error Taken(std::string_view column, std::string_view value) {
  return BadRequest("monitor with " + std::string(column) + " " + std::string(value) +
                    " already exists");
}

Result<service::MonitorPtr> FindMonitor(const Call& call) {
  const std::optional<int64_t> id = ParseInt(call.params.Find("id"));
  service::MonitorPtr found =
      id ? call.services.monitors.FindById(*call.who, model::MonitorId(*id)) : nullptr;
  if (found == nullptr) return NoSuchMonitor();
  return found;
}

std::string OneRow(const Call& call, const model::Monitor& monitor) {
  std::string out;
  JsonWriter json(out);
  WriteMonitorRow(json, monitor, call.services.monitors.probes());
  return out;
}

// An id as the original compares it: as text.
std::string IdText(const Value* id) {
  if (id == nullptr) return "undefined";
  return id->IsString() ? id->AsString() : WriteJson(*id);
}

Error InOurWords(Error error) {
  if (error.kind == ErrorKind::kNotFound) return NoSuchMonitor();
  error.fields.clear();
  return error;
}

}  // namespace

Result<std::string> ListMonitors(Call& call) {
  std::vector<service::MonitorPtr> found;
  const auto parameters = http::ParseQuery(call.request.query);
  const std::string* tag = http::FindParameter(parameters, "tag");
  if (tag == nullptr || tag->empty()) {
    found = call.services.monitors.List(*call.who);
  } else if (auto monitor = call.services.monitors.FindByTag(*call.who, *tag)) {
    found.push_back(std::move(monitor));
  }
  std::string out;
  JsonWriter json(out);
  json.BeginList();
  for (const service::MonitorPtr& monitor : found) {
    WriteMonitorRow(json, *monitor, call.services.monitors.probes());
  }
  json.EndList();
  return out;
}

Result<std::string> CreateMonitor(Call& call) {
  const Value& body = call.body;
  if (kener::IsTruthy(body.Find("id"))) return BadRequest("monitor id must be empty or 0");
  const auto tag = NonEmptyText(body.Find("tag"));
  if (!tag) return BadRequest("tag is required");
  const auto name = NonEmptyText(body.Find("name"));
  if (!name) return BadRequest("name is required");
  if (call.services.monitors.FindByTag(*call.who, *tag) != nullptr) return Taken("tag", *tag);
  if (kener::IsNameTaken(call, Trim(*name), {})) return Taken("name", Trim(*name));
  model::Monitor draft;
  draft.tag = *tag;
  SetRowDefaults(draft);
  PHAROS_RETURN_IF_ERROR(ApplyMonitorRow(body, call.services.monitors.probes(), draft));
  Result<service::MonitorPtr> made = call.services.monitors.Create(*call.who, std::move(draft));
  if (!made) {
    if (made.error().kind == ErrorKind::kConflict) return Taken("tag", *tag);
    return InOurWords(std::move(made).error());
  }
  return OneRow(call, **made);
}

Result<std::string> GetMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr monitor, FindMonitor(call));
  return OneRow(call, *monitor);
}

Result<std::string> UpdateMonitor(Call& call) {
  const Value& body = call.body;
  const std::string_view path_id = call.params.Find("id");
  if (const std::string id = IdText(body.Find("id")); id != path_id) {
    return BadRequest("id mismatch: payload: " + id + ", url: " + std::string(path_id));
  }
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr standing, FindMonitor(call));
  if (const Value* tag = body.Find("tag"); tag != nullptr && *tag != Value(standing->tag)) {
    return BadRequest("tag cannot be changed");
  }
  const std::string name(Trim(body.StringOr("name", standing->name)));
  if (name != standing->name && kener::IsNameTaken(call, name, standing->id))
    return Taken("name", name);
  Result<service::MonitorPtr> changed =
      call.services.monitors.Update(*call.who, standing->tag, [&](model::Monitor& monitor) {
        return ApplyMonitorRow(body, call.services.monitors.probes(), monitor);
      });
  if (!changed) return InOurWords(std::move(changed).error());
  return OneRow(call, **changed);
}

Result<std::string> DeleteMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr monitor, FindMonitor(call));
  if (Status gone = call.services.monitors.Delete(*call.who, monitor->tag); !gone) {
    return InOurWords(std::move(gone).error());
  }
  return std::string("{}");
}

}  // namespace pharos::api::kener_v3
