#include "api/kener_v3/today.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "api/kener/js.h"
#include "api/kener_v3/envelope.h"
#include "api/kener_v3/incident_view.h"
#include "api/kener_v3/status.h"
#include "api/kener_v3/words.h"
#include "base/json.h"
#include "base/time_zone.h"
#include "service/incidents.h"
#include "service/monitors.h"
#include "service/samples.h"
#include "service/stats.h"

namespace pharos::api::kener_v3 {
namespace {

constexpr Duration kLongestBar = Hours(26);  // a day that a clock change makes longer
constexpr Duration kLongestRange = Days(400);
constexpr size_t kMaxIds = 100;

struct Range {
  Timestamp from, to;
  bool has_end = false;
};

Result<Range> ReadRange(const Call& call, Duration longest) {
  const auto start = LooseSeconds(call.body.Find("startTs"));
  if (!start) return BadRequest("Invalid startTs");
  Range range;
  range.from = FloorToMinute(FromUnixSeconds(*start));
  range.to = range.from + Days(1);
  if (kener::IsTruthy(call.body.Find("endTs"))) {
    const auto end = LooseSeconds(call.body.Find("endTs"));
    if (!end || FromUnixSeconds(*end) < range.from) return BadRequest("Invalid endTs");
    range.to = FromUnixSeconds(*end);
    range.has_end = true;
  }
  if (range.to - range.from > longest)
    return BadRequest("The time between startTs and endTs is too long");
  range.to = std::min(range.to, call.clock.Now());
  return range;
}

// nullptr for monitors that visitors do not see.
service::MonitorPtr FindPublic(const Call& call, const Value* tag) {
  const auto text = NonEmptyText(tag);
  service::MonitorPtr monitor = text ? call.services.monitors.FindByTag(*call.who, *text) : nullptr;
  return monitor != nullptr && monitor->active && !monitor->hidden ? monitor : nullptr;
}

// Version 3 says "YES" or "NO", version 2 true or false.
bool CountsDegradedAsDown(const Value& monitor) {
  const Value* word = monitor.Find("include_degraded_in_downtime");
  if (word == nullptr) word = monitor.Find("includeDegradedInDowntime");
  if (word == nullptr) return false;
  return word->IsString() ? word->AsString() == "YES" || word->AsString() == "true"
                          : kener::IsTruthy(word);
}

std::string UptimeOf(const model::StatusCounts& counts, bool degraded_is_down) {
  const double degraded = counts.Of(model::Status::kDegraded) +
                          static_cast<double>(counts.Of(model::Status::kPartialOutage));
  const double up = counts.Of(model::Status::kUp);
  const double all = up + degraded + counts.Of(model::Status::kDown);
  return UptimeText(degraded_is_down ? up : up + degraded, all);
}

std::string_view CssClass(std::string_view status) {
  if (status == "UP") return "api-up";
  if (status == "DEGRADED") return "api-degraded";
  if (status == "DOWN") return "api-down";
  return "api-nodata";
}

void WriteMinutes(JsonWriter& json, const Range& range, const std::vector<model::Sample>& samples) {
  auto next = samples.begin();
  int64_t index = 0;
  json.BeginObject();
  for (Timestamp minute = range.from; minute <= range.to; minute += Minutes(1)) {
    while (next != samples.end() && next->at < minute) ++next;
    const bool known = next != samples.end() && next->at == minute;
    const std::string_view status = known ? StatusWord(next->status) : "NO_DATA";
    json.Key(std::to_string(ToUnixSeconds(minute))).BeginObject();
    json.Key("timestamp").Int(ToUnixSeconds(minute));
    json.Key("status").String(status);
    json.Key("cssClass").String(CssClass(status));
    json.Key("index").Int(index++);
    json.EndObject();
  }
  json.EndObject();
}

// The incidents that the page names, as far as they concern the monitor.
Status WriteIncidents(JsonWriter& json, const Call& call, const model::Monitor* monitor) {
  json.Key("incidents").BeginList();
  const Value* ids = call.body.Find("incidentIDs");
  const bool asked = monitor != nullptr && ids != nullptr && ids->IsList();
  for (size_t i = 0; asked && i < std::min(ids->AsList().size(), kMaxIds); ++i) {
    const Value& id = ids->AsList()[i];
    if (!id.IsInt()) continue;
    const auto found = call.services.incidents.Get(*call.who, model::IncidentId(id.AsInt()));
    if (!found && found.error().kind != ErrorKind::kNotFound) return found.error();
    if (!found || found->incident.draft || found->incident.closed_at) continue;
    const auto& impacts = found->incident.impacts;
    if (std::any_of(impacts.begin(), impacts.end(),
                    [&](const auto& impact) { return impact.monitor == monitor->id; })) {
      WriteIncident(json, call, found->incident, Style::kV3, true);
    }
  }
  json.EndList();
  return Ok();
}

struct Day {
  std::vector<int64_t> ids;
  model::Status impact = model::Status::kNoData;
};

// Adds the incident to every local day that it touches within the range.
void AddToDays(const model::Incident& incident, const model::Monitor& monitor, const Range& range,
               std::string_view zone, Timestamp now, std::map<int64_t, Day>& days) {
  const Timestamp from = std::max(incident.started_at, range.from);
  const Timestamp to = std::min(incident.ended_at.value_or(now), range.to);
  model::Status impact = model::Status::kNoData;
  for (const model::IncidentImpact& row : incident.impacts) {
    if (row.monitor == monitor.id) impact = row.impact;
  }
  for (CivilDate date = LocalDate(zone, from); from <= to; date = AddDays(date, 1)) {
    const Timestamp begin = StartOfLocalDay(zone, date);
    if (begin > to) break;
    Day& day = days[ToUnixSeconds(begin)];
    day.ids.push_back(incident.id.value());
    if (model::Severity(impact) > model::Severity(day.impact)) day.impact = impact;
  }
}

}  // namespace

Result<std::string> ReadToday(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Range range, ReadRange(call, kLongestBar));
  const Value* given = call.body.Find("monitor");
  if (given == nullptr || !given->IsObject()) return BadRequest("Invalid monitor");
  const service::MonitorPtr monitor = FindPublic(call, given->Find("tag"));
  std::vector<model::Sample> samples;
  if (monitor != nullptr && range.from <= range.to) {
    PHAROS_ASSIGN_OR_RETURN(
        samples, call.services.samples.ReadMinutes(*monitor, range.from, range.to + Seconds(1)));
  }
  std::erase_if(samples, [](const model::Sample& sample) {
    return sample.origin == model::SampleOrigin::kSignal;
  });
  model::StatusCounts counts;
  for (const model::Sample& sample : samples) counts.Add(sample.status);
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("_0Day");
  WriteMinutes(json, range, samples);
  json.Key("uptime").String(UptimeOf(counts, CountsDegradedAsDown(*given)));
  // Version 2 knows neither.
  if (range.has_end) PHAROS_RETURN_IF_ERROR(WriteIncidents(json, call, monitor.get()));
  json.EndObject();
  return out;
}

