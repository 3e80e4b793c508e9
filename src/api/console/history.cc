// What is kept of a monitor: single checks, percentiles, days, export, corrections; and how long.
#include <array>
#include <utility>

#include "api/console/envelope.h"
#include "api/console/tables.h"
#include "base/civil.h"
#include "base/text.h"
#include "model/status.h"
#include "service/check_log.h"
#include "service/export.h"
#include "service/retention.h"
#include "service/samples.h"
#include "service/stats.h"

namespace pharos::api::console {
namespace {

using T = FieldType;
using service::MonitorPtr;

constexpr Duration kUsualWindow = Days(90);
constexpr int64_t kUsualChecks = 100;
constexpr int64_t kUsualExport = 10'000;

const std::vector<std::string_view>& StatusWords() {
  static const std::vector<std::string_view> words = [] {
    std::vector<std::string_view> list;
    for (const model::Status status : model::kAllStatuses) {
      list.push_back(model::StatusName(status));
    }
    return list;
  }();
  return words;
}

const Shape& CheckShapeRow() {
  static const Shape shape{
      "Check",
      {{.name = "at", .type = T::kTime, .required = true},
       {.name = "status", .required = true, .choices = StatusWords()},
       {.name = "observed", .required = true, .choices = StatusWords()},
       {.name = "latency_ms", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "code", .type = T::kInt, .required = true},
       {.name = "attempts", .type = T::kInt, .required = true},
       {.name = "receipt", .type = T::kBool, .required = true},
       {.name = "error", .required = true}},
      false};
  return shape;
}

const Shape& ChecksReply() {
  static const Shape shape{
      "Checks",
      {{.name = "items", .type = T::kList, .required = true, .shape = &CheckShapeRow()},
       {.name = "next", .required = true, .nullable = true}},
      false};
  return shape;
}

const Shape& PercentilesReply() {
  static const Shape shape{
      "Percentiles",
      {{.name = "from", .type = T::kTime, .required = true},
       {.name = "to", .type = T::kTime, .required = true},
       {.name = "checks", .type = T::kInt, .required = true},
       {.name = "average_ms", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "min_ms", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "max_ms", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "p50_ms", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "p90_ms", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "p95_ms", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "p99_ms", .type = T::kNumber, .required = true, .nullable = true}},
      false};
  return shape;
}

const Shape& DayRun() {
  static const Shape shape{"DayRun",
                           {{.name = "status", .required = true, .choices = StatusWords()},
                            {.name = "minutes", .type = T::kInt, .required = true}},
                           false};
  return shape;
}

const Shape& DayReply() {
  static const Shape shape{
      "Day",
      {{.name = "start", .type = T::kTime, .required = true},
       {.name = "end", .type = T::kTime, .required = true},
       {.name = "runs",
        .type = T::kList,
        .required = true,
        .shape = &DayRun(),
        .help = "Neighbouring minutes of one status, from the start of the day on."},
       {.name = "counts", .type = T::kObject, .required = true}},
      false};
  return shape;
}

const Shape& EditBody() {
  static const Shape shape{"HistoryEdit",
                           {{.name = "from", .type = T::kTime, .required = true},
                            {.name = "to", .type = T::kTime, .required = true},
                            {.name = "status", .required = true, .choices = StatusWords()},
                            {.name = "latency_ms", .type = T::kNumber, .min = 0, .max = 1e12},
                            {.name = "deviation_ms", .type = T::kNumber, .min = 0, .max = 1e12},
                            {.name = "error", .max = 1'000}},
                           false};
  return shape;
}

const Shape& CountReply() {
  static const Shape shape{
      "HistoryChange", {{.name = "samples", .type = T::kInt, .required = true}}, false};
  return shape;
}

const Shape& RetentionBody() {
  static const Shape shape{"RetentionChange",
                           {{.name = "retention_days",
                             .type = T::kInt,
                             .required = true,
                             .nullable = true,
                             .min = 1,
                             .help = "null: as the operator has set."}},
                           false};
  return shape;
}

const Shape& RetentionReply() {
  static const Shape shape{
      "Retention",
      {{.name = "retention_days", .type = T::kInt, .required = true, .nullable = true},
       {.name = "effective_days", .type = T::kInt, .required = true},
       {.name = "default_days", .type = T::kInt, .required = true},
       {.name = "max_days", .type = T::kInt, .required = true}},
      false};
  return shape;
}

Result<std::optional<Timestamp>> QueryTime(const http::Request& request, std::string_view name) {
  const std::string text = QueryText(request, name);
  if (text.empty()) return std::optional<Timestamp>();
  const auto at = ParseIso(text);
  if (at) return std::optional<Timestamp>(*at);
  return Error::Field(std::string(name), std::string(name) + " must be an ISO 8601 time");
}

Result<std::optional<model::Status>> QueryStatus(std::string_view word) {
  if (word.empty()) return std::optional<model::Status>();
  if (const auto status = model::ParseStatus(word)) return std::optional(*status);
  return Error::Field("status",
                      "status must be one of: up, degraded, partial_outage, down, maintenance, "
                      "no_data");
}

struct Span {
  Timestamp from{};
  Timestamp to{};
};
Result<Span> ReadSpan(const Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto from, QueryTime(call.request, "from"));
  PHAROS_ASSIGN_OR_RETURN(const auto to, QueryTime(call.request, "to"));
  Span span;
  span.to = to.value_or(call.clock.Now());
  span.from = from.value_or(span.to - kUsualWindow);
  if (span.from < span.to) return span;
  return Error::Field("from", "from must be before to");
}

std::vector<Field> WithSpan(std::vector<Field> query) {
  query.push_back({.name = "from", .type = T::kTime});
  query.push_back({.name = "to", .type = T::kTime});
  return query;
}

void PutMs(JsonWriter& json, std::string_view name, double ms, bool is_known) {
  json.Key(name);
  if (is_known) {
    json.Real(ms);
  } else {
    json.Null();
  }
}

void PrintCheck(JsonWriter& json, const model::Sample& check) {
  json.BeginObject();
  PutMillisecond(json, "at", check.at);
  json.Key("status").String(model::StatusName(check.status));
  json.Key("observed").String(model::StatusName(check.observed));
  PutMs(json, "latency_ms", check.latency_ms, check.latency_ms > 0);
  json.Key("code").Int(check.code).Key("attempts").Int(check.attempts);
  json.Key("receipt").Bool(check.origin == model::SampleOrigin::kSignal);
  json.Key("error").String(check.message).EndObject();
}

Result<std::string> ListChecks(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr monitor, FindMonitor(call));
  service::CheckLogQuery query;
  PHAROS_ASSIGN_OR_RETURN(query.from, QueryTime(call.request, "from"));
  PHAROS_ASSIGN_OR_RETURN(query.to, QueryTime(call.request, "to"));
  PHAROS_ASSIGN_OR_RETURN(query.before, QueryTime(call.request, "before"));
  PHAROS_ASSIGN_OR_RETURN(
      query.limit, QueryNumber(call.request, "limit", kUsualChecks, 1, service::kMaxCheckLogPage));
  PHAROS_ASSIGN_OR_RETURN(const auto receipts, QueryFlag(call.request, "receipts"));
  query.with_receipts = receipts.value_or(false);
  query.text = QueryText(call.request, "text");
  const std::string words = QueryText(call.request, "status");
  for (const std::string_view word : Split(words, ',')) {
    PHAROS_ASSIGN_OR_RETURN(const auto status, QueryStatus(word));
    if (status) query.statuses.push_back(*status);
  }
  PHAROS_ASSIGN_OR_RETURN(const auto page, call.services.check_log.Read(*monitor, query));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("items").BeginList();
  for (const model::Sample& check : page.checks) PrintCheck(json, check);
  json.EndList();
  PutMillisecondOrNull(json, "next", page.next);
  json.EndObject();
  return out;
}

Result<std::string> GetPercentiles(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr monitor, FindMonitor(call));
  PHAROS_ASSIGN_OR_RETURN(const Span span, ReadSpan(call));
  constexpr std::array<std::pair<std::string_view, double>, 4> kShares = {
      {{"p50_ms", 0.5}, {"p90_ms", 0.9}, {"p95_ms", 0.95}, {"p99_ms", 0.99}}};
  std::array<double, kShares.size()> shares{};
  for (size_t i = 0; i < kShares.size(); ++i) shares[i] = kShares[i].second;
  const service::StatsService& stats = call.services.stats;
  PHAROS_ASSIGN_OR_RETURN(const auto values,
                          stats.Percentiles(*monitor, span.from, span.to, shares));
  PHAROS_ASSIGN_OR_RETURN(const auto windows, stats.Windows({monitor}, span.from, span.to));
  const service::WindowStats& window = windows.front();
  const bool is_known = window.latency.count > 0;
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutSecond(json, "from", span.from);
  PutSecond(json, "to", span.to);
  json.Key("checks").Int(window.counts.Total());
  PutMs(json, "average_ms", window.latency.Average(), is_known);
  PutMs(json, "min_ms", window.latency.min_ms, is_known);
  PutMs(json, "max_ms", window.latency.max_ms, is_known);
  for (size_t i = 0; i < kShares.size(); ++i) PutMs(json, kShares[i].first, values[i], is_known);
  json.EndObject();
  return out;
}

// "2026-03-04"
std::optional<CivilDate> ParseDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = ParseInt(text.substr(0, 4));
  const auto month = ParseInt(text.substr(5, 2));
  const auto day = ParseInt(text.substr(8, 2));
  if (!year || !month || !day || *year < 1970 || *month < 1 || *month > 12 || *day < 1) {
    return std::nullopt;
  }
  const auto in_month = DaysInMonth(static_cast<int>(*year), static_cast<unsigned>(*month));
  if (*day > in_month) return std::nullopt;
  return CivilDate{static_cast<int>(*year), static_cast<unsigned>(*month),
                   static_cast<unsigned>(*day)};
}

