#include <algorithm>
#include <tuple>
#include <utility>

#include "api/console/envelope.h"
#include "api/console/monitor_form.h"
#include "api/console/tables.h"
#include "base/text.h"

namespace pharos::api::console {
namespace {

using T = FieldType;
using service::MonitorPtr;

constexpr int64_t kUsualInterval = 60;

const Shape& MonitorsReply() {
  static const Shape shape = ListShape("Monitors", MonitorReply());
  return shape;
}

struct Filter {
  std::string tag;
  std::string category;
  std::string kind;
  std::optional<model::Status> status;
  std::string text;  // lower case
  std::optional<bool> active;
  std::optional<bool> hidden;
};

Result<Filter> ReadFilter(const http::Request& request) {
  Filter filter;
  filter.tag = QueryText(request, "tag");
  filter.category = QueryText(request, "category");
  filter.kind = QueryText(request, "kind");
  filter.text = AsciiLower(QueryText(request, "text"));
  const std::string status = QueryText(request, "status");
  filter.status = model::ParseStatus(status);
  if (!status.empty() && !filter.status) {
    return Error::Field("status",
                        "status must be one of: up, degraded, partial_outage, down, maintenance, "
                        "no_data");
  }
  PHAROS_ASSIGN_OR_RETURN(filter.active, QueryFlag(request, "active"));
  PHAROS_ASSIGN_OR_RETURN(filter.hidden, QueryFlag(request, "hidden"));
  return filter;
}

bool HoldsText(const model::Monitor& monitor, const std::string& text) {
  for (const std::string* member : {&monitor.name, &monitor.tag, &monitor.description}) {
    if (AsciiLower(*member).find(text) != std::string::npos) return true;
  }
  const std::string target = monitor.spec.StringOr("url", monitor.spec.StringOr("host", ""));
  return AsciiLower(target).find(text) != std::string::npos;
}

bool Fits(const Call& call, const Filter& filter, const model::Monitor& monitor) {
  if (!filter.tag.empty() && monitor.tag != filter.tag) return false;
  if (!filter.category.empty() && monitor.category != filter.category) return false;
  if (!filter.kind.empty() && monitor.kind != filter.kind) return false;
  if (filter.active && monitor.active != *filter.active) return false;
  if (filter.hidden && monitor.hidden != *filter.hidden) return false;
  if (filter.status) {
    const auto state = call.services.monitors.StateOf(monitor);
    const model::Status shown = state ? state->shown : model::Status::kNoData;
    if (shown != *filter.status) return false;
  }
  return filter.text.empty() || HoldsText(monitor, filter.text);
}

Status Sort(const std::string& order, std::vector<MonitorPtr>& monitors) {
  if (order.empty() || order == "newest") return Ok();
  if (order == "name") {
    std::vector<std::pair<std::string, MonitorPtr>> named;
    named.reserve(monitors.size());
    for (MonitorPtr& monitor : monitors) {
      std::string name = AsciiLower(monitor->name);
      named.emplace_back(std::move(name), std::move(monitor));
    }
    std::sort(named.begin(), named.end(), [](const auto& a, const auto& b) {
      return std::tie(a.first, a.second->id) < std::tie(b.first, b.second->id);
    });
    for (size_t i = 0; i < named.size(); ++i) monitors[i] = std::move(named[i].second);
    return Ok();
  }
  if (order == "tag") {
    std::sort(monitors.begin(), monitors.end(),
              [](const MonitorPtr& a, const MonitorPtr& b) { return a->tag < b->tag; });
    return Ok();
  }
  return Error::Field("sort", "sort must be one of: newest, name, tag");
}

Result<std::string> ListMonitors(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Window window, ReadWindow(call.request));
  PHAROS_ASSIGN_OR_RETURN(const Filter filter, ReadFilter(call.request));
  std::vector<MonitorPtr> found = call.services.monitors.List(*call.who);
  std::erase_if(found, [&](const MonitorPtr& m) { return !Fits(call, filter, *m); });
  PHAROS_RETURN_IF_ERROR(Sort(QueryText(call.request, "sort"), found));
  const auto total = static_cast<int64_t>(found.size());
  const int64_t begin = std::min(window.Offset(), total);
  const int64_t end = std::min(begin + window.limit, total);
  return PrintList(window, total, [&](JsonWriter& json) {
    for (int64_t i = begin; i < end; ++i) {
      PrintMonitor(json, call, *found[static_cast<size_t>(i)]);
    }
  });
}

Result<std::string> CreateMonitor(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckBody(MonitorCreate(), call.body, false));
  model::Monitor draft;
  draft.kind = *TextOf(call.body, "kind");
  const probe::Probe* probe = call.services.monitors.probes().Find(draft.kind);
  if (probe == nullptr) {
    return Error::Field("kind", "kind '" + Ellipsize(draft.kind, 64) + "' is unknown; see /kinds");
  }
  draft.schedule.kind = model::Schedule::Kind::kInterval;
  draft.schedule.interval = Seconds(kUsualInterval);
  PHAROS_RETURN_IF_ERROR(ReadMonitor(call, call.body, draft));
  draft.tag = TextOf(call.body, "tag").value_or("");
  if (draft.tag.empty()) draft.tag = call.services.monitors.FreeTag(*call.who, draft.name);
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr made,
                          call.services.monitors.Create(*call.who, std::move(draft)));
  return OneMonitor(call, *made);
}

