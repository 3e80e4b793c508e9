#include "api/kener_classic/monitors.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/body_values.h"
#include "api/kener/requests.h"
#include "api/kener_classic/envelope.h"
#include "api/kener_classic/monitor_decode.h"
#include "api/kener_classic/monitor_view.h"
#include "api/kener_classic/words.h"
#include "api/notes.h"
#include "base/json.h"
#include "base/text.h"
#include "service/stats.h"

namespace pharos::api::kener_classic {
namespace {

constexpr int64_t kMaxPoints = 10'000;
constexpr Duration kMonth = Days(30);

Error NameTaken(std::string_view name) {
  return Error(ErrorKind::kConflict,
               "A monitor with the name '" + std::string(name) + "' already exists");
}

// ?status= and ?type=.
struct Filter {
  static Result<Filter> Read(const Parameters& parameters) {
    Filter filter;
    if (const std::string* status = http::FindParameter(parameters, "status")) {
      filter.status = AsciiLower(*status);
      if (std::find(kStatusWords.begin(), kStatusWords.end(), filter.status) ==
          kStatusWords.end()) {
        return BadField("status",
                        "must be one of: up, down, degraded, maintenance, paused, pending");
      }
    }
    if (const std::string* type = http::FindParameter(parameters, "type")) {
      filter.kind = std::string(KindOfType(*type));
      if (filter.kind.empty()) return BadField("type", "must be one of: API, PING, TCP, DNS, SSL");
    }
    return filter;
  }

  bool Takes(const Call& call, const model::Monitor& monitor) const {
    if (!kind.empty() && monitor.kind != kind) return false;
    return status.empty() ||
           ShownStatus(monitor, call.services.monitors.StateOf(monitor)) == status;
  }

  std::string status;
  std::string kind;
};

Result<std::string> PrintOne(const Call& call, const model::Monitor& monitor) {
  const Timestamp now = call.clock.Now();
  service::StatsService& stats = call.services.stats;
  MonitorFigures figures;
  PHAROS_ASSIGN_OR_RETURN(const service::WindowStats day,
                          stats.Window(monitor, now - Days(1), now));
  PHAROS_ASSIGN_OR_RETURN(const service::WindowStats week,
                          stats.Window(monitor, now - Days(7), now));
  PHAROS_ASSIGN_OR_RETURN(const service::WindowStats month,
                          stats.Window(monitor, now - kMonth, now));
  figures.day = day.uptime;
  figures.week = week.uptime;
  figures.month = month.uptime;
  if (day.latency.count > 0) figures.average_ms = day.latency.Average();
  std::string data;
  JsonWriter json(data);
  WriteMonitor(json, monitor, call.services.monitors.StateOf(monitor), figures, now);
  return data;
}

std::string PrintState(const model::Monitor& monitor, std::string_view status,
                       std::string_view message) {
  std::string data;
  JsonWriter json(data);
  json.BeginObject();
  json.Key("id").String(MonitorIdText(monitor.id)).Key("status").String(status);
  json.EndObject();
  return Success(data, message);
}

Error NoSuchMonitor(const Call& call) {
  return Error(ErrorKind::kNotFound,
               "Monitor '" + std::string(call.params.Find("monitor_id")) + "' not found");
}

// A refusal of the service in this dialect's words.
Error FromService(const Call& call, Error error) {
  if (error.kind == ErrorKind::kNotFound) return NoSuchMonitor(call);
  return InOurWords(std::move(error));
}

// Runs `change` on the monitor of the path.
Result<service::MonitorPtr> Change(Call& call, const service::MonitorService::Change& change) {
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr monitor, FindMonitor(call));
  Result<service::MonitorPtr> changed =
      call.services.monitors.Update(*call.who, monitor->tag, change);
  if (!changed) return FromService(call, std::move(changed).error());
  return changed;
}

struct HistoryWish {
  Timestamp start, end;
  std::string resolution = "hour";
  service::Resolution step = service::Resolution::kHour;
  Duration width = Hours(1);
};

Status ReadResolution(const Parameters& parameters, HistoryWish& wish) {
  const std::string* word = http::FindParameter(parameters, "resolution");
  if (word == nullptr || *word == "hour") return Ok();
  if (*word == "minute") {
    wish.step = service::Resolution::kMinute;
    wish.width = Minutes(1);
  } else if (*word == "day") {
    wish.step = service::Resolution::kDay;
    wish.width = Days(1);
  } else {
    return BadField("resolution", "must be one of: minute, hour, day");
  }
  wish.resolution = *word;
  return Ok();
}

Result<HistoryWish> ReadHistoryWish(const Call& call) {
  const Parameters parameters = http::ParseQuery(call.request.query);
  HistoryWish wish;
  PHAROS_RETURN_IF_ERROR(ReadResolution(parameters, wish));
  const auto read = [&](std::string_view name, Timestamp fallback) -> Result<Timestamp> {
    const std::string* text = http::FindParameter(parameters, name);
    if (text == nullptr) return fallback;
    const Result<Timestamp> at = ParseIso(*text);
    if (!at) return BadField(name, "must be an ISO 8601 time");
    return at;
  };
  PHAROS_ASSIGN_OR_RETURN(wish.end, read("end", FloorTo(call.clock.Now(), Seconds(1))));
  PHAROS_ASSIGN_OR_RETURN(wish.start, read("start", wish.end - Days(1)));
  if (wish.start >= wish.end) return BadField("start", "must be before end");
  if ((wish.end - wish.start) / wish.width >= kMaxPoints) {
    const bool minutes = wish.step == service::Resolution::kMinute;
    return BadField("resolution", std::string("must be coarser for so long a time: use ") +
                                      (minutes ? "hour or day" : "day, or a shorter time"));
  }
  return wish;
}

// Up and degraded of what was seen at all, as WindowStats says it.
std::optional<double> UptimeOf(const model::StatusCounts& counts) {
  const uint32_t good = counts.Of(model::Status::kUp) + counts.Of(model::Status::kDegraded);
  const uint32_t all =
      good + counts.Of(model::Status::kPartialOutage) + counts.Of(model::Status::kDown);
  if (all == 0) return std::nullopt;
  return 100.0 * good / all;
}

std::string PrintHistory(const model::Monitor& monitor, const HistoryWish& wish,
                         const std::vector<service::HistoryPoint>& points) {
  std::string data;
  JsonWriter json(data);
  json.BeginObject();
  json.Key("id").String(MonitorIdText(monitor.id));
  json.Key("resolution").String(wish.resolution);
  PutSecondOrNull(json, "start", UnlessNever(wish.start));
  PutSecondOrNull(json, "end", UnlessNever(wish.end));
  json.Key("history").BeginList();
  for (const service::HistoryPoint& point : points) {
    if (point.worst == model::Status::kNoData) continue;
    json.BeginObject();
    PutSecondOrNull(json, "timestamp", UnlessNever(point.start));
    json.Key("status").String(StatusWord(point.worst));
    json.Key("uptime");
    WriteNumber(json, UptimeOf(point.counts));
    json.Key("responseTime");
    WriteNumber(json,
                point.latency.count > 0 ? std::optional(point.latency.Average()) : std::nullopt);
    json.EndObject();
  }
  json.EndList().EndObject();
  return data;
}

}  // namespace