Result<std::string> GetDay(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr monitor, FindMonitor(call));
  const auto date = ParseDate(call.params.Find("date"));
  if (!date) return Error::Field("date", "date must be of the form 2026-03-04");
  std::string zone = QueryText(call.request, "zone");
  if (zone.empty()) zone = "UTC";
  PHAROS_ASSIGN_OR_RETURN(const auto day, call.services.samples.ReadDay(*monitor, zone, *date));
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutSecond(json, "start", day.start);
  PutSecond(json, "end", day.end);
  json.Key("runs").BeginList();
  for (size_t i = 0; i < day.statuses.size();) {
    size_t end = i;
    while (end < day.statuses.size() && day.statuses[end] == day.statuses[i]) ++end;
    json.BeginObject().Key("status").String(model::StatusName(day.statuses[i]));
    json.Key("minutes").Int(static_cast<int64_t>(end - i)).EndObject();
    i = end;
  }
  json.EndList().Key("counts").BeginObject();
  for (const model::Status status : model::kAllStatuses) {
    json.Key(model::StatusName(status)).Int(day.counts.Of(status));
  }
  json.EndObject().EndObject();
  return out;
}

Result<std::string> Export(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr monitor, FindMonitor(call));
  PHAROS_ASSIGN_OR_RETURN(const Span span, ReadSpan(call));
  service::ExportQuery query;
  query.from = span.from;
  query.to = span.to;
  if (const std::string word = QueryText(call.request, "what"); !word.empty()) {
    const auto kind = service::ParseExportKind(word);
    if (!kind) return Error::Field("what", "what must be one of: minutes, checks, transitions");
    query.kind = *kind;
  }
  if (const std::string word = QueryText(call.request, "format"); !word.empty()) {
    const auto format = service::ParseExportFormat(word);
    if (!format) return Error::Field("format", "format must be one of: csv, json");
    query.format = *format;
  }
  PHAROS_ASSIGN_OR_RETURN(const int64_t limit, QueryNumber(call.request, "limit", kUsualExport, 1,
                                                           service::kMaxExportRows));
  PHAROS_ASSIGN_OR_RETURN(service::ExportPart part,
                          call.services.exports.Part(*monitor, query, limit));
  const bool csv = query.format == service::ExportFormat::kCsv;
  if (csv) call.content_type = "text/csv; charset=utf-8; header=present";
  call.headers.push_back({"content-disposition", std::string("attachment; filename=\"history.") +
                                                     (csv ? "csv\"" : "json\"")});
  if (part.next) call.headers.push_back({"x-next-from", FormatIsoMillis(*part.next)});
  return std::move(part.text);
}

