#include "api/kener_classic/monitor_view.h"

#include <cmath>

#include "api/body_values.h"
#include "api/kener_classic/monitor_decode.h"
#include "api/kener_classic/words.h"
#include "base/cron.h"
#include "base/text.h"

namespace pharos::api::kener_classic {
namespace {

constexpr int kOk = 200;

// The first code of "200-299,301,4xx".
int FirstStatusCode(std::string_view set) {
  const std::string_view first = Trim(set.substr(0, set.find_first_of(",-")));
  if (first.size() != 3 || first[0] < '1' || first[0] > '9') return kOk;
  if (EqualsIgnoreCase(first.substr(1), "xx")) return (first[0] - '0') * 100;
  return static_cast<int>(ParseInt(first).value_or(kOk));
}

void WriteHeaders(JsonWriter& json, const Value& headers) {
  json.Key("headers").BeginObject();
  for (const Value& header : headers.AsList()) {
    const std::string name = header.StringOr("name", "");
    json.Key(name);
    json.String(IsMaskedHeader(name) ? std::string(kMasked) : header.StringOr("value", ""));
  }
  json.EndObject();
}

// Members of the spec under this dialect's names, where the spec has them. Of several targets,
// which other interfaces can give, the first is shown.
void WriteTarget(JsonWriter& json, const model::Monitor& monitor) {
  if (monitor.kind == "http") {
    json.Key("url").String(monitor.spec.StringOr("url", ""));
    return;
  }
  const Value* hosts = monitor.spec.Find("hosts");
  const bool many = hosts != nullptr && hosts->IsList() && !hosts->AsList().empty();
  const Value& target = many ? hosts->AsList().front() : monitor.spec;
  if (const std::string host = target.StringOr("host", ""); !host.empty()) {
    json.Key("host").String(host);
  }
  if (const Value* port = target.Find("port"); port != nullptr && port->IsInt()) {
    json.Key("port").Int(port->AsInt());
  }
  if (monitor.kind == "dns")
    json.Key("recordType").String(monitor.spec.StringOr("record_type", "A"));
}

void WriteRequest(JsonWriter& json, const model::Monitor& monitor) {
  if (monitor.kind != "http") return;
  json.Key("method").String(monitor.spec.StringOr("method", "GET"));
  json.Key("expectedStatusCode").Int(FirstStatusCode(monitor.spec.StringOr("expected_status", "")));
  const Value* headers = monitor.spec.Find("headers");
  if (headers != nullptr && headers->IsList() && !headers->AsList().empty()) {
    WriteHeaders(json, *headers);
  }
  const std::string body = monitor.spec.StringOr("body", "");
  if (!body.empty()) json.Key("body").String(body);
}

void WriteNumbersOf(JsonWriter& json, const model::Monitor& monitor, Timestamp now) {
  const std::optional<int64_t> interval = IntervalSeconds(monitor.schedule, now);
  json.Key("interval");
  interval ? json.Int(*interval) : json.Null();
  for (const auto& [field, name] : {std::pair("timeout_ms", "timeout"), {"retries", "retries"}}) {
    const Value* number = monitor.spec.Find(field);
    if (number != nullptr && number->IsInt()) json.Key(name).Int(number->AsInt());
  }
}

Timestamp LastChecked(const std::optional<model::MonitorState>& state) {
  return state ? std::max(state->last_result_at, state->last_sample_at) : Timestamp{};
}

}  // namespace

void WriteNumber(JsonWriter& json, std::optional<double> number) {
  number ? json.Real(std::round(*number * 100.0) / 100.0) : json.Null();
}

std::optional<int64_t> IntervalSeconds(const model::Schedule& schedule, Timestamp now) {
  switch (schedule.kind) {
    case model::Schedule::Kind::kNever:
      return std::nullopt;
    case model::Schedule::Kind::kInterval:
      return schedule.interval / Seconds(1);
    case model::Schedule::Kind::kCron:
      break;
  }
  const Result<CronExpression> cron = CronExpression::Parse(schedule.cron);
  if (!cron) return std::nullopt;
  const auto next = cron->NextAfter(now, schedule.time_zone);
  const auto after = next ? cron->NextAfter(*next, schedule.time_zone) : std::nullopt;
  if (!after) return std::nullopt;
  return (*after - *next) / Seconds(1);
}

void WriteMonitorRow(JsonWriter& json, const model::Monitor& monitor,
                     const std::optional<model::MonitorState>& state,
                     std::optional<double> uptime) {
  json.BeginObject();
  json.Key("id").String(MonitorIdText(monitor.id));
  json.Key("name").String(monitor.name);
  json.Key("type").String(TypeWord(monitor.kind));
  WriteTarget(json, monitor);
  json.Key("status").String(ShownStatus(monitor, state));
  json.Key("uptime");
  WriteNumber(json, uptime);
  PutSecondOrNull(json, "lastChecked", UnlessNever(LastChecked(state)));
  json.EndObject();
}

void WriteMonitor(JsonWriter& json, const model::Monitor& monitor,
                  const std::optional<model::MonitorState>& state, const MonitorFigures& figures,
                  Timestamp now) {
  const bool measured = state && state->latency_ms > 0;
  json.BeginObject();
  json.Key("id").String(MonitorIdText(monitor.id));
  json.Key("name").String(monitor.name);
  json.Key("type").String(TypeWord(monitor.kind));
  WriteTarget(json, monitor);
  WriteRequest(json, monitor);
  WriteNumbersOf(json, monitor, now);
  json.Key("status").String(ShownStatus(monitor, state));
  json.Key("uptime").BeginObject();
  json.Key("day");
  WriteNumber(json, figures.day);
  json.Key("week");
  WriteNumber(json, figures.week);
  json.Key("month");
  WriteNumber(json, figures.month);
  json.EndObject();
  json.Key("responseTime").BeginObject();
  json.Key("current");
  WriteNumber(json, measured ? std::optional(state->latency_ms) : std::nullopt);
  json.Key("average");
  WriteNumber(json, figures.average_ms);
  json.EndObject();
  PutSecondOrNull(json, "lastChecked", UnlessNever(LastChecked(state)));
  PutSecondOrNull(json, "createdAt", UnlessNever(monitor.created_at));
  json.EndObject();
}

}  // namespace pharos::api::kener_classic
