#include "api/kener_v4/monitors.h"

#include <optional>
#include <utility>

#include "api/kener_v4/envelope.h"
#include "api/kener_v4/monitor_decode.h"
#include "api/kener_v4/monitor_view.h"
#include "api/kener_v4/texts.h"
#include "base/json.h"
#include "base/text.h"

namespace pharos::api::kener_v4 {
namespace {

constexpr size_t kMaxTagBytes = 255;

Error NoSuchMonitor(std::string_view tag) {
  return NotFound("Monitor with tag '" + std::string(tag) + "' not found");
}

Error TagTaken(std::string_view tag) {
  return BadRequest("Monitor with tag '" + std::string(tag) + "' already exists");
}

std::string OneMonitor(const model::Monitor& monitor, const probe::Catalog& probes) {
  std::string out = "{\"monitor\":";
  PrintMonitor(out, monitor, probes);
  out += '}';
  return out;
}

// The query filters of 6.5.
struct Filter {
  explicit Filter(std::string_view query) {
    if (query.empty()) return;
    for (auto& [name, value] : http::ParseQuery(query)) {
      Text* target = name == "status"          ? &status
                     : name == "category_name" ? &category
                     : name == "monitor_type"  ? &type
                     : name == "is_hidden"     ? &hidden
                                               : nullptr;
      // The first of a repeated parameter counts, an empty one is none (4.2).
      if (target == nullptr || *target || value.empty()) continue;
      *target = std::move(value);
    }
    if (category == "All Categories") category.reset();
  }

  bool Takes(const model::Monitor& m) const {
    return (!status || ShownStatus(m) == status) &&
           (!category || ShownText(m, "category_name", m.category) == category) &&
           (!type || ShownType(m) == type) && (!hidden || ShownHidden(m) == *hidden);
  }

  Text status, category, type, hidden;
};

}  // namespace

void MonitorPrinter::Append(std::string& out, const model::Monitor& monitor,
                            const probe::Catalog& probes) {
  using Kept = std::unordered_map<model::MonitorId, Printed>;
  const bool found = printed_.Read([&](const Kept& kept) {
    const auto it = kept.find(monitor.id);
    if (it == kept.end() || it->second.revision != monitor.revision) return false;
    out += it->second.json;
    return true;
  });
  if (found) return;
  std::string json;
  PrintMonitor(json, monitor, probes);
  out += json;
  printed_.Write([&](Kept& kept) {
    if (kept.size() >= kMaxKept) kept.clear();
    Printed& entry = kept[monitor.id];
    if (entry.revision <= monitor.revision) entry = {monitor.revision, std::move(json)};
  });
}

Result<service::MonitorPtr> FindMonitor(const Call& call) {
  const std::string_view tag = call.params.Find("monitor_tag");
  service::MonitorPtr monitor = call.services.monitors.FindByTag(*call.who, tag);
  if (monitor == nullptr) return NoSuchMonitor(tag);
  return monitor;
}

Result<std::string> ListMonitors(Call& call, MonitorPrinter& printer) {
  const Filter filter(call.request.query);
  const std::vector<service::MonitorPtr> monitors = call.services.monitors.List(*call.who);
  const probe::Catalog& probes = call.services.monitors.probes();
  std::string out;
  out.reserve(32 + monitors.size() * 1024);
  out += "{\"monitors\":[";
  bool first = true;
  for (const service::MonitorPtr& monitor : monitors) {
    if (!filter.Takes(*monitor)) continue;
    if (!first) out += ',';
    first = false;
    printer.Append(out, *monitor, probes);
  }
  out += "]}";
  return out;
}

Result<std::string> CreateMonitor(Call& call) {
  const Value& body = call.body;
  const std::optional<std::string> tag = NonBlank(body, "tag");
  if (!tag) return BadRequest("Tag is required and must be a non-empty string");
  if (tag->size() > kMaxTagBytes) return BadField("tag", "must be at most 255 characters long");
  if (!service::IsValidTag(*tag)) {
    return BadRequest(
        "Tag must be URL-friendly: only lowercase letters, numbers, hyphens, and underscores. Must "
        "start and end with a letter or number.");
  }
  const std::optional<std::string> name = NonBlank(body, "name");
  if (!name) return BadRequest("Name is required and must be a non-empty string");
  if (call.services.monitors.FindByTag(*call.who, *tag) != nullptr) return TagTaken(*tag);
  model::Monitor draft;
  draft.tag = *tag;
  draft.name = *name;
  PHAROS_ASSIGN_OR_RETURN(draft.confirmation_threshold, DecodeThreshold(body));
  const probe::Catalog& probes = call.services.monitors.probes();
  PHAROS_RETURN_IF_ERROR(ApplyMonitorBody(body, Write::kCreate, probes, draft));
  const std::string kind = draft.kind;
  Result<service::MonitorPtr> made = call.services.monitors.Create(*call.who, std::move(draft));
  if (!made) {
    if (made.error().kind == ErrorKind::kConflict) return TagTaken(*tag);
    return InOurWords(std::move(made).error(), kind);
  }
  return OneMonitor(**made, probes);
}

Result<std::string> GetMonitor(Call& call, MonitorPrinter& printer) {
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr monitor, FindMonitor(call));
  std::string out = "{\"monitor\":";
  printer.Append(out, *monitor, call.services.monitors.probes());
  out += '}';
  return out;
}

Result<std::string> UpdateMonitor(Call& call) {
  const Value& body = call.body;
  const Value* given_name = body.Find("name");
  const std::optional<std::string> name = NonBlank(body, "name");
  if (given_name != nullptr && !name) return BadRequest("Name must be a non-empty string");
  PHAROS_ASSIGN_OR_RETURN(const int threshold, DecodeThreshold(body));
  const bool has_threshold = body.Find("confirmation_threshold") != nullptr;
  const std::string_view tag = call.params.Find("monitor_tag");
  const probe::Catalog& probes = call.services.monitors.probes();
  std::string kind;
  const auto change = [&](model::Monitor& monitor) -> Status {
    if (name) monitor.name = *name;
    if (has_threshold) monitor.confirmation_threshold = threshold;
    PHAROS_RETURN_IF_ERROR(ApplyMonitorBody(body, Write::kUpdate, probes, monitor));
    kind = monitor.kind;
    return Ok();
  };
  Result<service::MonitorPtr> changed = call.services.monitors.Update(*call.who, tag, change);
  if (!changed) {
    if (changed.error().kind == ErrorKind::kNotFound) return NoSuchMonitor(tag);
    return InOurWords(std::move(changed).error(), kind);
  }
  return OneMonitor(**changed, probes);
}

Result<std::string> DeleteMonitor(Call& call) {
  const std::string tag(call.params.Find("monitor_tag"));
  if (Status gone = call.services.monitors.Delete(*call.who, tag); !gone) {
    if (gone.error().kind == ErrorKind::kNotFound) return NoSuchMonitor(tag);
    return std::move(gone).error();
  }
  return MessageReply("Monitor '" + tag + "' deleted successfully");
}

}  // namespace pharos::api::kener_v4
