#include "api/is0k/monitors.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "api/is0k/body.h"
#include "api/is0k/envelope.h"
#include "api/is0k/ids.h"
#include "api/is0k/links.h"
#include "api/is0k/monitor_form.h"
#include "api/is0k/plans.h"
#include "api/is0k/shapes.h"
#include "api/is0k/words.h"
#include "base/text.h"
#include "service/channels.h"
#include "service/monitors.h"

namespace pharos::api::is0k {
namespace {

using model::ChannelId;
using service::MonitorPtr;

// Which channels tell of a monitor, for as many monitors as are printed.
using ChannelLinks = std::map<model::MonitorId, std::vector<ChannelId>>;

Result<ChannelLinks> ReadLinks(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto channels, call.services.channels.List(*call.who));
  ChannelLinks links;
  for (const model::Channel& channel : channels) {
    if (channel.scope != model::ChannelScope::kLinked) continue;
    for (const model::MonitorId monitor : channel.monitors) links[monitor].push_back(channel.id);
  }
  return links;
}

model::MonitorState StateOf(const Call& call, const model::Monitor& monitor) {
  return call.services.monitors.StateOf(monitor).value_or(model::MonitorState{});
}

void PrintMonitor(JsonWriter& json, const Call& call, const model::Monitor& monitor,
                  const ChannelLinks& links) {
  const model::MonitorState state = StateOf(call, monitor);
  Value form = PrintForm(monitor, call.clock.Now());
  MaskHeaders(form);
  json.BeginObject();
  PutText(json, "id", PrintId(kMonitorId, monitor.id.value()));
  PutText(json, "name", monitor.name);
  PutText(json, "type", TypeWord(monitor.kind));
  for (const auto& [name, value] : form.AsObject()) json.Key(name).Tree(value);
  json.Key("alert_channel_ids").BeginList();
  if (const auto it = links.find(monitor.id); it != links.end()) {
    for (const ChannelId id : it->second) json.String(PrintId(kChannelId, id.value()));
  }
  json.EndList();
  const std::string_view word = MonitorWord(monitor, state);
  PutText(json, "status", word);
  const bool checked = state.last_result_at > Timestamp{};
  PutSecondOrNull(json, "last_checked_at",
                  checked ? std::optional(state.last_result_at) : std::nullopt);
  json.Key("last_response_time_ms");
  const bool answered = checked && state.observed != model::Status::kDown;
  if (answered && state.latency_ms > 0) {
    json.Real(std::round(state.latency_ms * 100) / 100);
  } else {
    json.Null();
  }
  PutTextOrNull(json, "last_error", word == "up" || word == "pending" ? "" : state.message);
  PutSecond(json, "created_at", monitor.created_at);
  PutSecond(json, "updated_at", monitor.updated_at);
  json.EndObject();
}

Result<std::string> OneMonitor(Call& call, const model::Monitor& monitor) {
  PHAROS_ASSIGN_OR_RETURN(const ChannelLinks links, ReadLinks(call));
  return Enveloped([&](JsonWriter& json) { PrintMonitor(json, call, monitor, links); });
}

// "type" in any spelling becomes the type's own word, so that the shape knows it.
void NormalizeType(Value& body) {
  const auto type = TextOf(body, "type");
  if (!type) return;
  const std::string_view kind = KindOfType(*type);
  if (!kind.empty()) body.Set("type", TypeWord(kind));
}

// Replaces members of `form` by those sent; null means the default.
void Overwrite(Value& form, const Value& body, std::string_view kind) {
  const Value defaults = DefaultForm(kind);
  for (auto& [name, value] : form.AsObject()) {
    const Value* sent = body.Find(name);
    // A member that does not belong to the type is ignored (is0k.md 3.2).
    if (sent == nullptr) continue;
    const Value* fallback = defaults.Find(name);
    value = sent->IsNull() && fallback != nullptr ? *fallback : *sent;
  }
}

Status CheckPlan(Call& call, std::string_view kind, const Value& form, bool is_new) {
  const PlanRules& plan = PlanOfCaller(call);
  if (form.IntOr("interval", 0) < plan.min_interval_s) {
    return BadField("interval", "interval must be at least " + std::to_string(plan.min_interval_s) +
                                    " in the " + std::string(plan.name) + " plan");
  }
  const bool tcp_or_ping = kind == "tcp" || kind == "ping";
  const bool dns_or_ssl = kind == "dns" || kind == "tls";
  if ((tcp_or_ping && !plan.has_tcp_and_ping) || (dns_or_ssl && !plan.has_dns_and_ssl)) {
    return UpgradeRequired(call, plan, std::string(TypeWord(kind)) + " monitors");
  }
  if (!is_new || plan.max_monitors == 0) return Ok();
  const auto all = call.services.monitors.List(*call.who);
  const auto count =
      std::count_if(all.begin(), all.end(), [](const MonitorPtr& m) { return IsShown(*m); });
  if (count < plan.max_monitors) return Ok();
  return LimitReached(call, plan, plan.max_monitors, "monitors");
}

// A use case's field names in this dialect's words: "spec.timeout_ms" is "timeout".
Error Renamed(Error error) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"spec.timeout_ms", "timeout"},        {"spec.expected_status", "expected_status"},
      {"spec.values", "dns_expected_value"}, {"spec.record_type", "dns_record_type"},
      {"schedule.interval", "interval"},     {"spec.degraded_below_hours", "ssl_warning_days"},
  };
  for (FieldError& field : error.fields) {
    for (const auto& [inner, word] : kNames) {
      if (field.field == inner) field.field = std::string(word);
    }
    if (field.field.starts_with("spec.")) field.field.erase(0, 5);
  }
  return Spelled(std::move(error));
}