Result<std::string> ReadAggregate(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Range range, ReadRange(call, kLongestRange));
  const Value* given = call.body.Find("monitor");
  if (given == nullptr || !given->IsObject()) return BadRequest("Invalid monitor");
  model::StatusCounts counts;
  const service::MonitorPtr monitor = FindPublic(call, given->Find("tag"));
  if (monitor != nullptr && range.from < range.to) {
    PHAROS_ASSIGN_OR_RETURN(const service::WindowStats window,
                            call.services.stats.Window(*monitor, range.from, range.to));
    counts = window.counts;
  }
  std::string out;
  JsonWriter(out)
      .BeginObject()
      .Key("uptime")
      .String(UptimeOf(counts, CountsDegradedAsDown(*given)))
      .EndObject();
  return out;
}

Result<std::string> ReadIncidentDays(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Range range, ReadRange(call, kLongestRange));
  const std::string asked_zone = call.body.StringOr("localTz", "UTC");
  const std::string zone = IsTimeZone(asked_zone) ? asked_zone : "UTC";
  const service::MonitorPtr monitor = FindPublic(call, call.body.Find("tag"));
  std::map<int64_t, Day> days;
  if (monitor != nullptr) {
    service::IncidentQuery query;
    query.drafts = false;
    query.started_to = range.to;
    query.monitors = {monitor->id};
    PHAROS_ASSIGN_OR_RETURN(const auto incidents, call.services.incidents.List(*call.who, query));
    for (const model::Incident& incident : incidents) {
      AddToDays(incident, *monitor, range, zone, call.clock.Now(), days);
    }
  }
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  for (const auto& [start, day] : days) {
    json.Key(std::to_string(start)).BeginObject().Key("ids").BeginList();
    for (const int64_t id : day.ids) json.Int(id);
    json.EndList().Key("monitor_impact").String(ImpactWord(day.impact)).EndObject();
  }
  json.EndObject();
  return out;
}

}  // namespace pharos::api::kener_v3
