#include "api/kener_classic/shapes.h"

#include "api/kener_classic/words.h"

namespace pharos::api::kener_classic {
namespace {

const std::vector<std::string_view> kMethods = {"GET",    "POST", "PUT",    "PATCH",
                                                "DELETE", "HEAD", "OPTIONS"};
const std::vector<std::string_view> kRecords = {"A",   "AAAA", "CNAME", "MX", "NS",
                                                "TXT", "SOA",  "SRV",   "CAA"};

// {"success":true,"data":<data>}, and "message" where something was changed.
Shape Envelope(std::string_view name, const Shape& data) {
  return {.name = name,
          .fields = {{.name = "success", .type = FieldType::kBool, .required = true},
                     {.name = "data", .type = FieldType::kObject, .required = true, .shape = &data},
                     {.name = "message"}}};
}

Field Required(std::string_view name, FieldType type = FieldType::kText) {
  return {.name = name, .type = type, .required = true};
}

Field Nullable(std::string_view name, FieldType type) {
  return {.name = name, .type = type, .required = true, .nullable = true};
}

const Shape& PaginationShape() {
  static const Shape shape = {
      .name = "Pagination",
      .fields = {Required("page", FieldType::kInt), Required("limit", FieldType::kInt),
                 Required("total", FieldType::kInt)}};
  return shape;
}

// A list under its own name, beside "pagination".
Shape PageOf(std::string_view name, std::string_view list, const Shape& element) {
  return {.name = name,
          .fields = {{.name = list, .type = FieldType::kList, .required = true, .shape = &element},
                     {.name = "pagination",
                      .type = FieldType::kObject,
                      .required = true,
                      .shape = &PaginationShape()}}};
}

std::vector<Field> TargetFields() {
  return {{.name = "url"},
          {.name = "method"},
          {.name = "expectedStatusCode", .type = FieldType::kInt},
          {.name = "headers", .type = FieldType::kObject},
          {.name = "body", .nullable = true},
          {.name = "host"},
          {.name = "port", .type = FieldType::kInt},
          {.name = "recordType"}};
}

const Shape& MonitorRowShape() {
  static const Shape shape = {
      .name = "MonitorRow",
      .fields = {Required("id"),
                 Required("name"),
                 Required("type"),
                 {.name = "url"},
                 {.name = "host"},
                 {.name = "port", .type = FieldType::kInt},
                 {.name = "status", .required = true, .choices = kStatusWords},
                 Nullable("uptime", FieldType::kNumber),
                 Nullable("lastChecked", FieldType::kTime)}};
  return shape;
}

const Shape& UptimeShape() {
  static const Shape shape = {
      .name = "Uptime",
      .fields = {Nullable("day", FieldType::kNumber), Nullable("week", FieldType::kNumber),
                 Nullable("month", FieldType::kNumber)}};
  return shape;
}

const Shape& ResponseTimeShape() {
  static const Shape shape = {
      .name = "ResponseTime",
      .fields = {Nullable("current", FieldType::kNumber), Nullable("average", FieldType::kNumber)}};
  return shape;
}

const Shape& MonitorDataShape() {
  static const Shape shape = [] {
    Shape made = {.name = "Monitor",
                  .fields = {Required("id"), Required("name"), Required("type")}};
    for (Field& field : TargetFields()) made.fields.push_back(std::move(field));
    const std::vector<Field> rest = {
        Nullable("interval", FieldType::kInt),
        {.name = "timeout", .type = FieldType::kInt},
        {.name = "retries", .type = FieldType::kInt},
        {.name = "status", .required = true, .choices = kStatusWords},
        {.name = "uptime", .type = FieldType::kObject, .required = true, .shape = &UptimeShape()},
        {.name = "responseTime",
         .type = FieldType::kObject,
         .required = true,
         .shape = &ResponseTimeShape()},
        Nullable("lastChecked", FieldType::kTime),
        Required("createdAt", FieldType::kTime)};
    made.fields.insert(made.fields.end(), rest.begin(), rest.end());
    return made;
  }();
  return shape;
}

const Shape& UpdateDataShape() {
  static const Shape shape = {
      .name = "IncidentUpdate",
      .fields = {Required("id", FieldType::kInt),
                 {.name = "incidentId", .type = FieldType::kInt},
                 {.name = "status", .required = true, .choices = kIncidentWords},
                 Required("message"),
                 Required("createdAt", FieldType::kTime)}};
  return shape;
}

std::vector<Field> IncidentFields() {
  return {Required("id", FieldType::kInt),
          Required("title"),
          Required("status"),  // "scheduled" for a maintenance
          {.name = "impact", .required = true, .choices = kImpactWords},
          Nullable("message", FieldType::kText),
          {.name = "monitors", .type = FieldType::kList, .required = true},
          Required("createdAt", FieldType::kTime),
          Required("updatedAt", FieldType::kTime),
          Nullable("resolvedAt", FieldType::kTime)};
}

const Shape& IncidentRowShape() {
  static const Shape shape = {.name = "IncidentRow", .fields = IncidentFields()};
  return shape;
}

const Shape& IncidentDataShape() {
  static const Shape shape = [] {
    Shape made = {.name = "Incident", .fields = IncidentFields()};
    made.fields.push_back({.name = "scheduledStart", .type = FieldType::kTime});
    made.fields.push_back({.name = "scheduledEnd", .type = FieldType::kTime});
    made.fields.push_back({.name = "updates",
                           .type = FieldType::kList,
                           .required = true,
                           .shape = &UpdateDataShape()});
    return made;
  }();
  return shape;
}

// What was made may be a maintenance.
const Shape& MadeIncidentDataShape() {
  static const Shape shape = [] {
    Shape made = IncidentDataShape();
    made.name = "MadeIncident";
    made.fields.front() = {.name = "id",
                           .type = FieldType::kAny,
                           .required = true,
                           .help = "a number; the text mnt_... of a maintenance"};
    return made;
  }();
  return shape;
}

const Shape& DeletedTextIdShape() {
  static const Shape shape = {.name = "DeletedMonitor", .fields = {Required("id")}};
  return shape;
}

const Shape& DeletedNumberIdShape() {
  static const Shape shape = {.name = "DeletedIncident",
                              .fields = {Required("id", FieldType::kInt)}};
  return shape;
}

}  // namespace

const Shape& NewMonitorShape() {
  static const Shape shape = {
      .name = "NewMonitor",
      .fields = {
          {.name = "name", .required = true, .min = 1, .max = 255},
          {.name = "type", .required = true, .choices = kTypeWords},
          {.name = "url", .min = 1, .max = 2048, .help = "http or https; required for API"},
          {.name = "method", .choices = kMethods, .help = "API; GET unless given"},
          {.name = "expectedStatusCode",
           .type = FieldType::kInt,
           .min = 100,
           .max = 599,
           .help = "API; 200 unless given"},
          {.name = "headers", .type = FieldType::kObject, .help = "API; names and texts"},
          {.name = "body", .nullable = true, .any_control = true, .help = "API"},
          {.name = "host", .min = 1, .max = 253, .help = "required for all but API"},
          {.name = "port",
           .type = FieldType::kInt,
           .min = 1,
           .max = 65535,
           .help = "required for TCP; 443 for SSL unless given"},
          {.name = "recordType", .choices = kRecords, .help = "DNS; A unless given"},
          {.name = "interval",
           .type = FieldType::kInt,
           .min = kMinInterval,
           .max = kMaxInterval,
           .help = "seconds between checks; 60 unless given"},
          {.name = "timeout",
           .type = FieldType::kInt,
           .min = 100,
           .max = 60000,
           .help = "milliseconds; 10000 unless given"},
          {.name = "retries",
           .type = FieldType::kInt,
           .min = 0,
           .max = 5,
           .help = "attempts more before a check counts as failed; 3 unless given"},
      }};
  return shape;
}

const Shape& NewIncidentShape() {
  static const Shape shape = {
      .name = "NewIncident",
      .fields = {
          {.name = "title", .required = true, .min = 1, .max = 255},
          {.name = "status", .choices = kIncidentWords, .help = "investigating unless given"},
          {.name = "impact", .choices = kImpactWords, .help = "minor unless given"},
          {.name = "message", .nullable = true, .help = "becomes the first update"},
          {.name = "monitors", .type = FieldType::kList, .help = "ids of the affected monitors"},
          {.name = "affectedMonitors", .type = FieldType::kList, .help = "the same as monitors"},
          {.name = "scheduledStart",
           .type = FieldType::kTime,
           .help = "with scheduledEnd: a maintenance instead of an incident"},
          {.name = "scheduledEnd", .type = FieldType::kTime},
      }};
  return shape;
}

const Shape& IncidentEditShape() {
  static const Shape shape = {
      .name = "IncidentEdit",
      .fields = {
          {.name = "title", .min = 1, .max = 255},
          {.name = "status", .choices = kIncidentWords},
          {.name = "impact", .choices = kImpactWords},
          {.name = "message", .min = 1, .help = "appended as an update"},
          {.name = "monitors", .type = FieldType::kList, .help = "ids of the affected monitors"},
          {.name = "affectedMonitors", .type = FieldType::kList, .help = "the same as monitors"},
      }};
  return shape;
}

const Shape& NewUpdateShape() {
  static const Shape shape = {
      .name = "NewIncidentUpdate",
      .fields = {{.name = "message", .required = true, .min = 1},
                 {.name = "status", .choices = kIncidentWords, .help = "unchanged unless given"}}};
  return shape;
}

const Shape& FailureShape() {
  static const Shape error = {
      .name = "Error",
      .fields = {
          Required("code"), Required("message"), {.name = "details", .type = FieldType::kObject}}};
  static const Shape shape = {
      .name = "Failure",
      .fields = {Required("success", FieldType::kBool),
                 {.name = "error", .type = FieldType::kObject, .required = true, .shape = &error}}};
  return shape;
}

const Shape& MeShape() {
  static const Shape data = {.name = "Me",
                             .fields = {Required("key_name"),
                                        Required("permissions", FieldType::kList),
                                        Required("created_at", FieldType::kTime),
                                        {.name = "expires_at", .type = FieldType::kTime}}};
  static const Shape shape = Envelope("MeAnswer", data);
  return shape;
}

const Shape& MonitorListShape() {
  static const Shape data = PageOf("MonitorPage", "monitors", MonitorRowShape());
  static const Shape shape = Envelope("MonitorListAnswer", data);
  return shape;
}

const Shape& MonitorShape() {
  static const Shape shape = Envelope("MonitorAnswer", MonitorDataShape());
  return shape;
}

const Shape& MonitorCreatedShape() {
  static const Shape data = {
      .name = "MonitorCreated",
      .fields = {Required("id"), Required("name"), Required("type"), Required("status"),
                 Required("createdAt", FieldType::kTime)}};
  static const Shape shape = Envelope("MonitorCreatedAnswer", data);
  return shape;
}

const Shape& MonitorStateShape() {
  static const Shape data = {.name = "MonitorState",
                             .fields = {Required("id"), Required("status")}};
  static const Shape shape = Envelope("MonitorStateAnswer", data);
  return shape;
}

const Shape& DeletedMonitorShape() {
  static const Shape shape = Envelope("DeletedMonitorAnswer", DeletedTextIdShape());
  return shape;
}

const Shape& DeletedIncidentShape() {
  static const Shape shape = Envelope("DeletedIncidentAnswer", DeletedNumberIdShape());
  return shape;
}

const Shape& HistoryShape() {
  static const Shape point = {.name = "HistoryPoint",
                              .fields = {Required("timestamp", FieldType::kTime),
                                         Required("status"), Nullable("uptime", FieldType::kNumber),
                                         Nullable("responseTime", FieldType::kNumber)}};
  static const Shape data = {
      .name = "History",
      .fields = {Required("id"),
                 Required("resolution"),
                 Required("start", FieldType::kTime),
                 Required("end", FieldType::kTime),
                 {.name = "history", .type = FieldType::kList, .required = true, .shape = &point}}};
  static const Shape shape = Envelope("HistoryAnswer", data);
  return shape;
}

const Shape& IncidentListShape() {
  static const Shape data = PageOf("IncidentPage", "incidents", IncidentRowShape());
  static const Shape shape = Envelope("IncidentListAnswer", data);
  return shape;
}

const Shape& MadeIncidentShape() {
  static const Shape shape = Envelope("MadeIncidentAnswer", MadeIncidentDataShape());
  return shape;
}

const Shape& IncidentShape() {
  static const Shape shape = Envelope("IncidentAnswer", IncidentDataShape());
  return shape;
}

const Shape& UpdateShape() {
  static const Shape shape = Envelope("IncidentUpdateAnswer", UpdateDataShape());
  return shape;
}

const Shape& StatusShape() {
  static const Shape monitor = {.name = "StatusMonitor",
                                .fields = {Required("id"), Required("name"), Required("status"),
                                           Nullable("uptime", FieldType::kNumber)}};
  static const Shape summary = {
      .name = "StatusSummary",
      .fields = {Required("total", FieldType::kInt), Required("up", FieldType::kInt),
                 Required("down", FieldType::kInt), Required("degraded", FieldType::kInt),
                 Required("maintenance", FieldType::kInt)}};
  static const Shape incident = {
      .name = "StatusIncident",
      .fields = {Required("id", FieldType::kInt), Required("title"), Required("status"),
                 Required("impact"), Required("createdAt", FieldType::kTime)}};
  static const Shape data = {
      .name = "Status",
      .fields = {
          {.name = "status",
           .required = true,
           .choices = {"up", "down", "degraded", "maintenance"}},
          {.name = "monitors", .type = FieldType::kList, .required = true, .shape = &monitor},
          {.name = "summary", .type = FieldType::kObject, .required = true, .shape = &summary},
          {.name = "incidents", .type = FieldType::kList, .required = true, .shape = &incident},
          Required("updatedAt", FieldType::kTime)}};
  static const Shape shape = Envelope("StatusAnswer", data);
  return shape;
}

std::vector<Field> MonitorListQuery() {
  return {{.name = "page", .type = FieldType::kInt, .min = 1},
          {.name = "limit", .type = FieldType::kInt, .min = 1, .max = 100},
          {.name = "status", .choices = kStatusWords},
          {.name = "type", .choices = kTypeWords}};
}

std::vector<Field> HistoryQuery() {
  return {
      {.name = "start", .type = FieldType::kTime, .help = "24 hours before end unless given"},
      {.name = "end", .type = FieldType::kTime, .help = "now unless given"},
      {.name = "resolution", .choices = {"minute", "hour", "day"}, .help = "hour unless given"}};
}

std::vector<Field> IncidentListQuery() {
  return {{.name = "page", .type = FieldType::kInt, .min = 1},
          {.name = "limit", .type = FieldType::kInt, .min = 1, .max = 100},
          {.name = "status", .choices = kIncidentWords},
          {.name = "impact", .choices = kImpactWords}};
}

}  // namespace pharos::api::kener_classic
