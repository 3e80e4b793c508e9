#include "api/kodo/shapes_core.h"
#include "api/kodo/words.h"

namespace pharos::api::kodo {
namespace {

using T = FieldType;

Field Text(std::string_view name) { return {.name = name, .required = true}; }
Field MaybeText(std::string_view name) {
  return {.name = name, .required = true, .nullable = true};
}
Field Time(std::string_view name) { return {.name = name, .type = T::kTime, .required = true}; }
Field MaybeTime(std::string_view name) {
  return {.name = name, .type = T::kTime, .required = true, .nullable = true};
}
Field Int(std::string_view name) { return {.name = name, .type = T::kInt, .required = true}; }
Field MaybeInt(std::string_view name) {
  return {.name = name, .type = T::kInt, .required = true, .nullable = true};
}
Field Flag(std::string_view name) { return {.name = name, .type = T::kBool, .required = true}; }
Field Optional(Field field) {
  field.required = false;
  return field;
}
Field Texts(std::string_view name) {
  return {.name = name, .type = T::kList, .required = true, .element = T::kText};
}
Field ListOf(std::string_view name, const Shape& shape) {
  return {.name = name, .type = T::kList, .required = true, .max = 100'000, .shape = &shape};
}
Field Part(std::string_view name, const Shape& shape) {
  return {.name = name, .type = T::kObject, .required = true, .shape = &shape};
}
Field Word(std::string_view name, std::vector<std::string_view> choices) {
  return {.name = name, .required = true, .choices = std::move(choices)};
}
// Of monitors: "pending" while nothing is known.
Field MonitorStatus() { return Word("status", {"up", "down", "degraded", "pending"}); }
Field ExpiryStatus() { return Word("status", {"ok", "warning", "critical", "error"}); }

void AddSafeguards(Shape& shape) {
  shape.fields.push_back(Optional(Int("consecutive_failure_threshold")));
  shape.fields.push_back(Optional(Int("incident_cooldown_seconds")));
  shape.fields.push_back({.name = "incident_severity", .nullable = true, .choices = kSeverities});
}

Shape MakeUptimeReply() {
  static const Shape check = {
      .name = "KodoRecentCheck",
      .fields = {MonitorStatus(), MaybeInt("response_time_ms"), Time("checked_at")},
  };
  Shape shape = {
      .name = "KodoUptimeMonitor",
      .fields = {Text("id"),
                 Text("name"),
                 Text("url"),
                 Int("interval_seconds"),
                 Flag("enabled"),
                 MonitorStatus(),
                 MaybeTime("last_checked_at"),
                 MaybeText("service_id"),
                 {.name = "uptime_percentage", .type = T::kNumber, .min = 0, .max = 100},
                 Optional(MaybeInt("avg_response_time_ms")),
                 Optional(ListOf("recent_checks", check)),
                 Optional(Int("expected_status_code")),
                 Optional(Int("timeout_ms")),
                 {.name = "follow_redirects", .type = T::kBool},
                 {.name = "headers", .type = T::kObject}},
  };
  AddSafeguards(shape);
  shape.fields.push_back(Optional(MaybeInt("degraded_threshold_ms")));
  shape.fields.push_back(Optional(Time("created_at")));
  shape.fields.push_back(Optional(Time("updated_at")));
  return shape;
}

Shape MakeHeartbeatReply() {
  Shape shape = {
      .name = "KodoHeartbeatMonitor",
      .fields = {Text("id"),
                 Text("name"),
                 Text("slug"),
                 MonitorStatus(),
                 MaybeTime("last_ping"),
                 Int("interval_seconds"),
                 {.name = "grace_multiplier", .type = T::kNumber, .required = true},
                 MaybeInt("grace_seconds"),
                 MaybeTime("next_expected_at"),
                 Flag("late"),
                 MaybeText("service_id"),
                 Flag("enabled"),
                 Flag("public_ping"),
                 Flag("accept_get_ping")},
  };
  AddSafeguards(shape);
  shape.fields.push_back(Time("created_at"));
  shape.fields.push_back(Time("updated_at"));
  return shape;
}

const Shape& CertificateShape() {
  static const Shape shape = {
      .name = "KodoCertificate",
      .fields = {MaybeText("issuer"), MaybeText("subject"), MaybeTime("valid_from"),
                 MaybeTime("valid_to"), MaybeInt("days_until_expiry"), Flag("is_valid"),
                 Optional(MaybeText("serial_number")), Optional(MaybeText("fingerprint")),
                 Optional(Texts("san"))},
  };
  return shape;
}

const Shape& RegistrationShape() {
  static const Shape shape = {
      .name = "KodoRegistration",
      .fields = {MaybeText("registrar"), MaybeTime("created_date"), MaybeTime("expiry_date"),
                 MaybeInt("days_until_expiry"), Texts("nameservers"),
                 Optional(MaybeText("registrar_url")), Optional(MaybeTime("updated_date")),
                 Optional(Texts("status"))},
  };
  return shape;
}

const Shape& ServiceNameShape() {
  static const Shape shape = {.name = "KodoServiceName", .fields = {Text("id"), Text("name")}};
  return shape;
}

}  // namespace

const Shape& SuccessReply() {
  static const Shape shape = {.name = "KodoSuccess", .fields = {Flag("success")}};
  return shape;
}

const Shape& ServiceReply() {
  static const Shape shape = {
      .name = "KodoService",
      .fields = {Text("id"), Text("name"), MaybeText("description"), Word("status", kServiceWords),
                 Int("display_order"), MaybeText("group"), Time("created_at"), Time("updated_at")},
  };
  return shape;
}

const Shape& ServiceListReply() {
  static const Shape shape = {.name = "KodoServiceList",
                              .fields = {ListOf("services", ServiceReply())}};
  return shape;
}

const Shape& IncidentUpdateReply() {
  static const Shape shape = {
      .name = "KodoIncidentUpdate",
      .fields = {Text("id"), Word("status", kIncidentStates), Text("message"), Time("created_at")},
  };
  return shape;
}

const Shape& IncidentReply() {
  static const Shape shape = {
      .name = "KodoIncident",
      .fields = {Text("id"), Text("title"), Word("status", kIncidentStates),
                 Word("severity", kSeverities), Time("started_at"), MaybeTime("resolved_at"),
                 Time("created_at"), Time("updated_at"), ListOf("services", ServiceNameShape()),
                 ListOf("updates", IncidentUpdateReply()), Word("visibility", {"public", "draft"}),
                 Text("source"), MaybeText("monitor_id"), MaybeText("message")},
  };
  return shape;
}

const Shape& IncidentListReply() {
  static const Shape shape = {.name = "KodoIncidentList",
                              .fields = {ListOf("incidents", IncidentReply())}};
  return shape;
}

const Shape& UptimeReply() {
  static const Shape shape = MakeUptimeReply();
  return shape;
}

const Shape& UptimeListReply() {
  static const Shape shape = {.name = "KodoUptimeMonitorList",
                              .fields = {ListOf("monitors", UptimeReply())}};
  return shape;
}

const Shape& UptimeCheckReply() {
  static const Shape shape = {
      .name = "KodoUptimeCheck",
      .fields = {MonitorStatus(), MaybeInt("response_time_ms"), MaybeInt("status_code"),
                 MaybeText("error"), Time("checked_at")},
  };
  return shape;
}

const Shape& SslReply() {
  static const Shape check = {
      .name = "KodoSslHistory",
      .fields = {Time("checked_at"), MaybeInt("days_until_expiry"), Flag("is_valid")},
  };
  static const Shape shape = {
      .name = "KodoSslMonitor",
      .fields = {Text("id"),
                 Text("domain"),
                 Int("port"),
                 Int("alert_days"),
                 Flag("enabled"),
                 MaybeTime("last_checked_at"),
                 {.name = "certificate",
                  .type = T::kObject,
                  .required = true,
                  .nullable = true,
                  .shape = &CertificateShape()},
                 MaybeText("service_id"),
                 Time("created_at"),
                 Time("updated_at"),
                 Optional(ListOf("check_history", check))},
  };
  return shape;
}

const Shape& SslListReply() {
  static const Shape shape = {.name = "KodoSslMonitorList",
                              .fields = {ListOf("ssl_monitors", SslReply())}};
  return shape;
}

const Shape& SslCheckReply() {
  static const Shape shape = {
      .name = "KodoSslCheck",
      .fields = {ExpiryStatus(), MaybeInt("days_until_expiry"), MaybeTime("valid_to"),
                 MaybeText("issuer"), MaybeText("subject"), MaybeText("error"),
                 Int("response_time_ms")},
  };
  return shape;
}

const Shape& DomainReply() {
  static const Shape check = {
      .name = "KodoDomainHistory",
      .fields = {Time("checked_at"), MaybeInt("days_until_expiry")},
  };
  static const Shape shape = {
      .name = "KodoDomainMonitor",
      .fields = {Text("id"),
                 Text("domain"),
                 Int("alert_days"),
                 Flag("enabled"),
                 MaybeTime("last_checked_at"),
                 {.name = "registration",
                  .type = T::kObject,
                  .required = true,
                  .nullable = true,
                  .shape = &RegistrationShape()},
                 MaybeText("service_id"),
                 Time("created_at"),
                 Time("updated_at"),
                 Optional(ListOf("check_history", check))},
  };
  return shape;
}

const Shape& DomainListReply() {
  static const Shape shape = {.name = "KodoDomainMonitorList",
                              .fields = {ListOf("domain_monitors", DomainReply())}};
  return shape;
}

const Shape& DomainCheckReply() {
  static const Shape shape = {
      .name = "KodoDomainCheck",
      .fields = {ExpiryStatus(), MaybeInt("days_until_expiry"), MaybeTime("expires_on"),
                 MaybeText("registrar"), Texts("name_servers"), MaybeText("error")},
  };
  return shape;
}

const Shape& HeartbeatReply() {
  static const Shape shape = MakeHeartbeatReply();
  return shape;
}

const Shape& HeartbeatListReply() {
  static const Shape shape = {.name = "KodoHeartbeatMonitorList",
                              .fields = {ListOf("heartbeat_monitors", HeartbeatReply())}};
  return shape;
}

const Shape& PingReply() {
  static const Shape shape = {
      .name = "KodoPingRecorded",
      .fields = {Flag("success"), Time("recorded_at"),
                 Word("monitor_status", {"up", "down", "degraded"})},
  };
  return shape;
}

const Shape& PingStatusReply() {
  // Two forms: the status, or what a ping answers where GET counts as one.
  static const Shape shape = {
      .name = "KodoHeartbeatStatus",
      .fields = {Optional(MonitorStatus()), Optional(MaybeTime("last_ping")),
                 Optional(Int("expected_interval_seconds")),
                 Optional({.name = "grace_multiplier", .type = T::kNumber}),
                 Optional(MaybeTime("next_expected_at")), Optional(Flag("late")),
                 Optional(Flag("success")), Optional(Time("recorded_at")),
                 Optional(Word("monitor_status", {"up", "down", "degraded"}))},
  };
  return shape;
}

const Shape& MaintenanceReply() {
  static const Shape shape = {
      .name = "KodoMaintenance",
      .fields = {Text("id"), Text("title"), MaybeText("description"),
                 Word("status", kMaintenanceStates), Time("scheduled_start"), Time("scheduled_end"),
                 ListOf("services", ServiceNameShape()), Flag("notify_on_schedule"),
                 Flag("notify_on_start"), Flag("notify_on_complete"), MaybeText("message"),
                 Time("created_at"), Time("updated_at")},
  };
  return shape;
}

const Shape& MaintenanceListReply() {
  static const Shape shape = {.name = "KodoMaintenanceList",
                              .fields = {ListOf("maintenances", MaintenanceReply()),
                                         ListOf("maintenance", MaintenanceReply())}};
  return shape;
}

const Shape& ConfigReply() {
  static const Shape twilio = {
      .name = "KodoTwilio",
      .fields = {MaybeText("account_sid"), MaybeText("phone_number")},
  };
  static const Shape config = {
      .name = "KodoConfig",
      .fields = {Text("organization_name"), Text("timezone"),
                 Word("auto_incident_visibility", {"public", "draft"}),
                 MaybeInt("auto_publish_minutes"), Int("notification_batch_seconds"),
                 Flag("sms_enabled"), Part("twilio", twilio), Int("beacon_error_threshold"),
                 Int("beacon_window_seconds"), Flag("require_https")},
  };
  static const Shape shape = {.name = "KodoConfigReply", .fields = {Part("config", config)}};
  return shape;
}

const Shape& OrganizationReply() {
  static const Shape organization = {
      .name = "KodoOrganization",
      .fields = {Text("id"), Text("name"), Text("slug"), Text("plan"), Time("created_at")},
  };
  static const Shape shape = {.name = "KodoOrganizationReply",
                              .fields = {Part("organization", organization)}};
  return shape;
}

const Shape& AuditLogReply() {
  static const Shape entry = {
      .name = "KodoAuditEntry",
      .fields = {Text("id"),
                 Word("actor_type", {"user", "api_key", "system"}),
                 MaybeText("actor_id"),
                 Text("actor_label"),
                 Text("action"),
                 Text("resource_type"),
                 MaybeText("resource_id"),
                 {.name = "changes", .type = T::kObject, .required = true, .nullable = true},
                 {.name = "metadata", .type = T::kObject, .required = true},
                 Time("created_at")},
  };
  static const Shape shape = {
      .name = "KodoAuditLog",
      .fields = {ListOf("entries", entry), Int("total"), Int("limit"), Int("offset")},
  };
  return shape;
}

const Shape& KeyReply() {
  static const Shape shape = {
      .name = "KodoApiKey",
      .fields = {Text("id"), Text("name"), Optional(Text("key")), Text("key_prefix"),
                 Texts("scopes"), Flag("enabled"), MaybeTime("expires_at"),
                 MaybeTime("last_used_at"), Time("created_at")},
  };
  return shape;
}

const Shape& KeyListReply() {
  static const Shape shape = {.name = "KodoApiKeyList", .fields = {ListOf("api_keys", KeyReply())}};
  return shape;
}

}  // namespace pharos::api::kodo