Status SetChannels(Call& call, model::MonitorId monitor, const Value& body,
                   const std::vector<ChannelId>& channels) {
  if (!IsSent(body, "alert_channel_ids")) return Ok();
  return call.services.channels.SetChannelsOf(*call.who, monitor, channels);
}

void NoteResume(model::Monitor& monitor, Timestamp now) {
  Value notes;
  if (const Value* own = monitor.notes.Find("is0k")) notes = *own;
  notes.Set("resumed_at_ms", ToUnixMillis(now));
  monitor.notes.Set("is0k", std::move(notes));
}

}  // namespace

Result<std::string> ListMonitors(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Window window, ReadWindow(call.request, 50, 200));
  PHAROS_ASSIGN_OR_RETURN(const ChannelLinks links, ReadLinks(call));
  const std::string status = QueryText(call.request, "status");
  if (!status.empty() && !IsMonitorWord(status)) {
    return BadField("status", "status must be one of: pending, up, down, degraded, paused");
  }
  const std::string type = QueryText(call.request, "type");
  if (!type.empty() && KindOfType(type).empty()) {
    return BadField("type", "type must be one of: http, tcp, ping, dns, ssl");
  }
  const std::string search = AsciiLower(QueryText(call.request, "search"));
  std::vector<MonitorPtr> found;
  std::vector<MonitorPtr> all = call.services.monitors.List(*call.who);
  std::reverse(all.begin(), all.end());  // order of creation
  for (MonitorPtr& monitor : all) {
    if (!IsShown(*monitor)) continue;
    if (!type.empty() && KindOfType(type) != monitor->kind) continue;
    if (!status.empty() && MonitorWord(*monitor, StateOf(call, *monitor)) != status) continue;
    if (!search.empty() && AsciiLower(monitor->name).find(search) == std::string::npos) continue;
    found.push_back(std::move(monitor));
  }
  const auto total = static_cast<int64_t>(found.size());
  const int64_t begin = window.asked ? std::min(window.Offset(), total) : 0;
  const int64_t end = window.asked ? std::min(begin + window.per_page, total) : total;
  return EnvelopedList(window.asked ? &window : nullptr, total, [&](JsonWriter& json) {
    for (int64_t i = begin; i < end; ++i) {
      PrintMonitor(json, call, *found[static_cast<size_t>(i)], links);
    }
  });
}

