#include "api/is0k/monitor_form.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/is0k/envelope.h"
#include "api/is0k/words.h"
#include "base/cron.h"
#include "base/text.h"

namespace pharos::api::is0k {
namespace {

constexpr int64_t kDefaultInterval = 60;
constexpr int64_t kDefaultHttpTimeout = 30;
constexpr int64_t kDefaultTimeout = 10;
constexpr int64_t kDefaultRetries = 2;
constexpr int64_t kDefaultWarningDays = 14;
constexpr int64_t kMsPerSecond = 1000;
constexpr int64_t kHoursPerDay = 24;
constexpr std::string_view kMask = "***";

// All settable members in the order of replies, so that each has its place, null or not.
constexpr std::array<std::string_view, 14> kMembers = {"url",
                                                       "method",
                                                       "headers",
                                                       "body",
                                                       "expected_status",
                                                       "keyword",
                                                       "host",
                                                       "port",
                                                       "dns_record_type",
                                                       "dns_expected_value",
                                                       "ssl_warning_days",
                                                       "interval",
                                                       "timeout",
                                                       "retries"};

bool IsSensitive(std::string_view header) {
  const std::string name = AsciiLower(header);
  static constexpr std::array<std::string_view, 6> kWords = {"authorization", "cookie",  "token",
                                                             "secret",        "api-key", "apikey"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

Value EmptyForm() {
  Value form(Value::Object{});
  for (const std::string_view member : kMembers) form.Set(member, Value());
  return form;
}

// "200" of "200", "200-299" or "2xx"; 200 for anything else.
int64_t FirstStatus(std::string_view expected) {
  constexpr size_t kDigits = 3;
  std::string head(expected.substr(0, kDigits));
  std::replace(head.begin(), head.end(), 'x', '0');
  return ParseInt(head).value_or(200);
}

Value HeadersOf(const Value& spec) {
  Value headers(Value::Object{});
  const Value* pairs = spec.Find("headers");
  if (pairs == nullptr || !pairs->IsList()) return headers;
  for (const Value& pair : pairs->AsList()) {
    headers.Set(pair.StringOr("name", ""), pair.StringOr("value", ""));
  }
  return headers;
}

// Answers to HEAD have no body, so their keyword is kept beside the spec and not looked for.
std::string IdleKeyword(const model::Monitor& monitor) {
  const Value* notes = monitor.notes.Find("is0k");
  return notes == nullptr ? "" : notes->StringOr("keyword", "");
}

void KeepIdleKeyword(const Value& form, model::Monitor& monitor) {
  const bool is_idle = form.StringOr("method", "") == "HEAD";
  const std::string keyword = is_idle ? form.StringOr("keyword", "") : "";
  if (keyword == IdleKeyword(monitor)) return;
  Value notes;
  if (const Value* own = monitor.notes.Find("is0k")) notes = *own;
  notes.Set("keyword", keyword);
  monitor.notes.Set("is0k", std::move(notes));
}

void PrintHttp(const model::Monitor& monitor, Value& form) {
  const Value& spec = monitor.spec;
  form.Set("url", spec.StringOr("url", ""));
  form.Set("method", spec.StringOr("method", "GET"));
  form.Set("headers", HeadersOf(spec));
  const std::string body = spec.StringOr("body", "");
  if (!body.empty()) form.Set("body", body);
  form.Set("expected_status", FirstStatus(spec.StringOr("expected_status", "200")));
  std::string keyword = spec.StringOr("keyword", "");
  if (keyword.empty()) keyword = IdleKeyword(monitor);
  if (!keyword.empty()) form.Set("keyword", keyword);
}

// Host and port of kinds that may have several targets: those of the first.
const Value& FirstTarget(const Value& spec) {
  const Value* hosts = spec.Find("hosts");
  if (hosts == nullptr || !hosts->IsList() || hosts->AsList().empty()) return spec;
  return hosts->AsList().front();
}

void PrintDns(const Value& spec, Value& form) {
  form.Set("host", spec.StringOr("host", ""));
  form.Set("dns_record_type", spec.StringOr("record_type", "A"));
  const Value* values = spec.Find("values");
  const bool has_value = values != nullptr && values->IsList() && !values->AsList().empty();
  if (has_value) form.Set("dns_expected_value", values->AsList().front());
}

Status ReadHttp(const Value& form, Value& spec) {
  const std::string url = form.StringOr("url", "");
  const std::string scheme = AsciiLower(url.substr(0, 8));
  if (!scheme.starts_with("http://") && !scheme.starts_with("https://")) {
    return BadField("url", "url must be an http or https address");
  }
  const int64_t status = form.IntOr("expected_status", 200);
  spec.Set("url", url);
  spec.Set("method", form.StringOr("method", "GET"));
  Value::List headers;
  if (const Value* given = form.Find("headers"); given != nullptr && given->IsObject()) {
    for (const auto& [name, value] : given->AsObject()) {
      if (!value.IsString()) {
        return BadField("headers." + name, "headers." + name + " must be a text");
      }
      Value pair;
      pair.Set("name", name);
      pair.Set("value", value);
      headers.push_back(std::move(pair));
    }
  }
  spec.Set("headers", std::move(headers));
  spec.Set("body", form.StringOr("body", ""));
  // Where a redirect itself is wanted, it must not be followed (is0k.md 3.3).
  spec.Set("follow_redirects", status < 300 || status > 399);
  spec.Set("expected_status", std::to_string(status));
  const bool has_body = form.StringOr("method", "GET") != "HEAD";
  spec.Set("keyword", has_body ? form.StringOr("keyword", "") : "");
  spec.Set("latency", "first_byte");
  return Ok();
}

Status ReadHost(const Value& form, Value& spec) {
  const std::string host(Trim(form.StringOr("host", "")));
  if (host.empty()) return BadField("host", "host is required");
  spec.Set("host", host);
  return Ok();
}

Status ReadTcp(const Value& form, Value& spec) {
  PHAROS_RETURN_IF_ERROR(ReadHost(form, spec));
  const Value* port = form.Find("port");
  if (port == nullptr || port->IsNull()) return BadField("port", "port is required");
  spec.Set("port", *port);
  return Ok();
}

Status ReadDns(const Value& form, Value& spec) {
  PHAROS_RETURN_IF_ERROR(ReadHost(form, spec));
  spec.Set("record_type", form.StringOr("dns_record_type", "A"));
  Value::List values;
  const std::string value = form.StringOr("dns_expected_value", "");
  if (!value.empty()) values.emplace_back(value);
  spec.Set("match", "any");
  spec.Set("values", std::move(values));
  return Ok();
}

Status ReadSsl(const Value& form, Value& spec) {
  PHAROS_RETURN_IF_ERROR(ReadHost(form, spec));
  spec.Set("port", form.IntOr("port", 443));
  spec.Set("degraded_below_hours",
           form.IntOr("ssl_warning_days", kDefaultWarningDays) * kHoursPerDay);
  spec.Set("down_below_hours", 0);
  return Ok();
}

Status ReadTarget(const Value& form, std::string_view kind, Value& spec) {
  if (kind == "http") return ReadHttp(form, spec);
  if (kind == "tcp") return ReadTcp(form, spec);
  if (kind == "dns") return ReadDns(form, spec);
  if (kind == "tls") return ReadSsl(form, spec);
  return ReadHost(form, spec);
}

Status ReadSpec(const Value& form, std::string_view kind, Value& spec) {
  PHAROS_RETURN_IF_ERROR(ReadTarget(form, kind, spec));
  spec.Set("timeout_ms", form.IntOr("timeout", kDefaultTimeout) * kMsPerSecond);
  spec.Set("retries", form.IntOr("retries", kDefaultRetries));
  return Ok();
}

// Puts the members of `after` that `before` lacks or has otherwise into `spec`.
void PutChanges(const Value& after, const Value& before, Value& spec) {
  const auto differs = [&](std::string_view name) {
    const Value* now = after.Find(name);
    const Value* then = before.Find(name);
    return now != nullptr && (then == nullptr || *then != *now);
  };
  // One target takes the place of all; host and port come together.
  const bool moved = spec.Find("hosts") != nullptr && (differs("host") || differs("port"));
  if (moved) spec.Remove("hosts");
  for (const auto& [name, value] : after.AsObject()) {
    if (differs(name) || (moved && (name == "host" || name == "port"))) spec.Set(name, value);
  }
}

}  // namespace

int64_t IntervalSeconds(const model::Schedule& schedule, Timestamp now) {
  switch (schedule.kind) {
    case model::Schedule::Kind::kNever:
      return kDefaultInterval;
    case model::Schedule::Kind::kInterval:
      return std::chrono::duration_cast<std::chrono::seconds>(schedule.interval).count();
    case model::Schedule::Kind::kCron: {
      const auto cron = CronExpression::Parse(schedule.cron);
      if (!cron) return kDefaultInterval;
      const auto first = cron->NextAfter(now, schedule.time_zone);
      const auto second = first ? cron->NextAfter(*first, schedule.time_zone) : std::nullopt;
      if (!second) return kDefaultInterval;
      return std::chrono::duration_cast<std::chrono::seconds>(*second - *first).count();
    }
  }
  return kDefaultInterval;
}

Value PrintForm(const model::Monitor& monitor, Timestamp now) {
  Value form = EmptyForm();
  const Value& spec = monitor.spec;
  if (monitor.kind == "http") {
    PrintHttp(monitor, form);
  } else if (monitor.kind == "dns") {
    PrintDns(spec, form);
  } else {
    const Value& target = FirstTarget(spec);
    form.Set("host", target.StringOr("host", ""));
    if (const Value* port = target.Find("port")) form.Set("port", *port);
  }
  if (monitor.kind == "tls") {
    form.Set("ssl_warning_days",
             spec.IntOr("degraded_below_hours", kDefaultWarningDays * kHoursPerDay) / kHoursPerDay);
  }
  form.Set("interval", IntervalSeconds(monitor.schedule, now));
  form.Set("timeout", std::max<int64_t>(1, spec.IntOr("timeout_ms", 0) / kMsPerSecond));
  form.Set("retries", spec.IntOr("retries", 0));
  return form;
}

Value DefaultForm(std::string_view kind) {
  Value form = EmptyForm();
  const bool http = kind == "http";
  if (http) {
    form.Set("method", "GET");
    form.Set("headers", Value::Object{});
    form.Set("expected_status", 200);
  }
  if (kind == "dns") form.Set("dns_record_type", "A");
  if (kind == "tls") {
    form.Set("port", 443);
    form.Set("ssl_warning_days", kDefaultWarningDays);
  }
  form.Set("interval", kDefaultInterval);
  form.Set("timeout", http ? kDefaultHttpTimeout : kDefaultTimeout);
  form.Set("retries", kDefaultRetries);
  return form;
}

void MaskHeaders(Value& form) {
  Value* headers = form.Find("headers");
  if (headers == nullptr || !headers->IsObject()) return;
  for (auto& [name, value] : headers->AsObject()) {
    if (IsSensitive(name)) value = Value(kMask);
  }
}

void UnmaskHeaders(Value& form, const Value& stored) {
  Value* headers = form.Find("headers");
  const Value* before = stored.Find("headers");
  if (headers == nullptr || !headers->IsObject() || before == nullptr) return;
  for (auto& [name, value] : headers->AsObject()) {
    if (!value.IsString() || value.AsString() != kMask) continue;
    if (const Value* kept = before->Find(name)) value = *kept;
  }
}

Status ReadForm(const Value& form, const Value* stored, std::string_view kind,
                model::Monitor& monitor) {
  const auto is_new = [&](std::string_view member) {
    return stored == nullptr || *form.Find(member) != *stored->Find(member);
  };
  const int64_t interval = form.IntOr("interval", kDefaultInterval);
  if ((is_new("interval") || is_new("timeout")) &&
      form.IntOr("timeout", kDefaultTimeout) >= interval) {
    return BadField("timeout", "timeout must be below interval");
  }
  if (stored == nullptr || form != *stored) {
    Value spec(Value::Object{});
    PHAROS_RETURN_IF_ERROR(ReadSpec(form, kind, spec));
    Value before(Value::Object{});
    // What is stored may be beyond this dialect's rules; then all of it counts as changed.
    if (stored != nullptr && !ReadSpec(*stored, kind, before)) before = Value(Value::Object{});
    if (!monitor.spec.IsObject()) monitor.spec = Value(Value::Object{});
    PutChanges(spec, before, monitor.spec);
    if (kind == "http") KeepIdleKeyword(form, monitor);
  }
  monitor.kind = std::string(kind);
  if (is_new("interval")) {
    monitor.schedule = {};
    monitor.schedule.kind = model::Schedule::Kind::kInterval;
    monitor.schedule.interval = Seconds(interval);
  }
  return Ok();
}

}  // namespace pharos::api::is0k
