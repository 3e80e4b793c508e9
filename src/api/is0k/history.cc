#include "api/is0k/history.h"

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "api/is0k/body.h"
#include "api/is0k/envelope.h"
#include "api/is0k/ids.h"
#include "api/is0k/links.h"
#include "api/is0k/words.h"
#include "service/incidents.h"
#include "service/monitors.h"
#include "service/stats.h"

namespace pharos::api::is0k {
namespace {

using service::MonitorPtr;

struct Period {
  std::string_view word;
  Duration length;
};
constexpr Period kPeriods[] = {
    {"24h", Hours(24)}, {"7d", Days(7)}, {"30d", Days(30)}, {"90d", Days(90)}};

// What a list of checks goes back to when no time is named: the pages are counted.
constexpr Duration kUsualHistory = Days(90);

void PutPercent(JsonWriter& json, std::string_view name, std::optional<double> percent) {
  json.Key(name);
  if (percent) {
    json.Real(std::round(*percent * 100) / 100);
  } else {
    json.Null();
  }
}

void PutMs(JsonWriter& json, std::string_view name, const model::LatencyStats& stats, double ms) {
  json.Key(name);
  if (stats.count > 0) {
    json.Real(std::round(ms * 100) / 100);
  } else {
    json.Null();
  }
}

// What only the newest check is remembered for: the records of a name, the end of a certificate.
// null for older ones.
void PutFacts(JsonWriter& json, std::string_view kind, const Value& facts) {
  if (kind == "tls") {
    json.Key("valid_to");
    const Value* certificate = facts.Find("certificate");
    const std::string until = certificate ? certificate->StringOr("valid_to", "") : "";
    if (until.empty()) {
      json.Null();
    } else {
      json.String(until);
    }
  }
  if (kind == "dns") {
    json.Key("resolved_values");
    const Value* dns = facts.Find("dns");
    const Value* records = dns ? dns->Find("records") : nullptr;
    if (records == nullptr || !records->IsList()) {
      json.Null();
      return;
    }
    json.BeginList();
    for (const Value& record : records->AsList()) json.String(record.StringOr("value", ""));
    json.EndList();
  }
}

void PrintCheck(JsonWriter& json, const model::Monitor& monitor, const model::Sample& check,
                const Value& facts) {
  const std::string_view kind = monitor.kind;
  // As with monitors, what was measured shows through a maintenance.
  const model::Status status =
      check.status == model::Status::kMaintenance ? check.observed : check.status;
  const bool down = check.observed == model::Status::kDown;
  json.BeginObject();
  PutText(json, "id", PrintCheckId(monitor.id, ToUnixMillis(check.at)));
  PutText(json, "status", CheckWord(status));
  PutSecond(json, "checked_at", check.at);
  json.Key("response_time_ms");
  if (check.latency_ms > 0 && !down) {
    json.Real(std::round(check.latency_ms * 100) / 100);
  } else {
    json.Null();
  }
  json.Key("status_code");
  if (kind == "http" && check.code > 0) {
    json.Int(check.code);
  } else {
    json.Null();
  }
  PutTextOrNull(json, "error", status == model::Status::kUp ? "" : check.message);
  json.Key("attempts").Int(check.attempts);
  PutText(json, "region", "local");
  if (kind == "ping") {
    json.Key("packet_loss").Int(check.code);
    json.Key("rtt_ms");
    if (check.latency_ms > 0) {
      json.Real(check.latency_ms);
    } else {
      json.Null();
    }
  }
  if (kind == "tls") json.Key("days_remaining").Int(check.code);
  PutFacts(json, kind, facts);
  json.EndObject();
}

}  // namespace

Result<std::string> ListChecks(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr monitor, FindMonitor(call));
  PHAROS_ASSIGN_OR_RETURN(const Window window, ReadWindow(call.request, 50, 200));
  service::CheckQuery query;
  query.limit = window.per_page;
  query.offset = window.Offset();
  const std::string status = QueryText(call.request, "status");
  if (!status.empty()) {
    query.status = ParseCheckWord(status);
    if (!query.status) return BadField("status", "status must be one of: up, down, degraded");
  }
  for (const auto& [name, target] : {std::pair("from", &query.from), std::pair("to", &query.to)}) {
    const std::string text = QueryText(call.request, name);
    if (text.empty()) continue;
    const auto at = ParseIso(text);
    if (!at) return BadField(name, std::string(name) + " must be an ISO 8601 time");
    *target = *at;
  }
  if (!query.from) query.from = query.to.value_or(call.clock.Now()) - kUsualHistory;
  PHAROS_ASSIGN_OR_RETURN(const auto page, call.services.stats.Checks(*monitor, query));
  const auto state = call.services.monitors.StateOf(*monitor).value_or(model::MonitorState{});
  return EnvelopedList(&window, page.total, [&](JsonWriter& json) {
    for (const model::Sample& check : page.checks) {
      const bool is_newest = check.at == state.last_sample_at;
      PrintCheck(json, *monitor, check, is_newest ? state.facts : Value());
    }
  });
}