service::MonitorPtr FindMonitorByText(const Call& call, std::string_view text) {
  service::MonitorService& monitors = call.services.monitors;
  if (service::MonitorPtr found = monitors.FindByTag(*call.who, text)) return found;
  const std::optional<model::MonitorId> id = ParseMonitorIdText(text);
  return id ? monitors.FindById(*call.who, *id) : nullptr;
}

Result<service::MonitorPtr> FindMonitor(const Call& call) {
  const auto text = PercentDecode(call.params.Find("monitor_id"));
  if (service::MonitorPtr found = text ? FindMonitorByText(call, *text) : nullptr) return found;
  return NoSuchMonitor(call);
}

Result<std::string> ListMonitors(Call& call) {
  const Parameters parameters = http::ParseQuery(call.request.query);
  PHAROS_ASSIGN_OR_RETURN(const PageWish wish, ReadPageWish(parameters));
  PHAROS_ASSIGN_OR_RETURN(const Filter filter, Filter::Read(parameters));
  std::vector<service::MonitorPtr> found = call.services.monitors.List(*call.who);
  std::erase_if(found, [&](const auto& monitor) { return !filter.Takes(call, *monitor); });
  std::reverse(found.begin(), found.end());  // oldest first
  const auto total = static_cast<int64_t>(found.size());
  const int64_t from = std::min(wish.offset(), total);
  const int64_t to = std::min(from + wish.limit, total);
  const std::vector<service::MonitorPtr> page(found.begin() + from, found.begin() + to);
  const Timestamp now = call.clock.Now();
  PHAROS_ASSIGN_OR_RETURN(const std::vector<service::WindowStats> month,
                          call.services.stats.Windows(page, now - kMonth, now));
  std::string data;
  JsonWriter json(data);
  json.BeginObject().Key("monitors").BeginList();
  for (size_t i = 0; i < page.size(); ++i) {
    WriteMonitorRow(json, *page[i], call.services.monitors.StateOf(*page[i]), month[i].uptime);
  }
  json.EndList().Key("pagination").BeginObject();
  json.Key("page").Int(wish.page).Key("limit").Int(wish.limit).Key("total").Int(total);
  json.EndObject().EndObject();
  return Success(data);
}

