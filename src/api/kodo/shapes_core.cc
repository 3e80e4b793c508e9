#include "api/kodo/shapes_core.h"

#include "api/kodo/words.h"

namespace pharos::api::kodo {
namespace {

using T = FieldType;

constexpr double kMaxInterval = 2'592'000;  // 30 days, kodo.md 11.3
constexpr double kMaxCooldown = 2'592'000;
constexpr double kMaxName = 100;
constexpr double kMaxTitle = 200;
constexpr double kMaxText = 64 * 1024;
constexpr double kMaxServices = 200;

// Fields that several shapes have.
Field Name() { return {.name = "name", .required = true, .min = 1, .max = kMaxName}; }
Field Title() { return {.name = "title", .required = true, .min = 1, .max = kMaxTitle}; }
Field Flag(std::string_view name) { return {.name = name, .type = T::kBool}; }
Field ServiceLink() {
  return {.name = "service_id", .nullable = true, .max = 64, .help = "UUID of a service."};
}
Field Names() {
  return {.name = "services",
          .type = T::kList,
          .max = kMaxServices,
          .element = T::kText,
          .help = "Names or ids; unknown ones are skipped."};
}
Field Channels() {
  return {.name = "notification_channels",
          .type = T::kList,
          .max = 100,
          .element = T::kText,
          .help = "Ids of the channels that tell of this monitor."};
}
Field AlertDays() { return {.name = "alert_days", .type = T::kInt, .min = 1, .max = 365}; }

void AddSafeguards(Shape& shape) {
  shape.fields.push_back(
      {.name = "consecutive_failure_threshold", .type = T::kInt, .min = 1, .max = 20});
  shape.fields.push_back(
      {.name = "incident_cooldown_seconds", .type = T::kInt, .min = 0, .max = kMaxCooldown});
  shape.fields.push_back({.name = "incident_severity", .nullable = true, .choices = kSeverities});
}

Shape MakeUptimeBody() {
  Shape shape = {
      .name = "KodoUptimeMonitorInput",
      .fields = {Name(),
                 {.name = "url", .required = true, .min = 1, .max = 2048},
                 {.name = "interval_seconds",
                  .type = T::kInt,
                  .min = 60,
                  .max = 1800,
                  .help = "60, 300, 600, 900 or 1800."},
                 ServiceLink(),
                 {.name = "expected_status_code",
                  .type = T::kInt,
                  .nullable = true,
                  .min = 100,
                  .max = 599,
                  .help = "Absent or null: any 2xx."},
                 {.name = "timeout_ms", .type = T::kInt, .min = 1000, .max = 60000},
                 Flag("follow_redirects"),
                 {.name = "headers", .type = T::kObject},
                 {.name = "degraded_threshold_ms",
                  .type = T::kInt,
                  .nullable = true,
                  .min = 1,
                  .max = 120000},
                 Flag("enabled")},
  };
  AddSafeguards(shape);
  return shape;
}

Shape MakeHeartbeatBody() {
  Shape shape = {
      .name = "KodoHeartbeatMonitorInput",
      .fields = {Name(),
                 {.name = "slug", .max = 63},
                 {.name = "interval_seconds", .type = T::kInt, .min = 30, .max = kMaxInterval},
                 {.name = "grace_multiplier", .type = T::kNumber, .min = 1, .max = 10},
                 {.name = "grace_seconds",
                  .type = T::kInt,
                  .nullable = true,
                  .min = 0,
                  .max = kMaxInterval,
                  .help = "Replaces the multiplier."},
                 ServiceLink(),
                 Flag("enabled"),
                 {.name = "public_ping",
                  .type = T::kBool,
                  .help = "POST without a key counts, for old clients."},
                 {.name = "accept_get_ping",
                  .type = T::kBool,
                  .help = "GET counts as a ping instead of a read."}},
  };
  AddSafeguards(shape);
  return shape;
}

Shape MakeMaintenanceBody() {
  Shape shape = {
      .name = "KodoMaintenanceInput",
      .fields = {Title(), {.name = "description", .nullable = true, .max = kMaxText}, Names()},
  };
  for (const std::string_view name :
       {"scheduled_start", "start_time", "starts_at", "scheduled_end", "end_time", "ends_at"}) {
    shape.fields.push_back({.name = name, .type = T::kTime});
  }
  for (const std::string_view name :
       {"notify_on_schedule", "notify_on_start", "notify_on_complete"}) {
    shape.fields.push_back(Flag(name));
  }
  return shape;
}

}  // namespace

const Shape& ServiceBody() {
  static const Shape shape = {
      .name = "KodoServiceInput",
      .fields = {Name(),
                 {.name = "description", .nullable = true, .max = kMaxText},
                 {.name = "status", .choices = kServiceWords},
                 {.name = "display_order", .type = T::kInt, .min = -1'000'000, .max = 1'000'000},
                 {.name = "group", .nullable = true, .max = kMaxName}},
  };
  return shape;
}

const Shape& IncidentBody() {
  static const Shape shape = {
      .name = "KodoIncidentInput",
      .fields = {Title(),
                 {.name = "status", .choices = kIncidentStates},
                 {.name = "severity", .choices = kSeverities},
                 {.name = "message", .nullable = true, .max = kMaxText},
                 Names(),
                 Flag("notify_subscribers"),
                 {.name = "visibility", .choices = {"public", "draft"}},
                 {.name = "started_at", .type = T::kTime}},
  };
  return shape;
}

const Shape& IncidentChangeBody() {
  static const Shape shape = {
      .name = "KodoIncidentChange",
      .fields = {Title(),
                 {.name = "status", .choices = kIncidentStates},
                 {.name = "severity", .choices = kSeverities},
                 {.name = "message", .nullable = true, .max = kMaxText},
                 Names(),
                 Flag("notify_subscribers")},
  };
  return shape;
}

const Shape& IncidentUpdateBody() {
  static const Shape shape = {
      .name = "KodoIncidentUpdateInput",
      .fields = {{.name = "message", .required = true, .min = 1, .max = kMaxText},
                 {.name = "status", .choices = kIncidentStates},
                 Flag("notify_subscribers")},
  };
  return shape;
}

const Shape& UptimeBody() {
  static const Shape shape = MakeUptimeBody();
  return shape;
}

const Shape& SslBody() {
  static const Shape shape = {
      .name = "KodoSslMonitorInput",
      .fields = {{.name = "domain",
                  .required = true,
                  .min = 1,
                  .max = 253,
                  .help = "Host name without protocol."},
                 {.name = "port", .type = T::kInt, .min = 1, .max = 65535},
                 AlertDays(),
                 ServiceLink(),
                 Channels(),
                 Flag("enabled")},
  };
  return shape;
}

const Shape& SslChangeBody() {
  static const Shape shape = {
      .name = "KodoSslMonitorChange",
      .fields = {AlertDays(), Flag("enabled"), ServiceLink(), Channels()},
  };
  return shape;
}

const Shape& DomainBody() {
  static const Shape shape = {
      .name = "KodoDomainMonitorInput",
      .fields = {{.name = "domain",
                  .required = true,
                  .min = 1,
                  .max = 253,
                  .help = "A registered name: no protocol, no subdomain."},
                 AlertDays(),
                 ServiceLink(),
                 Channels(),
                 Flag("enabled")},
  };
  return shape;
}

const Shape& DomainChangeBody() {
  static const Shape shape = {
      .name = "KodoDomainMonitorChange",
      .fields = {AlertDays(), Flag("enabled"), ServiceLink(), Channels()},
  };
  return shape;
}

const Shape& HeartbeatBody() {
  static const Shape shape = MakeHeartbeatBody();
  return shape;
}

const Shape& PingBody() {
  static const Shape shape = {
      .name = "KodoPing",
      .fields = {{.name = "status", .choices = kMonitorWords},
                 {.name = "response_time_ms", .type = T::kInt, .min = 0, .max = 1e12},
                 {.name = "message", .nullable = true, .max = 1000},
                 {.name = "metrics", .type = T::kObject}},
  };
  return shape;
}

const Shape& MaintenanceBody() {
  static const Shape shape = MakeMaintenanceBody();
  return shape;
}

const Shape& MaintenanceChangeBody() {
  static const Shape shape = [] {
    Shape made = MakeMaintenanceBody();
    made.name = "KodoMaintenanceChange";
    made.fields.push_back({.name = "status", .choices = kMaintenanceStates});
    made.fields.push_back({.name = "message", .nullable = true, .max = kMaxText});
    return made;
  }();
  return shape;
}

const Shape& ConfigBody() {
  static const Shape twilio = {
      .name = "KodoTwilioInput",
      .fields = {{.name = "account_sid", .nullable = true, .max = 200},
                 {.name = "auth_token", .nullable = true, .max = 200},
                 {.name = "phone_number", .nullable = true, .max = 32}},
  };
  static const Shape shape = {
      .name = "KodoConfigInput",
      .fields = {{.name = "organization_name", .min = 1, .max = kMaxName},
                 {.name = "timezone", .min = 1, .max = 64},
                 {.name = "auto_incident_visibility", .choices = {"public", "draft"}},
                 {.name = "auto_publish_minutes",
                  .type = T::kInt,
                  .nullable = true,
                  .min = 1,
                  .max = 10080},
                 {.name = "notification_batch_seconds", .type = T::kInt, .min = 0, .max = 3600},
                 Flag("sms_enabled"),
                 {.name = "twilio", .type = T::kObject, .shape = &twilio},
                 {.name = "twilio.account_sid", .nullable = true, .max = 200},
                 {.name = "twilio.auth_token", .nullable = true, .max = 200},
                 {.name = "twilio.phone_number", .nullable = true, .max = 32},
                 {.name = "beacon_error_threshold", .type = T::kInt, .min = 1, .max = 1'000'000},
                 {.name = "beacon_window_seconds", .type = T::kInt, .min = 10, .max = 86400},
                 {.name = "require_https",
                  .type = T::kBool,
                  .help = "Refuse http:// targets of uptime monitors."}},
  };
  return shape;
}

const Shape& KeyBody() {
  static const Shape shape = {
      .name = "KodoApiKeyInput",
      .fields = {Name(),
                 {.name = "scopes", .type = T::kList, .min = 1, .max = 64, .element = T::kText},
                 {.name = "expires_at", .type = T::kTime, .nullable = true}},
  };
  return shape;
}

const Shape& KeyChangeBody() {
  static const Shape shape = {
      .name = "KodoApiKeyChange",
      .fields = {Flag("enabled"),
                 Name(),
                 {.name = "scopes", .type = T::kList, .min = 1, .max = 64, .element = T::kText},
                 {.name = "expires_at", .type = T::kTime, .nullable = true}},
  };
  return shape;
}

}  // namespace pharos::api::kodo