std::string PrintCount(int64_t samples) {
  std::string out;
  JsonWriter(out).BeginObject().Key("samples").Int(samples).EndObject();
  return out;
}

Result<std::string> SetHistory(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr monitor, FindMonitor(call));
  PHAROS_RETURN_IF_ERROR(CheckBody(EditBody(), call.body, false));
  service::MinuteEdit edit;
  edit.from = *MillisecondOf(call.body, "from");
  edit.to = *MillisecondOf(call.body, "to");
  edit.status = *model::ParseStatus(*TextOf(call.body, "status"));
  edit.latency_ms = NumberOf(call.body, "latency_ms").value_or(0);
  edit.deviation_ms = NumberOf(call.body, "deviation_ms").value_or(0);
  edit.message = TextOf(call.body, "error").value_or("");
  PHAROS_ASSIGN_OR_RETURN(const int64_t samples,
                          call.services.samples.SetMinutes(*call.who, *monitor, edit));
  return PrintCount(samples);
}

// Whole ranges go, so nothing is assumed about where one begins or ends.
Result<std::string> EraseHistory(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr monitor, FindMonitor(call));
  PHAROS_ASSIGN_OR_RETURN(const auto from, QueryTime(call.request, "from"));
  PHAROS_ASSIGN_OR_RETURN(const auto to, QueryTime(call.request, "to"));
  if (!from) return Error::Field("from", "from is required");
  if (!to) return Error::Field("to", "to is required");
  PHAROS_ASSIGN_OR_RETURN(const auto status, QueryStatus(QueryText(call.request, "status")));
  PHAROS_ASSIGN_OR_RETURN(const int64_t samples,
                          call.services.samples.Erase(*call.who, *monitor, *from, *to, status));
  return PrintCount(samples);
}

