#include "api/kodo/expiring.h"

#include <algorithm>
#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/monitor_parts.h"
#include "service/channels.h"
#include "service/checks.h"
#include "service/stats.h"

namespace pharos::api::kodo {
namespace {

constexpr int64_t kCriticalDays = 7;
constexpr int kHistoryRows = 100;
constexpr int kUsualLimit = 50;
constexpr int kMaxLimit = 100;

}  // namespace

std::string_view ExpiryWord(bool is_sound, std::optional<int64_t> days_left, int64_t alert_days) {
  const bool is_over = days_left && *days_left < 0;
  if (!is_sound && !is_over) return "error";
  if (!days_left) return "ok";  // a registry that keeps the date to itself
  if (*days_left <= kCriticalDays) return "critical";
  return *days_left <= alert_days ? "warning" : "ok";
}

int64_t AlertDays(const ExpiryLimits& limits, const model::Monitor& monitor, int64_t usual) {
  const Value note = NoteOf(monitor, "alert_days");
  if (note.IsInt()) return note.AsInt();
  const int64_t limit = monitor.spec.IntOr(limits.degraded, usual * limits.per_day);
  return std::max<int64_t>(limit / limits.per_day, 1);
}

void SetAlertDays(const ExpiryLimits& limits, int64_t days, model::Monitor& monitor) {
  SetNote(monitor, "alert_days", days);
  monitor.spec.Set(limits.degraded, days * limits.per_day);
  monitor.spec.Set(limits.down, std::min(days, kCriticalDays) * limits.per_day);
}

Status ApplyExpiryBody(const Call& call, const Value& body, const ExpiryLimits& limits,
                       model::Monitor& monitor) {
  PHAROS_RETURN_IF_ERROR(ApplyMonitorBasics(call, body, monitor));
  if (const auto days = IntOf(body, "alert_days")) SetAlertDays(limits, *days, monitor);
  return Ok();
}

Result<std::vector<model::ChannelId>> ChannelsOfBody(const Call& call, const Value& body) {
  std::vector<model::ChannelId> channels;
  for (const std::string& uid :
       TextsOf(body, "notification_channels").value_or(std::vector<std::string>())) {
    const auto channel = call.services.channels.GetByUid(*call.who, uid);
    if (!channel) {
      if (channel.error().kind != ErrorKind::kNotFound) return channel.error();
      return BadField("notification_channels", "Channel not found: " + uid);
    }
    channels.push_back(channel->id);
  }
  return channels;
}

Status LinkChannels(const Call& call, const Value& body, const model::Monitor& monitor) {
  if (!Has(body, "notification_channels")) return Ok();
  PHAROS_ASSIGN_OR_RETURN(const auto channels, ChannelsOfBody(call, body));
  return call.services.channels.SetChannelsOf(*call.who, monitor.id, channels);
}

void AnswerAfterFirstCheck(const Call& call, const service::MonitorPtr& monitor, Answer answer,
                           PrintMonitor print) {
  call.services.checks.RunNow(
      *monitor, [&call, monitor, answer = std::move(answer),
                 print](const Result<model::CheckResult>&) { answer.Send(print(call, *monitor)); });
}

Result<std::string> ChangeExpiring(Call& call, std::string_view kind, std::string_view what,
                                   const Shape& body, const ExpiryLimits& limits,
                                   PrintMonitor print) {
  PHAROS_RETURN_IF_ERROR(CheckChange(body, call.body));
  PHAROS_ASSIGN_OR_RETURN(const auto monitor, OfPath(call, kind, what));
  PHAROS_RETURN_IF_ERROR(ChannelsOfBody(call, call.body));
  const auto change = [&](model::Monitor& stored) {
    return ApplyExpiryBody(call, call.body, limits, stored);
  };
  auto changed = call.services.monitors.Update(*call.who, monitor->tag, change);
  if (!changed) return InKodoWords(std::move(changed).error(), what);
  PHAROS_RETURN_IF_ERROR(LinkChannels(call, call.body, **changed));
  return print(call, **changed);
}

void CheckExpiringNow(Call& call, Answer answer, const service::MonitorPtr& monitor,
                      int64_t alert_days, PrintCheckResult print) {
  const Clock& clock = call.clock;
  call.services.checks.RunNow(
      *monitor, [answer, alert_days, &clock, print](Result<model::CheckResult> result) {
        if (!result) return answer.Send(std::move(result).error());
        answer.Send(print(*result, alert_days, clock.Now()));
      });
}

Value FactOf(const Value& facts, std::string_view name) {
  const Value* fact = facts.Find(name);
  return fact != nullptr && fact->IsObject() ? *fact : Value();
}

Value FactOfMonitor(const Call& call, const model::Monitor& monitor, std::string_view name) {
  const auto state = call.services.monitors.StateOf(monitor);
  return state ? FactOf(state->facts, name) : Value();
}

std::optional<Timestamp> FactTime(const Value& fact, std::string_view name) {
  const std::string text = fact.StringOr(name, "");
  if (text.empty()) return std::nullopt;
  const Result<Timestamp> at = ParseIso(text);
  return at ? std::optional(*at) : std::nullopt;
}

std::optional<int64_t> DaysUntil(std::optional<Timestamp> end, Timestamp now) {
  if (!end) return std::nullopt;
  return FloorDiv((*end - now).count(), Days(1).count());
}

void PutIntOrNull(JsonWriter& json, std::string_view name, std::optional<int64_t> number) {
  json.Key(name);
  if (number) {
    json.Int(*number);
  } else {
    json.Null();
  }
}

void PutTextList(JsonWriter& json, std::string_view name, const Value& fact,
                 std::string_view member) {
  json.Key(name).BeginList();
  const Value* list = fact.Find(member);
  if (list != nullptr && list->IsList()) {
    for (const Value& element : list->AsList()) {
      if (element.IsString()) json.String(element.AsString());
    }
  }
  json.EndList();
}

Status PutCheckHistory(JsonWriter& json, const Call& call, const model::Monitor& monitor,
                       std::optional<Timestamp> end,
                       const std::function<void(const model::Sample&)>& print) {
  service::CheckQuery query;
  query.from = call.clock.Now() - Days(30);
  query.limit = kHistoryRows;
  query.count_all = false;
  PHAROS_ASSIGN_OR_RETURN(const auto page, call.services.stats.Checks(monitor, query));
  json.Key("check_history").BeginList();
  for (const model::Sample& sample : page.checks) {
    json.BeginObject();
    PutTime(json, "checked_at", sample.at);
    const bool is_known = sample.code != 0;
    PutIntOrNull(json, "days_until_expiry",
                 is_known ? std::optional<int64_t>(sample.code) : DaysUntil(end, sample.at));
    print(sample);
    json.EndObject();
  }
  json.EndList();
  return Ok();
}

std::vector<service::MonitorPtr> Windowed(const Call& call, std::string_view kind) {
  std::vector<service::MonitorPtr> all = ListOfKind(call, kind);
  const Paging paging = ReadPaging(call.request, kUsualLimit, kMaxLimit);
  const auto size = static_cast<int64_t>(all.size());
  const int64_t from = std::min<int64_t>(paging.offset, size);
  const int64_t to = std::min<int64_t>(from + paging.limit, size);
  return {all.begin() + from, all.begin() + to};
}

}  // namespace pharos::api::kodo