Result<std::string> CreateMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(Value body, ReadObject(call));
  NormalizeType(body);
  PHAROS_RETURN_IF_ERROR(CheckBody(MonitorCreate(), body, false));
  const std::string_view kind = KindOfType(*TextOf(body, "type"));
  if (kind == "http" && !TextOf(body, "url")) return BadField("url", "url is required");
  Value form = DefaultForm(kind);
  Overwrite(form, body, kind);
  PHAROS_ASSIGN_OR_RETURN(const auto channels, ReadChannelIds(call, body, "alert_channel_ids"));
  model::Monitor draft;
  draft.name = *TextOf(body, "name");
  PHAROS_RETURN_IF_ERROR(ReadForm(form, nullptr, kind, draft));
  PHAROS_RETURN_IF_ERROR(CheckPlan(call, kind, form, true));
  draft.tag = call.services.monitors.FreeTag(*call.who, draft.name);
  draft.auto_incident.enabled = true;
  draft.auto_incident.failure_threshold = 1;  // retries have confirmed it (is0k.md 3.3)
  draft.auto_incident.cooldown = Duration(0);
  Result<MonitorPtr> made = call.services.monitors.Create(*call.who, std::move(draft));
  if (!made) return Renamed(std::move(made).error());
  PHAROS_RETURN_IF_ERROR(SetChannels(call, (*made)->id, body, channels));
  return OneMonitor(call, **made);
}

Result<std::string> GetMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr monitor, FindMonitor(call));
  return OneMonitor(call, *monitor);
}

Result<std::string> UpdateMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(Value body, ReadObject(call));
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr found, FindMonitor(call));
  NormalizeType(body);
  PHAROS_RETURN_IF_ERROR(CheckBody(MonitorCreate(), body, true));
  const auto type = TextOf(body, "type");
  if (type && KindOfType(*type) != found->kind) {
    return BadField("type", "type cannot be changed");
  }
  PHAROS_ASSIGN_OR_RETURN(const auto channels, ReadChannelIds(call, body, "alert_channel_ids"));
  Result<MonitorPtr> changed =
      call.services.monitors.Update(*call.who, found->tag, [&](model::Monitor& monitor) -> Status {
        const Value stored = PrintForm(monitor, call.clock.Now());
        Value form = stored;
        Overwrite(form, body, monitor.kind);
        UnmaskHeaders(form, stored);
        if (const auto name = TextOf(body, "name")) monitor.name = *name;
        const std::string kind = monitor.kind;
        PHAROS_RETURN_IF_ERROR(ReadForm(form, &stored, kind, monitor));
        return IsSent(body, "interval") ? CheckPlan(call, kind, form, false) : Ok();
      });
  if (!changed) return Renamed(std::move(changed).error());
  PHAROS_RETURN_IF_ERROR(SetChannels(call, found->id, body, channels));
  return OneMonitor(call, **changed);
}

Result<std::string> DeleteMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr monitor, FindMonitor(call));
  PHAROS_RETURN_IF_ERROR(call.services.monitors.Delete(*call.who, monitor->tag));
  return Deleted(PrintId(kMonitorId, monitor->id.value()));
}

Result<std::string> PauseMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr found, FindMonitor(call));
  PHAROS_ASSIGN_OR_RETURN(
      const MonitorPtr paused,
      call.services.monitors.Update(*call.who, found->tag, [](model::Monitor& monitor) -> Status {
        monitor.active = false;
        return Ok();
      }));
  return OneMonitor(call, *paused);
}

Result<std::string> ResumeMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr found, FindMonitor(call));
  PHAROS_ASSIGN_OR_RETURN(
      const MonitorPtr resumed,
      call.services.monitors.Update(*call.who, found->tag, [&](model::Monitor& monitor) -> Status {
        if (!monitor.active) NoteResume(monitor, call.clock.Now());
        monitor.active = true;
        return Ok();
      }));
  return OneMonitor(call, *resumed);
}

}  // namespace pharos::api::is0k