std::string PrintRetention(const service::Retention& retention) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("retention_days");
  if (retention.own_days) {
    json.Int(*retention.own_days);
  } else {
    json.Null();
  }
  json.Key("effective_days").Int(retention.days);
  json.Key("default_days").Int(retention.usual_days);
  json.Key("max_days").Int(retention.max_days).EndObject();
  return out;
}

Result<std::string> GetRetention(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto retention, call.services.retention.Get(call.who->org));
  return PrintRetention(retention);
}

Result<std::string> PutRetention(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckBody(RetentionBody(), call.body, false));
  PHAROS_ASSIGN_OR_RETURN(const auto retention, call.services.retention.Put(
                                                    *call.who, IntOf(call.body, "retention_days")));
  return PrintRetention(retention);
}

std::vector<Endpoint> ReadEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/monitors/{tag}/checks",
       .operation = "history.checks",
       .scope = "monitors:read",
       .summary = "Single checks, newest first; go on with before=<next>",
       .query = WithSpan({{.name = "status", .help = "One or more, separated by commas."},
                          {.name = "text", .help = "Part of the error text."},
                          {.name = "receipts", .type = T::kBool},
                          {.name = "limit", .type = T::kInt},
                          {.name = "before", .type = T::kTime}}),
       .response = &ChecksReply(),
       .act = ListChecks},
      {.method = "GET",
       .pattern = "/monitors/{tag}/percentiles",
       .operation = "history.percentiles",
       .scope = "monitors:read",
       .summary = "Latency of a window: percentiles within 2 %, average, least and greatest",
       .query = WithSpan({}),
       .response = &PercentilesReply(),
       .act = GetPercentiles},
      {.method = "GET",
       .pattern = "/monitors/{tag}/days/{date}",
       .operation = "history.day",
       .scope = "monitors:read",
       .summary = "The minutes of one day of a time zone",
       .query = {{.name = "zone", .help = "Such as Europe/Berlin; UTC without."}},
       .response = &DayReply(),
       .act = GetDay},
      {.method = "GET",
       .pattern = "/monitors/{tag}/export",
       .operation = "history.export",
       .scope = "monitors:read",
       .summary =
           "History as CSV or JSON, oldest first; the header X-Next-From begins the next part",
       .query = WithSpan({{.name = "what", .choices = {"minutes", "checks", "transitions"}},
                          {.name = "format", .choices = {"csv", "json"}},
                          {.name = "limit", .type = T::kInt}}),
       .free_response = true,
       .act = Export},
  };
}

}  // namespace

std::vector<Endpoint> HistoryEndpoints() {
  std::vector<Endpoint> rows = ReadEndpoints();
  rows.push_back({.method = "PUT",
                  .pattern = "/monitors/{tag}/history",
                  .operation = "history.set",
                  .scope = "monitors:write",
                  .reads_body = true,
                  .summary = "Set every minute of a past range by hand",
                  .request = &EditBody(),
                  .response = &CountReply(),
                  .act = SetHistory});
  rows.push_back({.method = "DELETE",
                  .pattern = "/monitors/{tag}/history",
                  .operation = "history.erase",
                  .scope = "monitors:write",
                  .summary = "Take away the samples of a range, or only those of one status",
                  .query = WithSpan({{.name = "status", .choices = StatusWords()}}),
                  .response = &CountReply(),
                  .act = EraseHistory});
  rows.push_back({.method = "GET",
                  .pattern = "/retention",
                  .operation = "retention.get",
                  .scope = "config:read",
                  .summary = "How long history is kept",
                  .response = &RetentionReply(),
                  .act = GetRetention});
  rows.push_back({.method = "PUT",
                  .pattern = "/retention",
                  .operation = "retention.set",
                  .scope = "config:write",
                  .reads_body = true,
                  .summary = "Set how long history is kept",
                  .request = &RetentionBody(),
                  .response = &RetentionReply(),
                  .act = PutRetention});
  return rows;
}

}  // namespace pharos::api::console
