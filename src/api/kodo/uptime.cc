#include "api/kodo/uptime.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/monitor_parts.h"
#include "api/kodo/shapes_core.h"
#include "api/kodo/words.h"
#include "base/text.h"
#include "service/checks.h"
#include "service/organisations.h"
#include "service/stats.h"

namespace pharos::api::kodo {
namespace {

constexpr std::string_view kWhat = "Monitor";
constexpr std::string_view kAny2xx = "2xx";
constexpr int64_t kUsualInterval = 300;
constexpr int kRecentChecks = 20;
constexpr size_t kMaxHeaders = 50;
constexpr std::string_view kMask = "***";

bool IsHttpUrl(std::string_view url, bool* is_https) {
  const std::string lower = AsciiLower(url.substr(0, std::min<size_t>(url.size(), 8)));
  *is_https = lower.starts_with("https://");
  const size_t scheme = *is_https ? 8 : lower.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return false;
  const std::string_view rest = url.substr(scheme);
  return !rest.empty() && rest.find_first_of("/?#") != 0 &&
         url.find_first_of(" \t\r\n") == std::string_view::npos;
}

Status CheckUrl(std::string_view url, bool https_only) {
  bool is_https = false;
  if (!IsHttpUrl(url, &is_https)) {
    // Schemes that we do not speak at all read like http does under the strict rule.
    return BadField("url", https_only ? "URL must use HTTPS" : "Invalid url");
  }
  if (https_only && !is_https) return BadField("url", "URL must use HTTPS");
  return Ok();
}

bool IsSensitive(std::string_view header) {
  const std::string name = AsciiLower(header);
  constexpr std::array<std::string_view, 6> kMarks = {"auth",   "cookie", "token",
                                                      "secret", "key",    "password"};
  return std::any_of(kMarks.begin(), kMarks.end(),
                     [&](std::string_view mark) { return name.find(mark) != std::string::npos; });
}

// The value of a stored header.
std::string StoredHeader(const Value& spec, std::string_view name) {
  const Value* headers = spec.Find("headers");
  if (headers == nullptr || !headers->IsList()) return {};
  for (const Value& pair : headers->AsList()) {
    if (EqualsIgnoreCase(pair.StringOr("name", ""), name)) return pair.StringOr("value", "");
  }
  return {};
}

// {"X-A":"1"} becomes [{"name":"X-A","value":"1"}]; a value that is its own mask stays as stored.
Result<Value> HeaderPairs(const Value& headers, const Value& spec) {
  Value::List pairs;
  if (!headers.IsObject()) return Value(std::move(pairs));
  if (headers.AsObject().size() > kMaxHeaders) {
    return BadField("headers", "Object must contain at most 50 members");
  }
  for (const auto& [name, value] : headers.AsObject()) {
    if (!value.IsString()) return BadField("headers." + name, "Expected string");
    Value pair;
    pair.Set("name", name);
    const bool is_mask = value.AsString() == kMask && IsSensitive(name);
    pair.Set("value", is_mask ? StoredHeader(spec, name) : value.AsString());
    pairs.push_back(std::move(pair));
  }
  return Value(std::move(pairs));
}

Status ApplyRequest(const Value& body, bool https_only, Value& spec) {
  if (const auto url = TextOf(body, "url")) {
    PHAROS_RETURN_IF_ERROR(CheckUrl(*url, https_only));
    spec.Set("url", *url);
  }
  if (const Value* headers = body.Find("headers")) {
    PHAROS_ASSIGN_OR_RETURN(Value pairs, HeaderPairs(*headers, spec));
    spec.Set("headers", std::move(pairs));
  }
  if (const auto follow = BoolOf(body, "follow_redirects")) spec.Set("follow_redirects", *follow);
  return Ok();
}

// kodo.md 8: any 2xx unless a code is set.
void ApplyJudgement(const Value& body, Value& spec) {
  if (Has(body, "expected_status_code")) {
    const auto code = IntOf(body, "expected_status_code");
    spec.Set("expected_status", code ? std::to_string(*code) : std::string(kAny2xx));
  }
  if (const auto timeout = IntOf(body, "timeout_ms")) spec.Set("timeout_ms", *timeout);
  if (HasNull(body, "degraded_threshold_ms")) spec.Remove("degraded_over_ms");
  if (const auto slow = IntOf(body, "degraded_threshold_ms")) spec.Set("degraded_over_ms", *slow);
}

model::Monitor NewMonitor() {
  model::Monitor draft;
  draft.kind = std::string(kUptimeKind);
  draft.schedule.kind = model::Schedule::Kind::kInterval;
  draft.schedule.interval = Seconds(kUsualInterval);
  draft.auto_incident.enabled = true;
  Value& spec = draft.spec;
  spec.Set("expected_status", kAny2xx);
  spec.Set("timeout_ms", 30'000);
  spec.Set("degraded_over_ms", 2'000);
  // One host has no second region to ask, so it asks a second time (kodo.md 8).
  spec.Set("retries", 1);
  spec.Set("retry_delay_ms", 3'000);
  return draft;
}

void PutBasics(JsonWriter& json, const Call& call, const model::Monitor& monitor) {
  const auto state = call.services.monitors.StateOf(monitor);
  PutText(json, "id", monitor.uid);
  PutText(json, "name", monitor.name);
  PutText(json, "url", monitor.spec.StringOr("url", ""));
  json.Key("interval_seconds").Int(IntervalSeconds(monitor));
  json.Key("enabled").Bool(monitor.active);
  PutText(json, "status", MonitorWord(StatusOfMonitor(state)));
  PutTimeUnlessNever(json, "last_checked_at", state ? state->last_result_at : Timestamp{});
  PutServiceId(json, call, monitor.service);
}

void PutSettings(JsonWriter& json, const model::Monitor& monitor) {
  const Value& spec = monitor.spec;
  const auto code = ParseInt(spec.StringOr("expected_status", ""));
  json.Key("expected_status_code").Int(code.value_or(200));
  json.Key("timeout_ms").Int(spec.IntOr("timeout_ms", 30'000));
  json.Key("follow_redirects").Bool(spec.BoolOr("follow_redirects", true));
  json.Key("headers").BeginObject();
  const Value* headers = spec.Find("headers");
  if (headers != nullptr && headers->IsList()) {
    for (const Value& pair : headers->AsList()) {
      const std::string name = pair.StringOr("name", "");
      json.Key(name).String(IsSensitive(name) ? std::string(kMask) : pair.StringOr("value", ""));
    }
  }
  json.EndObject();
  PutSafeguards(json, monitor);
  json.Key("degraded_threshold_ms");
  const int64_t slow = spec.IntOr("degraded_over_ms", 0);
  if (slow > 0) {
    json.Int(slow);
  } else {
    json.Null();
  }
  PutTime(json, "created_at", monitor.created_at);
  PutTime(json, "updated_at", monitor.updated_at);
}

std::string Print(const Call& call, const model::Monitor& monitor) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutBasics(json, call, monitor);
  PutSettings(json, monitor);
  json.EndObject();
  return out;
}

void PutMillis(JsonWriter& json, std::string_view name, std::optional<double> ms) {
  json.Key(name);
  if (ms && *ms > 0) {
    json.Int(static_cast<int64_t>(std::llround(*ms)));
  } else {
    json.Null();
  }
}

// uptime_percentage, avg_response_time_ms and recent_checks.
Status PutFigures(JsonWriter& json, const Call& call, const model::Monitor& monitor) {
  const Timestamp now = call.clock.Now();
  // To the end of this minute: what was seen a moment ago counts.
  const Timestamp end = FloorToMinute(now) + Minutes(1);
  PHAROS_ASSIGN_OR_RETURN(const auto window,
                          call.services.stats.Window(monitor, end - Days(30), end));
  // A number in any case: nothing seen is nothing seen down.
  const double uptime = window.uptime.value_or(100);
  json.Key("uptime_percentage").Real(std::round(uptime * 100) / 100);
  PutMillis(json, "avg_response_time_ms",
            window.latency.count > 0 ? std::optional(window.latency.Average()) : std::nullopt);
  service::CheckQuery query;
  query.from = end - Days(30);
  query.limit = kRecentChecks;
  query.count_all = false;
  PHAROS_ASSIGN_OR_RETURN(const auto page, call.services.stats.Checks(monitor, query));
  json.Key("recent_checks").BeginList();
  for (const model::Sample& sample : page.checks) {
    json.BeginObject();
    PutText(json, "status", MonitorWord(sample.observed));
    PutMillis(json, "response_time_ms", sample.latency_ms);
    PutTime(json, "checked_at", sample.at);
    json.EndObject();
  }
  json.EndList();
  return Ok();
}

bool HttpsOnly(const Call& call) {
  const auto settings = call.services.organisations.Settings(call.who->org);
  return settings && settings->BoolOr("https_only", false);
}

std::string PrintCheck(const model::CheckResult& result) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutText(json, "status", MonitorWord(result.observed));
  PutMillis(json, "response_time_ms", result.latency_ms);
  json.Key("status_code");
  if (result.code > 0) {
    json.Int(result.code);
  } else {
    json.Null();
  }
  PutTextOrNull(json, "error", result.message);
  PutTime(json, "checked_at", result.finished_at);
  json.EndObject();
  return out;
}

}  // namespace

Status ApplyUptimeBody(const Call& call, const Value& body, bool https_only,
                       model::Monitor& monitor) {
  PHAROS_RETURN_IF_ERROR(ApplyMonitorBasics(call, body, monitor));
  if (const auto interval = IntOf(body, "interval_seconds")) {
    constexpr std::array<int64_t, 5> kIntervals = {60, 300, 600, 900, 1800};
    if (std::find(kIntervals.begin(), kIntervals.end(), *interval) == kIntervals.end()) {
      return BadField("interval_seconds", "Invalid value");
    }
    monitor.schedule = {};
    monitor.schedule.kind = model::Schedule::Kind::kInterval;
    monitor.schedule.interval = Seconds(*interval);
  }
  PHAROS_RETURN_IF_ERROR(ApplyRequest(body, https_only, monitor.spec));
  ApplyJudgement(body, monitor.spec);
  ApplySafeguards(body, monitor);
  return Ok();
}

Result<std::string> ListUptimeMonitors(Call& call) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("monitors").BeginList();
  for (const service::MonitorPtr& monitor : ListOfKind(call, kUptimeKind)) {
    json.BeginObject();
    PutBasics(json, call, *monitor);
    json.EndObject();
  }
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateUptimeMonitor(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(UptimeBody(), call.body));
  model::Monitor draft = NewMonitor();
  PHAROS_RETURN_IF_ERROR(ApplyUptimeBody(call, call.body, HttpsOnly(call), draft));
  draft.tag = call.services.monitors.FreeTag(*call.who, draft.name);
  auto made = call.services.monitors.Create(*call.who, std::move(draft));
  if (!made) return InKodoWords(std::move(made).error(), kWhat);
  // The scheduler checks what is new at once (kodo.md 8).
  return Print(call, **made);
}

Result<std::string> GetUptimeMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto monitor, OfPath(call, kUptimeKind, kWhat));
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutBasics(json, call, *monitor);
  PHAROS_RETURN_IF_ERROR(PutFigures(json, call, *monitor));
  PutSettings(json, *monitor);
  json.EndObject();
  return out;
}

Result<std::string> UpdateUptimeMonitor(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckChange(UptimeBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(const auto monitor, OfPath(call, kUptimeKind, kWhat));
  const bool https_only = HttpsOnly(call);
  const auto change = [&](model::Monitor& stored) {
    return ApplyUptimeBody(call, call.body, https_only, stored);
  };
  auto changed = call.services.monitors.Update(*call.who, monitor->tag, change);
  if (!changed) return InKodoWords(std::move(changed).error(), kWhat);
  return Print(call, **changed);
}

Result<std::string> DeleteUptimeMonitor(Call& call) {
  return DeleteOfKind(call, kUptimeKind, kWhat);
}

void CheckUptimeMonitor(Call& call, Answer answer) {
  const auto monitor = OfPath(call, kUptimeKind, kWhat);
  if (!monitor) return answer.Send(monitor.error());
  call.services.checks.RunNow(**monitor, [answer](Result<model::CheckResult> result) {
    if (!result) return answer.Send(std::move(result).error());
    answer.Send(PrintCheck(*result));
  });
}

}  // namespace pharos::api::kodo
