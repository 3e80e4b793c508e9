#include "api/kodo/shapes_more.h"

#include <utility>

#include "api/kodo/channel_config.h"
#include "api/kodo/words.h"

namespace pharos::api::kodo {
namespace {

using T = FieldType;

constexpr double kMaxName = 100;
constexpr double kMaxUrl = 2'048;
constexpr double kMaxHtml = 65'536;
constexpr double kMaxServices = 200;

Field Name() { return {.name = "name", .required = true, .min = 1, .max = kMaxName}; }
Field Flag(std::string_view name) { return {.name = name, .type = T::kBool}; }
Field Texts(std::string_view name, double max) {
  return {.name = name, .type = T::kList, .max = max, .element = T::kText};
}
Field Word(std::string_view name, std::vector<std::string_view> choices) {
  return {.name = name, .choices = std::move(choices)};
}
Field Line(std::string_view name, double max) {
  return {.name = name, .nullable = true, .max = max};
}
Field Free(std::string_view name) { return {.name = name, .type = T::kObject}; }

// Formats with texts of their own in kodo.md 14.2 (colours, fonts, markup) are checked behind the
// shape.
std::vector<Field> PageFields() {  // tidy: table
  return {
      {.name = "custom_domain", .nullable = true, .max = 253},
      Line("logo_url", kMaxUrl),
      Line("favicon_url", kMaxUrl),
      {.name = "primary_color", .nullable = true, .help = "#RRGGBB"},
      {.name = "secondary_color", .nullable = true, .help = "#RRGGBB"},
      Line("tagline", 500),
      {.name = "theme_mode", .nullable = true, .choices = {"light", "dark", "system"}},
      {.name = "status_page_theme",
       .nullable = true,
       .choices = {"default", "minimal", "corporate", "neon", "ocean", "sunset"}},
      Line("custom_css", kMaxHtml),
      Line("custom_header_html", kMaxHtml),
      Line("custom_footer_html", kMaxHtml),
      Flag("hide_branding"),
      Word("status_page_visibility", {"public", "private", "internal"}),
      {.name = "status_page_password", .nullable = true, .max = 1024},
      Line("status_page_password_hint", 200),
      Line("announcement_text", 2'000),
      {.name = "announcement_type",
       .nullable = true,
       .choices = {"info", "warning", "critical", "maintenance", "success"}},
      Flag("announcement_enabled"),
      Line("status_page_language", 12),
      {.name = "font_family", .nullable = true},
      Flag("show_subscribe_form"),
      Flag("show_incident_history"),
      Flag("show_uptime_graph"),
      {.name = "header_style", .nullable = true, .choices = {"centered", "left-aligned"}},
      {.name = "border_radius",
       .nullable = true,
       .choices = {"rounded", "sharp", "pill", "none", "sm", "md", "lg"}},
      Line("custom_template", kMaxHtml),
      Flag("is_default"),
      Texts("service_ids", 1'000),
  };
}

Shape MakePageBody(std::string_view name) {
  Shape shape{.name = name, .fields = PageFields()};
  // The format of the slug has a text of its own.
  shape.fields.insert(shape.fields.begin(), {Name(), {.name = "slug", .required = true}});
  return shape;
}

const Shape& PreferencesShape() {
  static const Shape shape = {
      .name = "KodoSubscriberPreferences",
      .fields = {Flag("all_incidents"), Flag("critical_only"), Texts("services", kMaxServices),
                 Flag("resolutions"), Flag("maintenance")},
  };
  return shape;
}

}  // namespace

const Shape& StatusPageBody() {
  static const Shape shape = MakePageBody("KodoStatusPageInput");
  return shape;
}

const Shape& StatusPageChangeBody() {
  static const Shape shape = MakePageBody("KodoStatusPageChange");
  return shape;
}

const Shape& PageServicesBody() {
  static const Shape shape = {
      .name = "KodoPageServicesInput",
      .fields = {{.name = "service_ids",
                  .type = T::kList,
                  .required = true,
                  .max = kMaxServices,
                  .element = T::kText}},
  };
  return shape;
}

const Shape& DesignBody() {
  static const Shape shape = {
      .name = "KodoDesignInput",
      .fields = {{.name = "theme_tokens", .type = T::kObject, .nullable = true},
                 {.name = "layout", .type = T::kObject, .nullable = true},
                 {.name = "template", .nullable = true, .max = kMaxHtml},
                 Word("template_mode", {"default", "custom"}),
                 {.name = "summary", .min = 1, .max = 500}},
  };
  return shape;
}

const Shape& DesignPublishBody() {
  static const Shape shape = {
      .name = "KodoDesignPublish",
      .fields = {{.name = "draft_version_id", .max = 64},
                 {.name = "expected_draft_version_id", .max = 64}},
  };
  return shape;
}

const Shape& ChannelBody() {
  static const Shape shape = {
      .name = "KodoChannelInput",
      .fields = {{.name = "type", .required = true, .choices = kChannelTypes},
                 Name(),
                 {.name = "config", .type = T::kObject, .required = true},
                 Flag("enabled"),
                 Flag("notify_on_incident"),
                 Flag("notify_on_maintenance")},
  };
  return shape;
}

const Shape& ChannelChangeBody() {
  static const Shape shape = {
      .name = "KodoChannelChange",
      .fields = {Name(), Free("config"), Flag("enabled"), Flag("notify_on_incident"),
                 Flag("notify_on_maintenance")},
  };
  return shape;
}

const Shape& WebhookBody() {
  static const Shape shape = {
      .name = "KodoWebhookInput",
      .fields = {Name(),
                 {.name = "url", .required = true, .min = 1, .max = kMaxUrl},
                 Texts("events", 50),
                 Free("headers"),
                 {.name = "secret", .nullable = true, .max = 256},
                 Flag("is_active"),
                 Flag("enabled")},
  };
  return shape;
}

const Shape& WebhookChangeBody() { return WebhookBody(); }

const Shape& BeaconBody() {
  static const Shape shape = {
      .name = "KodoBeaconInput",
      .fields = {{.name = "key", .required = true, .min = 1, .max = 256},
                 {.name = "events",
                  .type = T::kList,
                  .required = true,
                  .max = 100,
                  .element = T::kAny,
                  .help = "Events that are not well-formed are dropped."},
                 {.name = "user", .type = T::kObject, .nullable = true}},
  };
  return shape;
}

const Shape& NameBody() {
  static const Shape shape = {.name = "KodoNameInput", .fields = {Name()}};
  return shape;
}

const Shape& MetricsBody() {
  static const Shape shape = {
      .name = "KodoMetricsInput",
      .fields = {{.name = "api_key", .max = 256},
                 {.name = "service_id", .max = 64},
                 {.name = "service", .max = 256, .help = "Name or id."},
                 {.name = "metrics", .type = T::kObject, .required = true},
                 {.name = "timestamp", .type = T::kTime}},
  };
  return shape;
}

const Shape& MetricsSettingsBody() {
  static const Shape shape = {
      .name = "KodoMetricsSettings",
      .fields = {{.name = "thresholds",
                  .type = T::kObject,
                  .nullable = true,
                  .help = "By metric: {degraded, partial_outage, major_outage}."},
                 Flag("create_incidents")},
  };
  return shape;
}

const Shape& WorkflowBody() {
  static const Shape shape = {
      .name = "KodoWorkflowInput",
      .fields = {Name(),
                 {.name = "description", .nullable = true, .max = 2'000},
                 Flag("enabled"),
                 {.name = "trigger", .required = true, .min = 1, .max = 64},
                 {.name = "interval_seconds", .type = T::kInt, .min = 60, .max = 2'592'000},
                 {.name = "conditions", .type = T::kObject, .nullable = true},
                 {.name = "actions",
                  .type = T::kList,
                  .required = true,
                  .min = 1,
                  .max = 20,
                  .element = T::kObject}},
  };
  return shape;
}

const Shape& AlertBody() {
  static const Shape shape = {
      .name = "KodoAlertInput",
      .fields = {{.name = "title", .required = true, .min = 1, .max = 500},
                 Word("severity", {"critical", "high", "warning", "info"}),
                 {.name = "description", .nullable = true, .max = 8'192},
                 {.name = "service", .nullable = true, .max = 256},
                 {.name = "dedup_key", .nullable = true, .max = 500},
                 Word("status", {"firing", "resolved"}),
                 {.name = "labels", .type = T::kObject, .nullable = true}},
  };
  return shape;
}

const Shape& PolicyBody() {
  static const Shape target = {
      .name = "KodoPolicyTargetInput",
      .fields = {{.name = "type", .required = true, .min = 1, .max = 32},
                 {.name = "id", .max = 320}},
  };
  static const Shape step = {
      .name = "KodoPolicyStepInput",
      .fields = {{.name = "targets",
                  .type = T::kList,
                  .required = true,
                  .min = 1,
                  .max = 20,
                  .shape = &target},
                 {.name = "delay_minutes", .type = T::kInt, .min = 0, .max = 1'440}},
  };
  static const Shape shape = {
      .name = "KodoPolicyInput",
      .fields = {Name(),
                 {.name = "steps",
                  .type = T::kList,
                  .required = true,
                  .min = 1,
                  .max = 20,
                  .shape = &step},
                 {.name = "repeat", .type = T::kInt, .min = 0, .max = 9}},
  };
  return shape;
}

const Shape& ScheduleBody() {
  static const Shape hours = {
      .name = "KodoLayerHours",
      .fields = {{.name = "from", .required = true, .min = 1, .max = 5},
                 {.name = "to", .required = true, .min = 1, .max = 5}},
  };
  static const Shape layer = {
      .name = "KodoScheduleLayerInput",
      .fields = {{.name = "participants",
                  .type = T::kList,
                  .required = true,
                  .min = 1,
                  .max = 100,
                  .element = T::kText},
                 Word("rotation", {"weekly", "daily", "custom"}),
                 {.name = "shift_hours", .type = T::kInt, .min = 1, .max = 8'760},
                 {.name = "handoff_time", .min = 1, .max = 5, .help = "Local time, 09:00."},
                 {.name = "start_date", .min = 10, .max = 10, .help = "2026-03-02"},
                 {.name = "time_zone", .min = 1, .max = 64},
                 {.name = "hours", .type = T::kObject, .nullable = true, .shape = &hours},
                 {.name = "days", .type = T::kList, .max = 7, .element = T::kInt}},
  };
  static const Shape override = {
      .name = "KodoScheduleOverride",
      .fields = {{.name = "participant", .required = true, .min = 1, .max = 320},
                 {.name = "starts_at", .type = T::kTime, .required = true},
                 {.name = "ends_at", .type = T::kTime, .required = true}},
  };
  static const Shape shape = {
      .name = "KodoScheduleInput",
      .fields = {Name(),
                 {.name = "layers",
                  .type = T::kList,
                  .required = true,
                  .min = 1,
                  .max = 20,
                  .shape = &layer},
                 {.name = "overrides", .type = T::kList, .max = 500, .shape = &override}},
  };
  return shape;
}

const Shape& PageBody() {
  static const Shape shape = {
      .name = "KodoOnCallPageInput",
      .fields = {{.name = "message", .required = true, .min = 1, .max = 2'000},
                 {.name = "alert_id", .nullable = true, .max = 64}},
  };
  return shape;
}

const Shape& SubscriberBody() {
  static const Shape shape = {
      .name = "KodoSmsSubscriberInput",
      .fields = {Word("type", {"sms"}),
                 {.name = "phone", .required = true, .min = 1, .max = 16, .help = "E.164"},
                 Flag("verified"),
                 {.name = "preferences", .type = T::kObject, .shape = &PreferencesShape()}},
  };
  return shape;
}

const Shape& SubscriberChangeBody() {
  static const Shape shape = {
      .name = "KodoSubscriberChange",
      .fields = {{.name = "preferences",
                  .type = T::kObject,
                  .required = true,
                  .shape = &PreferencesShape()}},
  };
  return shape;
}

const Shape& SmsReplyBody() {
  static const Shape shape = {
      .name = "KodoSmsReplyInput",
      .fields = {{.name = "from", .required = true, .min = 1, .max = 32},
                 {.name = "body", .required = true, .max = 1'600}},
  };
  return shape;
}

const Shape& MailSubscribeBody() {
  static const Shape shape = {
      .name = "KodoSubscribeInput",
      .fields =
          {{.name = "email", .min = 1, .max = 254},
           {.name = "phone", .min = 1, .max = 16},
           {.name = "code", .min = 1, .max = 16, .help = "The code that the phone was sent."}},
  };
  return shape;
}

}  // namespace pharos::api::kodo