Result<std::string> GetMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr monitor, FindMonitor(call));
  return OneMonitor(call, *monitor);
}

Result<std::string> ChangeMonitor(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckBody(MonitorChange(), call.body, true));
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr changed,
                          call.services.monitors.Update(
                              *call.who, call.params.Find("tag"), [&](model::Monitor& monitor) {
                                return ReadMonitor(call, call.body, monitor);
                              }));
  return OneMonitor(call, *changed);
}

Result<std::string> DeleteMonitor(Call& call) {
  PHAROS_RETURN_IF_ERROR(call.services.monitors.Delete(*call.who, call.params.Find("tag")));
  return PrintDeleted();
}

std::vector<Field> ListQuery() {
  return WithWindow({
      {.name = "tag"},
      {.name = "category"},
      {.name = "kind"},
      {.name = "status"},
      {.name = "text", .help = "Part of name, tag, description or target."},
      {.name = "active", .type = T::kBool},
      {.name = "hidden", .type = T::kBool},
      {.name = "sort", .choices = {"newest", "name", "tag"}},
  });
}

}  // namespace

std::vector<Endpoint> MonitorEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/monitors",
       .operation = "monitor.list",
       .scope = "monitors:read",
       .summary = "Monitors with their state",
       .query = ListQuery(),
       .response = &MonitorsReply(),
       .act = ListMonitors},
      {.method = "POST",
       .pattern = "/monitors",
       .operation = "monitor.create",
       .scope = "monitors:write",
       .success_status = 201,
       .reads_body = true,
       .summary = "Create a monitor",
       .request = &MonitorCreate(),
       .response = &MonitorReply(),
       .act = CreateMonitor},
      {.method = "GET",
       .pattern = "/monitors/{tag}",
       .operation = "monitor.get",
       .scope = "monitors:read",
       .execution = Execution::kLoop,
       .summary = "One monitor",
       .response = &MonitorReply(),
       .act = GetMonitor},
      {.method = "PATCH",
       .pattern = "/monitors/{tag}",
       .operation = "monitor.change",
       .scope = "monitors:write",
       .reads_body = true,
       .summary = "Change what is sent of a monitor",
       .request = &MonitorChange(),
       .partial_request = true,
       .response = &MonitorReply(),
       .act = ChangeMonitor},
      {.method = "DELETE",
       .pattern = "/monitors/{tag}",
       .operation = "monitor.delete",
       .scope = "monitors:write",
       .summary = "Delete a monitor with its history, page and channel links",
       .response = &DeletedReply(),
       .act = DeleteMonitor},
  };
}

}  // namespace pharos::api::console
