#include "api/is0k/shapes.h"

#include <utility>

namespace pharos::api::is0k {
namespace {

using T = FieldType;

constexpr double kMaxName = 100;
constexpr double kMaxUrl = 2048;
constexpr double kMaxHost = 253;
constexpr double kMaxLinks = 1000;

Field Required(Field field) {
  field.required = true;
  return field;
}

Shape Reply(std::string_view name, const Shape& data) {
  return {name,
          {{.name = "data", .type = T::kObject, .required = true, .shape = &data},
           {.name = "error", .type = T::kAny, .required = true, .nullable = true}},
          false};
}

const Shape& Meta() {
  static const Shape shape{"Meta",
                           {{.name = "page", .type = T::kInt, .required = true},
                            {.name = "per_page", .type = T::kInt, .required = true},
                            {.name = "total", .type = T::kInt, .required = true},
                            {.name = "total_pages", .type = T::kInt, .required = true}},
                           false};
  return shape;
}

Shape ListReply(std::string_view name, const Shape& element) {
  return {
      name,
      {{.name = "data", .type = T::kList, .required = true, .max = 1'000'000, .shape = &element},
       {.name = "error", .type = T::kAny, .required = true, .nullable = true},
       {.name = "meta", .type = T::kObject, .shape = &Meta()}},
      false};
}

// Members of a monitor that are written and read.
std::vector<Field> MonitorRows() {
  return {
      {.name = "name", .required = true, .min = 1, .max = kMaxName},
      {.name = "type",
       .required = true,
       .choices = {"http", "tcp", "ping", "dns", "ssl"},
       .help = "Cannot change."},
      {.name = "url", .nullable = true, .min = 1, .max = kMaxUrl},
      {.name = "method", .nullable = true, .choices = {"GET", "POST", "PUT", "HEAD", "OPTIONS"}},
      {.name = "headers", .type = T::kObject, .nullable = true},
      {.name = "body", .nullable = true, .any_control = true},
      {.name = "expected_status", .type = T::kInt, .nullable = true, .min = 100, .max = 599},
      {.name = "keyword", .nullable = true, .max = 1024},
      {.name = "host", .nullable = true, .min = 1, .max = kMaxHost},
      {.name = "port", .type = T::kInt, .nullable = true, .min = 1, .max = 65535},
      {.name = "dns_record_type",
       .nullable = true,
       .choices = {"A", "AAAA", "CNAME", "MX", "NS", "TXT"}},
      {.name = "dns_expected_value", .nullable = true, .max = 1024},
      {.name = "ssl_warning_days", .type = T::kInt, .nullable = true, .min = 1, .max = 365},
      {.name = "interval",
       .type = T::kInt,
       .nullable = true,
       .min = 10,
       .max = 86400,
       .help = "Seconds between two checks; plans may ask for more."},
      {.name = "timeout",
       .type = T::kInt,
       .nullable = true,
       .min = 1,
       .max = 60,
       .help = "Seconds; below the interval."},
      {.name = "retries", .type = T::kInt, .nullable = true, .min = 0, .max = 5},
      {.name = "alert_channel_ids", .type = T::kList, .nullable = true, .max = kMaxLinks},
  };
}

std::vector<Field> WithEvery(std::vector<Field> rows) {
  for (Field& row : rows) row.required = true;
  return rows;
}

const Shape& Monitor() {
  static const Shape shape = [] {
    // What is stored through other dialects may be beyond this one's bounds, and is shown.
    std::vector<Field> rows = WithEvery(MonitorRows());
    for (Field& row : rows) {
      row.min = row.max = std::nullopt;
      if (row.name != "type") row.choices.clear();
    }
    rows.insert(rows.begin(), Field{.name = "id", .required = true});
    rows.push_back({.name = "status",
                    .required = true,
                    .choices = {"pending", "up", "down", "degraded", "paused"}});
    rows.push_back(
        {.name = "last_checked_at", .type = T::kTime, .required = true, .nullable = true});
    rows.push_back(
        {.name = "last_response_time_ms", .type = T::kNumber, .required = true, .nullable = true});
    rows.push_back({.name = "last_error", .required = true, .nullable = true});
    rows.push_back({.name = "created_at", .type = T::kTime, .required = true});
    rows.push_back({.name = "updated_at", .type = T::kTime, .required = true});
    return Shape{"Monitor", std::move(rows), false};
  }();
  return shape;
}

const Shape& Check() {
  static const Shape shape{
      "Check",
      {{.name = "id", .required = true},
       {.name = "status", .required = true, .choices = {"up", "down", "degraded", "pending"}},
       {.name = "checked_at", .type = T::kTime, .required = true},
       {.name = "response_time_ms", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "status_code", .type = T::kInt, .required = true, .nullable = true},
       {.name = "error", .required = true, .nullable = true},
       {.name = "attempts", .type = T::kInt, .required = true},
       {.name = "region", .required = true},
       {.name = "packet_loss", .type = T::kNumber},
       {.name = "rtt_ms", .type = T::kNumber, .nullable = true},
       {.name = "days_remaining", .type = T::kInt},
       {.name = "valid_to", .type = T::kTime, .nullable = true},
       {.name = "resolved_values", .type = T::kList, .nullable = true}},
      false};
  return shape;
}

const Shape& Periods() {
  static const Shape shape{
      "UptimeByPeriod",
      {{.name = "24h", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "7d", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "30d", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "90d", .type = T::kNumber, .required = true, .nullable = true}},
      false};
  return shape;
}

const Shape& ResponseTime() {
  static const Shape shape{
      "ResponseTime",
      {{.name = "avg_ms", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "min_ms", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "max_ms", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "p95_ms", .type = T::kNumber, .required = true, .nullable = true}},
      false};
  return shape;
}

const Shape& CheckCounts() {
  static const Shape shape{"CheckCounts",
                           {{.name = "total", .type = T::kInt, .required = true},
                            {.name = "up", .type = T::kInt, .required = true},
                            {.name = "down", .type = T::kInt, .required = true},
                            {.name = "degraded", .type = T::kInt, .required = true}},
                           false};
  return shape;
}

const Shape& Stats() {
  static const Shape shape{
      "Stats",
      {{.name = "monitor_id", .required = true},
       {.name = "period", .required = true, .choices = {"24h", "7d", "30d", "90d"}},
       {.name = "uptime", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "uptime_by_period", .type = T::kObject, .required = true, .shape = &Periods()},
       {.name = "response_time", .type = T::kObject, .required = true, .shape = &ResponseTime()},
       {.name = "checks", .type = T::kObject, .required = true, .shape = &CheckCounts()},
       {.name = "incidents", .type = T::kInt, .required = true},
       {.name = "downtime_seconds", .type = T::kInt, .required = true},
       {.name = "first_check_at", .type = T::kTime, .required = true, .nullable = true}},
      false};
  return shape;
}

std::vector<Field> ChannelRows() {
  return {
      {.name = "name", .required = true, .min = 1, .max = kMaxName},
      {.name = "type",
       .required = true,
       .choices = {"email", "slack", "discord", "telegram", "webhook", "sms"},
       .help = "Cannot change."},
      {.name = "config", .type = T::kObject, .required = true},
      {.name = "enabled", .type = T::kBool},
      {.name = "monitor_ids", .type = T::kList, .nullable = true, .max = kMaxLinks},
  };
}

const Shape& LastDelivery() {
  static const Shape shape{"LastDelivery",
                           {{.name = "status", .required = true, .choices = {"sent", "failed"}},
                            {.name = "at", .type = T::kTime, .required = true},
                            {.name = "error", .required = true, .nullable = true}},
                           false};
  return shape;
}

const Shape& Channel() {
  static const Shape shape = [] {
    std::vector<Field> rows = WithEvery(ChannelRows());
    // Kinds that other dialects know are shown under their own names.
    for (Field& row : rows) {
      row.min = row.max = std::nullopt;
      row.choices.clear();
    }
    rows.insert(rows.begin(), Field{.name = "id", .required = true});
    rows.push_back(
        {.name = "last_tested_at", .type = T::kTime, .required = true, .nullable = true});
    rows.push_back({.name = "last_delivery",
                    .type = T::kObject,
                    .required = true,
                    .nullable = true,
                    .shape = &LastDelivery()});
    rows.push_back({.name = "created_at", .type = T::kTime, .required = true});
    rows.push_back({.name = "updated_at", .type = T::kTime, .required = true});
    return Shape{"AlertChannel", std::move(rows), false};
  }();
  return shape;
}

const Shape& TestResult() {
  static const Shape shape{
      "AlertChannelTest",
      {{.name = "id", .required = true},
       {.name = "delivered", .type = T::kBool, .required = true},
       {.name = "sent_at", .type = T::kTime, .required = true},
       {.name = "response_status", .type = T::kInt, .required = true, .nullable = true}},
      false};
  return shape;
}

std::vector<Field> PageRows() {
  return {
      {.name = "name", .required = true, .min = 1, .max = kMaxName},
      {.name = "slug",
       .nullable = true,
       .max = 63,
       .help = "Lower-case letters, digits and '-'; made of the name when absent."},
      {.name = "description", .nullable = true, .max = 1000},
      {.name = "custom_domain", .nullable = true, .max = kMaxHost},
      {.name = "visibility", .choices = {"public", "password", "private"}},
      {.name = "logo_url", .nullable = true, .max = kMaxUrl},
      {.name = "accent_color", .max = 7, .help = "#RRGGBB"},
      {.name = "theme", .choices = {"light", "dark", "auto"}},
      {.name = "monitor_ids", .type = T::kList, .nullable = true, .max = kMaxLinks},
      {.name = "show_uptime_days", .type = T::kInt, .min = 1, .max = 365},
      {.name = "show_response_times", .type = T::kBool},
      {.name = "hide_branding", .type = T::kBool},
  };
}

const Shape& Page() {
  static const Shape shape = [] {
    std::vector<Field> rows = WithEvery(PageRows());
    for (Field& row : rows) row.min = row.max = std::nullopt;
    rows.insert(rows.begin(), Field{.name = "id", .required = true});
    rows.push_back({.name = "has_password", .type = T::kBool, .required = true});
    rows.push_back({.name = "url", .required = true});
    rows.push_back({.name = "created_at", .type = T::kTime, .required = true});
    rows.push_back({.name = "updated_at", .type = T::kTime, .required = true});
    return Shape{"StatusPage", std::move(rows), false};
  }();
  return shape;
}

Field StateField() {
  return {.name = "status", .choices = {"investigating", "identified", "monitoring", "resolved"}};
}

std::vector<Field> IncidentRows() {
  return {
      {.name = "title", .required = true, .min = 1, .max = 200},
      StateField(),
      {.name = "severity", .choices = {"minor", "major", "critical"}},
      {.name = "message", .nullable = true, .max = 65536},
      {.name = "monitor_ids", .type = T::kList, .nullable = true, .max = kMaxLinks},
      {.name = "status_page_ids", .type = T::kList, .nullable = true, .max = kMaxLinks},
  };
}

const Shape& Update() {
  static const Shape shape{"IncidentUpdate",
                           {{.name = "id", .required = true},
                            Required(StateField()),
                            {.name = "message", .required = true},
                            {.name = "created_at", .type = T::kTime, .required = true}},
                           false};
  return shape;
}

const Shape& Incident() {
  static const Shape shape = [] {
    std::vector<Field> rows = WithEvery(IncidentRows());
    for (Field& row : rows) row.min = row.max = std::nullopt;
    rows.insert(rows.begin(), Field{.name = "id", .required = true});
    rows.push_back({.name = "source", .required = true, .choices = {"manual", "monitor"}});
    rows.push_back({.name = "started_at", .type = T::kTime, .required = true});
    rows.push_back({.name = "resolved_at", .type = T::kTime, .required = true, .nullable = true});
    rows.push_back({.name = "created_at", .type = T::kTime, .required = true});
    rows.push_back({.name = "updated_at", .type = T::kTime, .required = true});
    rows.push_back({.name = "updates", .type = T::kList, .required = true, .shape = &Update()});
    return Shape{"Incident", std::move(rows), false};
  }();
  return shape;
}

const Shape& DeletedThing() {
  static const Shape shape{
      "Deleted",
      {{.name = "id", .required = true}, {.name = "deleted", .type = T::kBool, .required = true}},
      false};
  return shape;
}

const Shape& FieldProblem() {
  static const Shape shape{
      "FieldProblem",
      {{.name = "field", .required = true}, {.name = "message", .required = true}},
      false};
  return shape;
}

const Shape& Problem() {
  static const Shape shape{"Problem",
                           {{.name = "code", .required = true},
                            {.name = "message", .required = true},
                            {.name = "details", .type = T::kList, .shape = &FieldProblem()}},
                           false};
  return shape;
}

}  // namespace

const Shape& MonitorCreate() {
  static const Shape shape{"MonitorInput", MonitorRows()};
  return shape;
}

const Shape& ChannelCreate() {
  static const Shape shape{"AlertChannelInput", ChannelRows()};
  return shape;
}

const Shape& PageCreate() {
  static const Shape shape = [] {
    std::vector<Field> rows = PageRows();
    rows.push_back({.name = "password", .nullable = true, .max = 1024, .help = "Never shown."});
    return Shape{"StatusPageInput", std::move(rows)};
  }();
  return shape;
}

const Shape& IncidentCreate() {
  static const Shape shape = [] {
    std::vector<Field> rows = IncidentRows();
    rows.push_back({.name = "started_at", .type = T::kTime});
    return Shape{"IncidentInput", std::move(rows)};
  }();
  return shape;
}

const Shape& IncidentChange() {
  static const Shape shape = [] {
    std::vector<Field> rows = IncidentRows();
    rows.push_back({.name = "resolved_at", .type = T::kTime, .nullable = true});
    return Shape{"IncidentChange", std::move(rows)};
  }();
  return shape;
}

const Shape& UpdateCreate() {
  static const Shape shape{
      "IncidentUpdateInput",
      {{.name = "message", .required = true, .min = 1, .max = 65536}, StateField()}};
  return shape;
}

const Shape& MonitorReply() {
  static const Shape shape = Reply("MonitorReply", Monitor());
  return shape;
}

const Shape& MonitorsReply() {
  static const Shape shape = ListReply("MonitorsReply", Monitor());
  return shape;
}

const Shape& ChecksReply() {
  static const Shape shape = ListReply("ChecksReply", Check());
  return shape;
}

const Shape& StatsReply() {
  static const Shape shape = Reply("StatsReply", Stats());
  return shape;
}

const Shape& ChannelReply() {
  static const Shape shape = Reply("AlertChannelReply", Channel());
  return shape;
}

const Shape& ChannelsReply() {
  static const Shape shape = ListReply("AlertChannelsReply", Channel());
  return shape;
}

const Shape& TestReply() {
  static const Shape shape = Reply("AlertChannelTestReply", TestResult());
  return shape;
}

const Shape& PageReply() {
  static const Shape shape = Reply("StatusPageReply", Page());
  return shape;
}

const Shape& PagesReply() {
  static const Shape shape = ListReply("StatusPagesReply", Page());
  return shape;
}

const Shape& IncidentReply() {
  static const Shape shape = Reply("IncidentReply", Incident());
  return shape;
}

const Shape& IncidentsReply() {
  static const Shape shape = ListReply("IncidentsReply", Incident());
  return shape;
}

const Shape& DeletedReply() {
  static const Shape shape = Reply("DeletedReply", DeletedThing());
  return shape;
}

const Shape& ErrorReply() {
  static const Shape shape{
      "ErrorReply",
      {{.name = "data", .type = T::kAny, .required = true, .nullable = true},
       {.name = "error", .type = T::kObject, .required = true, .shape = &Problem()}},
      false};
  return shape;
}

}  // namespace pharos::api::is0k