Result<std::string> GetStats(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr monitor, FindMonitor(call));
  const std::string asked = QueryText(call.request, "period");
  const std::string_view word = asked.empty() ? std::string_view("30d") : std::string_view(asked);
  const Period* period = nullptr;
  for (const Period& candidate : kPeriods) {
    if (candidate.word == word) period = &candidate;
  }
  if (period == nullptr) return BadField("period", "period must be one of: 24h, 7d, 30d, 90d");
  const Timestamp now = call.clock.Now();
  service::StatsService& stats = call.services.stats;
  PHAROS_ASSIGN_OR_RETURN(const auto window, stats.Window(*monitor, now - period->length, now));
  std::vector<std::optional<double>> uptimes;
  for (const Period& each : kPeriods) {
    PHAROS_ASSIGN_OR_RETURN(const auto one, stats.Windows({monitor}, now - each.length, now));
    uptimes.push_back(one.front().uptime);
  }
  PHAROS_ASSIGN_OR_RETURN(const int64_t downtime,
                          stats.DowntimeSeconds(*monitor, now - period->length, now));
  PHAROS_ASSIGN_OR_RETURN(const auto first, stats.FirstCheck(*monitor));
  service::IncidentQuery query;
  query.monitors = {monitor->id};
  query.started_from = now - period->length;
  query.drafts = false;
  PHAROS_ASSIGN_OR_RETURN(const int64_t incidents, call.services.incidents.Count(*call.who, query));
  const auto up = window.counts.Of(model::Status::kUp);
  const auto down = window.counts.Of(model::Status::kDown);
  const auto degraded =
      window.counts.Of(model::Status::kDegraded) + window.counts.Of(model::Status::kPartialOutage);
  return Enveloped([&](JsonWriter& json) {
    json.BeginObject();
    PutText(json, "monitor_id", PrintId(kMonitorId, monitor->id.value()));
    PutText(json, "period", period->word);
    PutPercent(json, "uptime", window.uptime);
    json.Key("uptime_by_period").BeginObject();
    for (size_t i = 0; i < uptimes.size(); ++i) PutPercent(json, kPeriods[i].word, uptimes[i]);
    json.EndObject().Key("response_time").BeginObject();
    PutMs(json, "avg_ms", window.latency, window.latency.Average());
    PutMs(json, "min_ms", window.latency, window.latency.min_ms);
    PutMs(json, "max_ms", window.latency, window.latency.max_ms);
    PutMs(json, "p95_ms", window.latency, window.p95_ms);
    json.EndObject().Key("checks").BeginObject();
    json.Key("total").Int(up + down + degraded).Key("up").Int(up);
    json.Key("down").Int(down).Key("degraded").Int(degraded);
    json.EndObject();
    json.Key("incidents").Int(incidents);
    json.Key("downtime_seconds").Int(downtime);
    PutSecondOrNull(json, "first_check_at", first);
    json.EndObject();
  });
}

}  // namespace pharos::api::is0k
