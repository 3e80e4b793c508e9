#include "api/kener_v3/shapes.h"

namespace pharos::api::kener_v3 {
namespace {

const std::vector<std::string_view> kStates = {"INVESTIGATING", "IDENTIFIED", "MONITORING",
                                               "RESOLVED"};

Field Text(std::string_view name) { return {.name = name, .nullable = true, .any_control = true}; }
Field Seconds(std::string_view name) {
  return {.name = name, .type = FieldType::kUnixTime, .nullable = true};
}
Field Flag(std::string_view name) {
  return {.name = name, .type = FieldType::kBool, .nullable = true};
}
// What the originals take in more forms than one type can say, or do not look at.
Field Loose(std::string_view name, std::string_view help) {
  return {.name = name, .type = FieldType::kAny, .help = help};
}
Field Word(std::string_view name, std::vector<std::string_view> choices) {
  return {.name = name, .nullable = true, .choices = std::move(choices)};
}

}  // namespace

const Shape& SampleShape() {
  static const Shape shape = {
      .name = "Sample",
      .fields = {{.name = "status", .required = true, .choices = {"UP", "DOWN", "DEGRADED"}},
                 {.name = "latency",
                  .type = FieldType::kAny,
                  .required = true,
                  .help = "milliseconds; a number or a text that is one"},
                 {.name = "tag", .required = true, .min = 1},
                 {.name = "timestampInSeconds",
                  .type = FieldType::kAny,
                  .help = "Unix seconds; now unless given"}}};
  return shape;
}

const Shape& IncidentWriteShape() {
  static const Shape shape = {
      .name = "IncidentWrite",
      .fields = {Loose("title", "required when opened"),
                 Loose("start_date_time", "Unix seconds; required when opened"),
                 Loose("end_date_time", "Unix seconds, not before the start"),
                 Loose("incident_type", "INCIDENT or MAINTENANCE, when opened"),
                 Loose("status", "OPEN or CLOSED, when changed"),
                 Loose("state", "INVESTIGATING, IDENTIFIED, MONITORING or RESOLVED, when changed"),
                 Loose("tags", "version 2, as all below: tags of monitors, at least one"),
                 Loose("impact", "DOWN, DEGRADED or null"), Loose("body", "text"),
                 Loose("startDatetime", "Unix seconds"),
                 Loose("endDatetime", "Unix seconds, after the start"),
                 Loose("isMaintenance", "true or false"), Loose("isIdentified", "true or false"),
                 Loose("isResolved", "true or false")}};
  return shape;
}

const Shape& UpdateWriteShape() {
  static const Shape shape = {
      .name = "IncidentUpdateWrite",
      .fields = {Loose("comment", "text; required when added"),
                 Loose("state", "INVESTIGATING, IDENTIFIED, MONITORING or RESOLVED"),
                 Loose("commented_at", "Unix seconds; now unless given"),
                 Loose("status", "ACTIVE or INACTIVE, when changed")}};
  return shape;
}

const Shape& ImpactWriteShape() {
  static const Shape shape = {
      .name = "ImpactWrite",
      .fields = {
          {.name = "tag", .required = true, .min = 1},
          {.name = "impact", .required = true, .choices = {"DOWN", "DEGRADED", "MAINTENANCE"}}}};
  return shape;
}

const Shape& CommentWriteShape() {
  static const Shape shape = {
      .name = "CommentWrite",
      .fields = {{.name = "body", .required = true, .min = 1, .any_control = true}}};
  return shape;
}

const Shape& StatusWriteShape() {
  static const Shape shape = {
      .name = "StatusWrite",
      .fields = {Flag("isIdentified"), Flag("isResolved"), Seconds("endDatetime")}};
  return shape;
}

const Shape& MonitorRowShape() {
  static const Shape shape = {
      .name = "MonitorRow",
      .fields = {Loose("id", "must be empty when created"),
                 {.name = "tag", .required = true, .min = 1, .max = 255},
                 {.name = "name", .required = true, .min = 1, .max = 255, .any_control = true},
                 Text("description"),
                 Text("image"),
                 Loose("cron", "expression"),
                 Word("default_status", {"UP", "DOWN", "DEGRADED", "NONE"}),
                 {.name = "status", .choices = {"ACTIVE", "INACTIVE"}},
                 Text("category_name"),
                 {.name = "monitor_type", .min = 1, .help = "API, PING, TCP, DNS, SSL, GROUP, ..."},
                 Loose("down_trigger", "never written"),
                 Loose("degraded_trigger", "never written"),
                 Loose("type_data", "JSON text of an object"),
                 Loose("day_degraded_minimum_count", "0 to 1440"),
                 Loose("day_down_minimum_count", "0 to 1440"),
                 {.name = "include_degraded_in_downtime", .choices = {"YES", "NO"}},
                 Loose("created_at", "never written"),
                 Loose("updated_at", "never written")}};
  return shape;
}

const Shape& TodayAskShape() {
  static const Shape shape = {
      .name = "TodayAsk",
      .fields = {{.name = "monitor",
                  .type = FieldType::kObject,
                  .required = true,
                  .help = "tag, and whether degraded counts as down"},
                 Loose("startTs", "Unix seconds; required"),
                 Loose("endTs", "Unix seconds; a day after the start unless given"),
                 Loose("localTz", "IANA name"),
                 Loose("incidentIDs", "numbers of incidents to show")}};
  return shape;
}

const Shape& DaysAskShape() {
  static const Shape shape = {
      .name = "IncidentDaysAsk",
      .fields = {Loose("tag", "of a monitor"), Loose("startTs", "Unix seconds; required"),
                 Loose("endTs", "Unix seconds; a day after the start unless given"),
                 Loose("localTz", "IANA name; UTC unless given")}};
  return shape;
}

const Shape& FailureShape() {
  static const Shape shape = {
      .name = "Failure",
      .fields = {{.name = "error", .required = true}, {.name = "status", .type = FieldType::kInt}}};
  return shape;
}

const Shape& PushedShape() {
  static const Shape shape = {
      .name = "Pushed",
      .fields = {{.name = "status", .type = FieldType::kInt, .required = true},
                 {.name = "message", .required = true}}};
  return shape;
}

const Shape& StatusShape() {
  static const Shape shape = {
      .name = "Status",
      .fields = {{.name = "status", .type = FieldType::kAny, .required = true},
                 {.name = "error", .help = "with status 400, although the answer is a success"},
                 {.name = "uptime"},
                 Seconds("last_updated_at"),
                 Seconds("lastUpdatedAt")}};
  return shape;
}

const Shape& HeartbeatShape() {
  static const Shape shape = {.name = "Heartbeat",
                              .fields = {{.name = "status", .required = true, .choices = {"OK"}}}};
  return shape;
}

const Shape& IncidentShape() {
  static const Shape shape = {
      .name = "Incident",
      .fields = {{.name = "id", .type = FieldType::kInt},
                 {.name = "title", .required = true},
                 Seconds("start_date_time"),
                 Seconds("end_date_time"),
                 {.name = "created_at"},
                 {.name = "updated_at"},
                 {.name = "status", .choices = {"OPEN", "CLOSED"}},
                 {.name = "state", .choices = kStates},
                 {.name = "incident_type", .choices = {"INCIDENT", "MAINTENANCE"}},
                 {.name = "incident_source", .choices = {"API", "DASHBOARD", "ALERT"}},
                 {.name = "incidentNumber", .type = FieldType::kInt},
                 {.name = "tags", .type = FieldType::kList},
                 Word("impact", {"DOWN", "DEGRADED"}),
                 {.name = "body"},
                 Seconds("createdAt"),
                 Seconds("closedAt"),
                 Seconds("startDatetime"),
                 Seconds("endDatetime"),
                 {.name = "isMaintenance", .type = FieldType::kBool},
                 {.name = "isIdentified", .type = FieldType::kBool},
                 {.name = "isResolved", .type = FieldType::kBool}}};
  return shape;
}

const Shape& UpdateShape() {
  static const Shape shape = {
      .name = "IncidentUpdate",
      .fields = {{.name = "id", .type = FieldType::kInt, .required = true},
                 {.name = "comment", .required = true},
                 {.name = "incident_id", .type = FieldType::kInt, .required = true},
                 {.name = "commented_at", .type = FieldType::kUnixTime, .required = true},
                 {.name = "created_at", .required = true},
                 {.name = "updated_at", .required = true},
                 {.name = "status", .required = true, .choices = {"ACTIVE", "INACTIVE"}},
                 {.name = "state", .required = true, .choices = kStates}}};
  return shape;
}

const Shape& ImpactShape() {
  static const Shape shape = {.name = "Impact",
                              .fields = {{.name = "monitor_tag", .required = true},
                                         {.name = "monitor_impact",
                                          .required = true,
                                          .choices = {"DOWN", "DEGRADED", "MAINTENANCE"}}}};
  return shape;
}

const Shape& CommentShape() {
  static const Shape shape = {
      .name = "Comment",
      .fields = {{.name = "commentID", .type = FieldType::kInt, .required = true},
                 {.name = "body", .required = true},
                 {.name = "createdAt", .type = FieldType::kUnixTime, .required = true}}};
  return shape;
}

const Shape& TodayShape() {
  static const Shape shape = {
      .name = "Today",
      .fields = {{.name = "_0Day",
                  .type = FieldType::kObject,
                  .required = true,
                  .help = "by minute: timestamp, status, cssClass, index"},
                 {.name = "uptime", .required = true},
                 {.name = "incidents", .type = FieldType::kList, .shape = &IncidentShape()}}};
  return shape;
}

const Shape& AggregateShape() {
  static const Shape shape = {.name = "Aggregate",
                              .fields = {{.name = "uptime", .required = true}}};
  return shape;
}

const Shape& NothingShape() {
  static const Shape shape = {.name = "Nothing", .fields = {}};
  return shape;
}

}  // namespace pharos::api::kener_v3
