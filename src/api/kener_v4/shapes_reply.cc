#include "api/kener_v4/shapes.h"

namespace pharos::api::kener_v4 {
namespace {

using enum FieldType;

Field Is(std::string_view name, FieldType type) {
  return {.name = name, .type = type, .required = true};
}

Field Word(std::string_view name, std::vector<std::string_view> choices) {
  return {.name = name, .required = true, .choices = std::move(choices)};
}

Field TextOrNull(std::string_view name) {
  return {.name = name, .required = true, .nullable = true};
}

Field One(std::string_view name, const Shape& shape) {
  return {.name = name, .type = kObject, .required = true, .shape = &shape};
}

Field Many(std::string_view name, const Shape& shape) {
  return {.name = name, .type = kList, .required = true, .shape = &shape};
}

const std::vector<std::string_view>& States() {
  static const std::vector<std::string_view> words = {"INVESTIGATING", "IDENTIFIED", "MONITORING",
                                                      "RESOLVED"};
  return words;
}

const std::vector<std::string_view>& EventStates() {
  static const std::vector<std::string_view> words = {"SCHEDULED", "READY", "ONGOING", "COMPLETED",
                                                      "CANCELLED"};
  return words;
}

const Shape& ErrorObject() {
  static const Shape shape = {"ErrorObject", {Is("code", kText), Is("message", kText)}, false};
  return shape;
}

const Shape& MonitorObject() {
  static const Shape shape = {
      "Monitor",
      {Is("id", kInt),
       Is("tag", kText),
       Is("name", kText),
       TextOrNull("description"),
       TextOrNull("image"),
       TextOrNull("cron"),
       TextOrNull("default_status"),
       TextOrNull("status"),
       TextOrNull("category_name"),
       TextOrNull("monitor_type"),
       TextOrNull("down_trigger"),
       TextOrNull("degraded_trigger"),
       Is("type_data", kObject),
       {.name = "day_degraded_minimum_count", .type = kInt, .required = true, .nullable = true},
       {.name = "day_down_minimum_count", .type = kInt, .required = true, .nullable = true},
       Word("include_degraded_in_downtime", {"YES", "NO"}),
       Is("created_at", kText),
       Is("updated_at", kText),
       Word("is_hidden", {"YES", "NO"}),
       Is("monitor_settings_json", kObject),
       TextOrNull("external_url"),
       Is("confirmation_threshold", kInt)},
      false};
  return shape;
}

const Shape& SampleObject() {
  static const Shape shape = {
      "Sample",
      {Is("monitor_tag", kText), Is("timestamp", kUnixTime),
       Word("status", {"UP", "DOWN", "DEGRADED", "MAINTENANCE", "NO_DATA"}), Is("latency", kNumber),
       Word("type", {"REALTIME", "TIMEOUT", "ERROR", "DEFAULT", "MANUAL", "INCIDENT", "MAINTENANCE",
                     "SIGNAL"})},
      false};
  return shape;
}

const Shape& AffectedObject() {
  static const Shape shape = {
      "AffectedMonitor", {Is("monitor_tag", kText), Is("impact", kText)}, false};
  return shape;
}

std::vector<Field> IncidentFields(bool with_type) {
  std::vector<Field> fields = {
      Is("id", kInt),
      Is("title", kText),
      Is("start_date_time", kUnixTime),
      {.name = "end_date_time", .type = kUnixTime, .required = true, .nullable = true},
      Word("state", States())};
  if (with_type) fields.push_back(Word("incident_type", {"INCIDENT", "MAINTENANCE"}));
  fields.push_back(Word("incident_source", {"API", "DASHBOARD", "ALERT"}));
  fields.push_back(Many("monitors", AffectedObject()));
  fields.push_back(Is("created_at", kTime));
  fields.push_back(Is("updated_at", kTime));
  fields.push_back(Is("url", kText));
  return fields;
}

const Shape& IncidentObject() {
  static const Shape shape = {"Incident", IncidentFields(true), false};
  return shape;
}

const Shape& ListedIncident() {
  static const Shape shape = {"ListedIncident", IncidentFields(false), false};
  return shape;
}

const Shape& CommentObject() {
  static const Shape shape = {
      "Comment",
      {Is("id", kInt), Is("incident_id", kInt), Is("comment", kText), Is("timestamp", kUnixTime),
       Word("state", States()), Is("created_at", kTime), Is("updated_at", kTime)},
      false};
  return shape;
}

const Shape& MaintenanceObject() {
  static const Shape shape = {
      "Maintenance",
      {Is("id", kInt), Is("title", kText), TextOrNull("description"),
       Is("start_date_time", kUnixTime), Is("rrule", kText), Is("duration_seconds", kNumber),
       Word("status", {"ACTIVE", "INACTIVE"}), Many("monitors", AffectedObject()),
       Is("created_at", kTime), Is("updated_at", kTime), Is("url", kText)},
      false};
  return shape;
}

const Shape& EventObject() {
  static const Shape shape = {
      "MaintenanceEvent",
      {Is("id", kInt), Is("maintenance_id", kInt), Is("start_date_time", kNumber),
       Is("end_date_time", kNumber), Word("status", EventStates()), Is("created_at", kTime),
       Is("updated_at", kTime), Is("url", kText)},
      false};
  return shape;
}

const Shape& DetailedEvent() {
  static const Shape shape = {
      "DetailedMaintenanceEvent",
      {Is("maintenance_id", kInt), Is("event_id", kInt), Is("event_start_date_time", kNumber),
       Is("event_end_date_time", kNumber), Word("event_status", EventStates()),
       Is("maintenance_title", kText), TextOrNull("maintenance_description"),
       Word("maintenance_status", {"ACTIVE", "INACTIVE"}), Is("maintenance_rrule", kText),
       Is("maintenance_duration_seconds", kNumber), Many("monitors", AffectedObject()),
       Is("url", kText)},
      false};
  return shape;
}

const Shape& PageMonitor() {
  static const Shape shape = {
      "PageMonitor", {Is("monitor_tag", kText), Is("position", kInt)}, false};
  return shape;
}

const Shape& PageObject() {
  static const Shape shape = {
      "Page",
      {Is("id", kInt), Is("page_path", kText), Is("page_title", kText), Is("page_header", kText),
       TextOrNull("page_subheader"), TextOrNull("page_logo"),
       One("page_settings", PageSettingsShape(true)), Many("monitors", PageMonitor()),
       Is("created_at", kTime), Is("updated_at", kTime)},
      false};
  return shape;
}

const Shape& SiteEntryObject() {
  static const Shape shape = {"SiteEntry",
                              {Is("key", kText),
                               {.name = "value", .type = kAny, .required = true},
                               Word("data_type", {"string", "object", "number"})},
                              false};
  return shape;
}

}  // namespace

const Shape& ErrorReply() {
  static const Shape shape = {"Error", {One("error", ErrorObject())}, false};
  return shape;
}

const Shape& PushErrorReply() {
  static const Shape shape = {
      "PushError", {{.name = "error"}, {.name = "message", .help = "unknown paths"}}, false};
  return shape;
}

const Shape& MessageShape() {
  static const Shape shape = {"Message", {Is("message", kText)}, false};
  return shape;
}

const Shape& MonitorReply() {
  static const Shape shape = {"MonitorReply", {One("monitor", MonitorObject())}, false};
  return shape;
}

const Shape& MonitorListReply() {
  static const Shape shape = {"MonitorListReply", {Many("monitors", MonitorObject())}, false};
  return shape;
}

const Shape& SampleReply() {
  static const Shape shape = {"SampleReply", {One("data", SampleObject())}, false};
  return shape;
}

const Shape& SampleListReply() {
  static const Shape shape = {"SampleListReply", {Many("data", SampleObject())}, false};
  return shape;
}

const Shape& RangeReply() {
  static const Shape shape = {
      "DataRangeReply", {Is("message", kText), Is("updated_count", kInt)}, false};
  return shape;
}

const Shape& IncidentReply() {
  static const Shape shape = {"IncidentReply", {One("incident", IncidentObject())}, false};
  return shape;
}

const Shape& IncidentListReply() {
  static const Shape shape = {"IncidentListReply", {Many("incidents", ListedIncident())}, false};
  return shape;
}

const Shape& CommentReply() {
  static const Shape shape = {"CommentReply", {One("comment", CommentObject())}, false};
  return shape;
}

const Shape& CommentListReply() {
  static const Shape shape = {"CommentListReply", {Many("comments", CommentObject())}, false};
  return shape;
}

const Shape& MaintenanceReply() {
  static const Shape shape = {"MaintenanceReply", {One("maintenance", MaintenanceObject())}, false};
  return shape;
}

const Shape& MaintenanceListReply() {
  static const Shape shape = {
      "MaintenanceListReply", {Many("maintenances", MaintenanceObject())}, false};
  return shape;
}

const Shape& EventReply() {
  static const Shape shape = {"EventReply", {One("event", EventObject())}, false};
  return shape;
}

const Shape& EventListReply() {
  static const Shape shape = {"EventListReply",
                              {Many("events", EventObject()), Is("page", kInt), Is("limit", kInt)},
                              false};
  return shape;
}

const Shape& DetailedEventListReply() {
  static const Shape shape = {
      "DetailedEventListReply",
      {Many("events", DetailedEvent()), Is("page", kInt), Is("limit", kInt), Is("total", kInt)},
      false};
  return shape;
}

const Shape& PageReply() {
  static const Shape shape = {"PageReply", {One("page", PageObject())}, false};
  return shape;
}

const Shape& PageListReply() {
  static const Shape shape = {"PageListReply", {Many("pages", PageObject())}, false};
  return shape;
}

const Shape& SiteKeyReply() { return SiteEntryObject(); }

const Shape& SiteListReply() {
  static const Shape shape = {"SiteListReply", {Many("site_data", SiteEntryObject())}, false};
  return shape;
}

const Shape& PushReply() {
  static const Shape shape = {"PushReply", {Word("status", {"OK"})}, false};
  return shape;
}

}  // namespace pharos::api::kener_v4