Result<std::string> GetMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr monitor, FindMonitor(call));
  PHAROS_ASSIGN_OR_RETURN(const std::string data, PrintOne(call, *monitor));
  return Success(data);
}

Result<std::string> CreateMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(model::Monitor draft,
                          DecodeNewMonitor(call.body, call.services.monitors.probes()));
  draft.name = std::string(Trim(draft.name));
  if (kener::IsNameTaken(call, draft.name, {})) return NameTaken(draft.name);
  const std::string name = draft.name;
  draft.tag = call.services.monitors.FreeTag(*call.who, name);
  Result<service::MonitorPtr> made = call.services.monitors.Create(*call.who, std::move(draft));
  if (!made) {
    // The tag follows from the name, so a tag that went meanwhile is a name that went.
    if (made.error().kind == ErrorKind::kConflict) return NameTaken(name);
    return InOurWords(std::move(made).error());
  }
  const model::Monitor& monitor = **made;
  std::string data;
  JsonWriter json(data);
  json.BeginObject();
  json.Key("id").String(MonitorIdText(monitor.id));
  json.Key("name").String(monitor.name);
  json.Key("type").String(TypeWord(monitor.kind));
  json.Key("status").String(StatusWord(model::Status::kNoData));
  PutSecondOrNull(json, "createdAt", UnlessNever(monitor.created_at));
  json.EndObject();
  return Success(data, "Monitor created successfully");
}

Result<std::string> UpdateMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr standing, FindMonitor(call));
  const std::string name(Trim(call.body.StringOr("name", standing->name)));
  if (name != standing->name && kener::IsNameTaken(call, name, standing->id))
    return NameTaken(name);
  const auto change = [&](model::Monitor& monitor) {
    return ApplyMonitorEdit(call.body, call.services.monitors.probes(), monitor);
  };
  // Says what is wrong with the body before anything is asked of the store.
  model::Monitor trial = *standing;
  PHAROS_RETURN_IF_ERROR(change(trial));
  if (call.body.AsObject().empty()) {
    PHAROS_ASSIGN_OR_RETURN(const std::string same, PrintOne(call, *standing));
    return Success(same, "Monitor updated successfully");
  }
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr changed, Change(call, change));
  PHAROS_ASSIGN_OR_RETURN(const std::string data, PrintOne(call, *changed));
  return Success(data, "Monitor updated successfully");
}

Result<std::string> DeleteMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr monitor, FindMonitor(call));
  if (Status gone = call.services.monitors.Delete(*call.who, monitor->tag); !gone) {
    return FromService(call, std::move(gone).error());
  }
  std::string data;
  JsonWriter(data).BeginObject().Key("id").String(MonitorIdText(monitor->id)).EndObject();
  return Success(data, "Monitor deleted successfully");
}

Result<std::string> PauseMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(service::MonitorPtr monitor, FindMonitor(call));
  if (monitor->active) {
    PHAROS_ASSIGN_OR_RETURN(monitor, Change(call, [](model::Monitor& stored) {
                              stored.active = false;
                              return Ok();
                            }));
  }
  return PrintState(*monitor, "paused", "Monitor paused");
}

Result<std::string> ResumeMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(service::MonitorPtr monitor, FindMonitor(call));
  if (!monitor->active) {
    const int64_t now = ToUnixMillis(call.clock.Now());
    PHAROS_ASSIGN_OR_RETURN(monitor, Change(call, [now](model::Monitor& stored) {
                              stored.active = true;
                              SetNote(stored.notes, kNotes, "resumed_at_ms", now);
                              return Ok();
                            }));
  }
  return PrintState(*monitor, ShownStatus(*monitor, call.services.monitors.StateOf(*monitor)),
                    "Monitor resumed");
}

Result<std::string> ReadHistory(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr monitor, FindMonitor(call));
  PHAROS_ASSIGN_OR_RETURN(const HistoryWish wish, ReadHistoryWish(call));
  PHAROS_ASSIGN_OR_RETURN(
      const std::vector<service::HistoryPoint> points,
      call.services.stats.History(*monitor, wish.start, wish.end, wish.step, kMaxPoints + 1));
  return Success(PrintHistory(*monitor, wish, points));
}

}  // namespace pharos::api::kener_classic
