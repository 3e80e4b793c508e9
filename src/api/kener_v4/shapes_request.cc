#include "api/kener_v4/shapes.h"

namespace pharos::api::kener_v4 {
namespace {

using enum FieldType;

constexpr double kFirstTime = -62'167'219'200;
constexpr double kLastTime = 253'402'300'799;

Field Any(std::string_view name, std::string_view help = {}) {
  return {.name = name, .type = kAny, .help = help};
}

Field Title(std::string_view name, bool required) {
  return {.name = name, .required = required, .min = 1, .max = 255, .any_control = true};
}

Field Instant(std::string_view name, bool required, std::string_view help) {
  return {.name = name,
          .type = kNumber,
          .required = required,
          .min = kFirstTime,
          .max = kLastTime,
          .help = help};
}

constexpr std::string_view kFloored = "Unix seconds; floored to the minute";

const Shape& AffectedBody() {
  static const Shape shape = {
      "AffectedMonitorInput",
      {{.name = "monitor_tag", .required = true, .min = 1},
       Any("impact", "UP, DOWN, DEGRADED or MAINTENANCE; other words only on incidents, inert")}};
  return shape;
}

Field AffectedList() {
  return {.name = "monitors", .type = kList, .max = 10'000, .shape = &AffectedBody()};
}

std::vector<Field> MonitorFields(bool is_new) {
  std::vector<Field> fields;
  if (is_new) fields.push_back({.name = "tag", .required = true, .min = 1, .max = 255});
  fields.push_back(Title("name", is_new));
  for (const std::string_view text : {"description", "image", "category_name", "external_url"}) {
    fields.push_back(Any(text, "a text or null"));
  }
  fields.push_back(Any("cron", "5 or 6 fields, or null: never"));
  fields.push_back({.name = "default_status",
                    .nullable = true,
                    .choices = {"UP", "DOWN", "DEGRADED", "MAINTENANCE", "NO_DATA", "NONE"}});
  fields.push_back({.name = "status", .nullable = true, .choices = {"ACTIVE", "INACTIVE"}});
  fields.push_back(Any("monitor_type",
                       "API, PING, TCP, DNS, NONE, GROUP, SSL, SQL, HEARTBEAT,"
                       " GAMEDIG, GRPC"));
  fields.push_back(Any("type_data", "object, by monitor_type"));
  fields.push_back(Any("is_hidden", "YES or NO"));
  if (is_new) fields.push_back(Any("include_degraded_in_downtime", "YES or NO"));
  fields.push_back(Any("confirmation_threshold", "1 to 60"));
  fields.push_back(Any("monitor_settings_json", "object"));
  fields.push_back({.name = "interval_seconds",
                    .type = kInt,
                    .nullable = true,
                    .min = 1,
                    .max = 2'592'000,
                    .help = "instead of cron"});
  return fields;
}

Field SampleStatus(bool required) {
  return {.name = "status", .required = required, .choices = {"UP", "DOWN", "DEGRADED"}};
}

Field Latency(bool required) {
  return {.name = "latency", .type = kNumber, .required = required, .min = 0, .max = 1e12};
}

std::vector<Field> PageFields(bool is_new) {
  return {{.name = "page_path",
           .required = is_new,
           .max = 255,
           .any_control = true,
           .help = "becomes one segment of a-z, 0-9, _ and -"},
          {.name = "page_title", .required = is_new, .min = 1, .any_control = true},
          {.name = "page_header", .required = is_new, .min = 1, .any_control = true},
          Any("page_subheader", "a text or null"),
          Any("page_logo", "a text or null"),
          Any("monitors", "list of monitor tags; anything else is ignored"),
          {.name = "page_settings", .type = kObject, .shape = &PageSettingsShape(false)}};
}

}  // namespace

const Shape& MonitorBody() {
  static const Shape shape = {"MonitorInput", MonitorFields(true)};
  return shape;
}

const Shape& MonitorChangeBody() {
  static const Shape shape = {"MonitorChange", MonitorFields(false)};
  return shape;
}

const Shape& RangeBody() {
  constexpr double kLastDate = 8.64e12;
  static const Shape shape = {
      "DataRangeInput",
      {{.name = "start_ts", .type = kNumber, .required = true, .min = -kLastDate, .max = kLastDate},
       {.name = "end_ts", .type = kNumber, .required = true, .min = -kLastDate, .max = kLastDate},
       SampleStatus(true),
       Latency(true),
       {.name = "deviation", .type = kNumber, .nullable = true, .min = 0, .max = 1e12}}};
  return shape;
}

const Shape& PointBody() {
  static const Shape shape = {"DataPointInput", {SampleStatus(false), Latency(false)}};
  return shape;
}

const Shape& IncidentBody() {
  static const Shape shape = {"IncidentInput",
                              {Title("title", true), Instant("start_date_time", true, kFloored),
                               Any("end_date_time", "Unix seconds or null"), AffectedList()}};
  return shape;
}

const Shape& IncidentChangeBody() {
  static const Shape shape = {"IncidentChange",
                              {Any("title", "kept as sent"), Any("start_date_time", kFloored),
                               Any("end_date_time", "Unix seconds or null"), AffectedList()}};
  return shape;
}

const Shape& CommentBody() {
  static const Shape shape = {
      "CommentInput",
      {{.name = "comment", .required = true, .min = 1, .any_control = true, .help = "Markdown"},
       {.name = "timestamp",
        .type = kNumber,
        .nullable = true,
        .min = kFirstTime,
        .max = kLastTime,
        .help = kFloored},
       {.name = "state",
        .required = true,
        .choices = {"INVESTIGATING", "IDENTIFIED", "MONITORING", "RESOLVED"}}}};
  return shape;
}

const Shape& CommentChangeBody() {
  static const Shape shape = {
      "CommentChange",
      {Any("comment", "kept as sent"),
       {.name = "state", .choices = {"INVESTIGATING", "IDENTIFIED", "MONITORING", "RESOLVED"}},
       Any("timestamp", kFloored)}};
  return shape;
}

const Shape& MaintenanceBody() {
  static const Shape shape = {
      "MaintenanceInput",
      {Title("title", true),
       Any("description", "a text or null"),
       Instant("start_date_time", true, kFloored),
       {.name = "rrule",
        .required = true,
        .min = 1,
        .max = 500,
        .help = "RFC 5545 rule without RRULE:; FREQ=MINUTELY;COUNT=1 = once"},
       {.name = "duration_seconds",
        .type = kNumber,
        .required = true,
        .min = 0,
        .max = 316'224'000},
       AffectedList()}};
  return shape;
}

const Shape& MaintenanceChangeBody() {
  static const Shape shape = {
      "MaintenanceChange",
      {{.name = "title", .max = 255, .any_control = true},
       Any("description", "a text or null"),
       Any("start_date_time", kFloored),
       {.name = "rrule", .min = 1, .max = 500},
       {.name = "duration_seconds", .type = kNumber, .min = 0, .max = 316'224'000},
       {.name = "status", .choices = {"ACTIVE", "INACTIVE"}},
       AffectedList()}};
  return shape;
}

const Shape& EventChangeBody() {
  static const Shape shape = {"EventChange",
                              {{.name = "status",
                                .choices = {"COMPLETED", "CANCELLED"},
                                .help = "alone; or both times instead"},
                               Instant("start_date_time", false, kFloored),
                               Instant("end_date_time", false, kFloored)}};
  return shape;
}

const Shape& PageBody() {
  static const Shape shape = {"PageInput", PageFields(true)};
  return shape;
}

const Shape& PageChangeBody() {
  static const Shape shape = {"PageChange", PageFields(false)};
  return shape;
}

const Shape& SiteKeyBody() {
  static const Shape shape = {"SiteValue", {{.name = "value", .type = kAny, .required = true}}};
  return shape;
}

}  // namespace pharos::api::kener_v4
