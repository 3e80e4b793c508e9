#include <utility>

#include "api/kodo/channel_config.h"
#include "api/kodo/shapes_more.h"
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
Field Number(std::string_view name) { return {.name = name, .type = T::kNumber, .required = true}; }
Field Flag(std::string_view name) { return {.name = name, .type = T::kBool, .required = true}; }
Field Any(std::string_view name) {
  return {.name = name, .type = T::kAny, .required = true, .nullable = true};
}
Field Free(std::string_view name) { return {.name = name, .type = T::kObject, .required = true}; }
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
Field MaybePart(std::string_view name, const Shape& shape) {
  return {.name = name, .type = T::kObject, .required = true, .nullable = true, .shape = &shape};
}
Field Word(std::string_view name, std::vector<std::string_view> choices) {
  return {.name = name, .required = true, .choices = std::move(choices)};
}

Shape MakeStatusPage() {
  Shape shape = {
      .name = "KodoStatusPage",
      .fields = {Text("id"), Text("organization_id"), Text("name"), Text("slug"),
                 MaybeText("custom_domain"), MaybeText("logo_url"),
                 Word("status_page_visibility", {"public", "private", "internal"}),
                 MaybeText("status_page_password_hint")},
  };
  for (const std::string_view name :
       {"favicon_url", "tagline", "custom_css", "custom_header_html", "custom_footer_html",
        "announcement_text", "custom_template"}) {
    shape.fields.push_back(MaybeText(name));
  }
  for (const std::string_view name :
       {"primary_color", "secondary_color", "theme_mode", "status_page_theme", "announcement_type",
        "status_page_language", "font_family", "header_style", "border_radius"}) {
    shape.fields.push_back(Text(name));
  }
  for (const std::string_view name :
       {"hide_branding", "announcement_enabled", "show_subscribe_form", "show_incident_history",
        "show_uptime_graph", "is_default"}) {
    shape.fields.push_back(Flag(name));
  }
  shape.fields.push_back(Time("created_at"));
  shape.fields.push_back(Time("updated_at"));
  return shape;
}

const Shape& VersionShape() {
  static const Shape shape = {
      .name = "KodoDesignVersion",
      .fields = {MaybeText("id"), Text("status_page_id"), Int("version_number"),
                 Word("state", {"draft", "published", "archived"}), MaybeText("base_version_id"),
                 Any("theme_tokens"), Any("layout"), MaybeText("template"),
                 Word("template_mode", {"default", "custom"}), MaybeText("summary"),
                 MaybeText("created_by"), MaybeTime("created_at"), MaybeTime("published_at")},
  };
  return shape;
}

const Shape& ProblemShape() {
  static const Shape shape = {
      .name = "KodoDesignProblem",
      .fields = {Text("code"), Text("path"), Text("message"),
                 Word("severity", {"error", "warning"})},
  };
  return shape;
}

const Shape& WebhookShape() {
  static const Shape shape = {
      .name = "KodoWebhook",
      .fields = {Text("id"), Text("name"), Text("url"), Texts("events"), Flag("is_active"),
                 Flag("enabled"), Free("headers"), Text("secret"), Time("created_at"),
                 Time("updated_at")},
  };
  return shape;
}

}  // namespace

const Shape& StatusPageReply() {
  static const Shape page = MakeStatusPage();
  static const Shape shape = {.name = "KodoStatusPageReply", .fields = {Part("page", page)}};
  return shape;
}

const Shape& StatusPageListReply() {
  static const Shape item = {
      .name = "KodoStatusPageItem",
      .fields = {Text("id"), Text("name"), Text("slug"), MaybeText("custom_domain"),
                 MaybeText("logo_url"), Text("primary_color"), Text("status_page_visibility"),
                 Flag("is_default"), Int("service_count"), Time("created_at"), Time("updated_at")},
  };
  static const Shape shape = {.name = "KodoStatusPageList", .fields = {ListOf("pages", item)}};
  return shape;
}

const Shape& PageServicesReply() {
  static const Shape nested = {
      .name = "KodoPageService",
      .fields = {Text("id"), Text("name"), Word("status", kServiceWords)},
  };
  static const Shape item = {
      .name = "KodoPageServiceAssignment",
      .fields = {Text("id"), Text("service_id"), Int("display_order"), Part("services", nested)},
  };
  static const Shape shape = {.name = "KodoPageServices", .fields = {ListOf("services", item)}};
  return shape;
}

const Shape& DesignStateReply() {
  static const Shape shape = {
      .name = "KodoDesignState",
      .fields = {Text("status_page_id"), MaybeText("current_version_id"),
                 MaybeText("draft_version_id"), MaybePart("current_version", VersionShape()),
                 MaybePart("draft_version", VersionShape()),
                 Part("effective_design", VersionShape())},
  };
  return shape;
}

const Shape& DesignListReply() {
  static const Shape shape = {
      .name = "KodoDesignList",
      .fields = {ListOf("versions", VersionShape()), MaybeText("current_version_id"),
                 MaybeText("draft_version_id")},
  };
  return shape;
}

const Shape& DesignVersionReply() {
  static const Shape shape = {
      .name = "KodoDesignVersionReply",
      .fields = {Part("version", VersionShape()), Flag("is_current"), Flag("is_draft")},
  };
  return shape;
}

const Shape& DesignDraftReply() {
  static const Shape shape = {
      .name = "KodoDesignDraft",
      .fields = {Part("draft_version", VersionShape()), ListOf("warnings", ProblemShape())},
  };
  return shape;
}

const Shape& DesignCheckReply() {
  static const Shape shape = {
      .name = "KodoDesignCheck",
      .fields = {Flag("valid"), ListOf("errors", ProblemShape()),
                 ListOf("warnings", ProblemShape())},
  };
  return shape;
}

const Shape& DesignPublishReply() {
  static const Shape shape = {
      .name = "KodoDesignPublished",
      .fields = {Flag("success"), Text("status_page_id"), Text("published_version_id"),
                 Text("current_version_id"), ListOf("warnings", ProblemShape())},
  };
  return shape;
}

const Shape& ChannelReply() {
  static const Shape shape = {
      .name = "KodoChannel",
      .fields = {Text("id"), Optional(Text("organization_id")), Word("type", kChannelTypes),
                 Text("name"), Flag("enabled"), Free("config"), Flag("notify_on_incident"),
                 Flag("notify_on_maintenance"), Time("created_at"), Time("updated_at")},
  };
  return shape;
}

const Shape& ChannelListReply() {
  static const Shape shape = {.name = "KodoChannelList",
                              .fields = {ListOf("channels", ChannelReply())}};
  return shape;
}

const Shape& TestReply() {
  static const Shape shape = {.name = "KodoTestResult",
                              .fields = {Flag("success"), Optional(Text("error"))}};
  return shape;
}

const Shape& WebhookReply() {
  static const Shape shape = {.name = "KodoWebhookReply",
                              .fields = {Part("webhook", WebhookShape())}};
  return shape;
}

const Shape& WebhookListReply() {
  static const Shape shape = {.name = "KodoWebhookList",
                              .fields = {ListOf("webhooks", WebhookShape())}};
  return shape;
}

const Shape& WebhookDetailReply() {
  static const Shape delivery = {
      .name = "KodoWebhookDelivery",
      .fields = {Text("id"), Text("event_type"), Any("payload"), MaybeInt("status_code"),
                 MaybeText("error_message"), Time("created_at")},
  };
  static const Shape shape = {
      .name = "KodoWebhookDetail",
      .fields = {Part("webhook", WebhookShape()), ListOf("deliveries", delivery)},
  };
  return shape;
}

const Shape& BeaconReply() {
  static const Shape shape = {
      .name = "KodoBeaconResult",
      .fields = {Flag("success"), Int("received"), Int("signatures_updated"), Int("logs_stored"),
                 Int("traces_stored"), Int("spans_stored")},
  };
  return shape;
}

const Shape& BeaconKeyReply() {
  static const Shape shape = {
      .name = "KodoBeaconKey",
      .fields = {Text("id"), Text("name"), Optional(Text("key")), Text("key_prefix"),
                 Flag("enabled"), MaybeTime("revoked_at"), Time("created_at")},
  };
  return shape;
}

const Shape& BeaconKeyListReply() {
  static const Shape shape = {.name = "KodoBeaconKeyList",
                              .fields = {ListOf("beacon_keys", BeaconKeyReply())}};
  return shape;
}

const Shape& BeaconGroupListReply() {
  static const Shape group = {
      .name = "KodoErrorGroup",
      .fields = {Text("id"), MaybeText("service"), MaybeText("environment"), MaybeText("type"),
                 Text("message"), MaybeText("top_frame"), Number("count"), Time("first_seen"),
                 Time("last_seen")},
  };
  static const Shape shape = {.name = "KodoErrorGroupList", .fields = {ListOf("errors", group)}};
  return shape;
}

const Shape& BeaconEventListReply() {
  static const Shape event = {
      .name = "KodoBeaconEvent",
      .fields = {Text("id"), MaybeText("service"), Time("recorded_at"), Any("event")},
  };
  static const Shape shape = {.name = "KodoBeaconEventList", .fields = {ListOf("events", event)}};
  return shape;
}

const Shape& MetricsReply() {
  static const Shape change = {
      .name = "KodoStatusChange",
      .fields = {Word("previous", kServiceWords), Word("current", kServiceWords), Text("reason")},
  };
  static const Shape incident = {.name = "KodoIncidentName", .fields = {Text("id"), Text("title")}};
  static const Shape alert = {
      .name = "KodoMetricAlert",
      .fields = {Text("metric"), Number("value"), Number("threshold"),
                 Word("severity", kServiceWords)},
  };
  static const Shape shape = {
      .name = "KodoMetricsResult",
      .fields = {Flag("success"), Free("metrics_received"), MaybePart("status_change", change),
                 MaybePart("incident_created", incident), Time("received_at"),
                 Word("health_status", kServiceWords), ListOf("alerts", alert)},
  };
  return shape;
}

const Shape& MetricsViewReply() {
  static const Shape point = {
      .name = "KodoMetricsPoint",
      .fields = {Time("timestamp"), Free("metrics"), Word("health_status", kServiceWords)},
  };
  static const Shape shape = {
      .name = "KodoMetricsView",
      .fields = {Free("thresholds"), Flag("create_incidents"), ListOf("points", point)},
  };
  return shape;
}

const Shape& WorkflowReply() {
  static const Shape shape = {
      .name = "KodoWorkflow",
      .fields = {Text("id"), Text("name"), MaybeText("description"), Flag("enabled"),
                 Text("trigger"), MaybeInt("interval_seconds"), Any("conditions"), Any("actions"),
                 Time("created_at"), Time("updated_at")},
  };
  return shape;
}

const Shape& WorkflowListReply() {
  static const Shape shape = {.name = "KodoWorkflowList",
                              .fields = {ListOf("workflows", WorkflowReply())}};
  return shape;
}

const Shape& TriggerReply() {
  static const Shape shape = {.name = "KodoTriggered", .fields = {Flag("success"), Text("run_id")}};
  return shape;
}

const Shape& RunListReply() {
  static const Shape action = {
      .name = "KodoRunAction",
      .fields = {Text("type"), Flag("success"), MaybeText("error"), Time("finished_at")},
  };
  static const Shape run = {
      .name = "KodoWorkflowRun",
      .fields = {Text("id"), Text("workflow_id"), Text("trigger"),
                 Word("status", {"queued", "succeeded", "failed"}), Any("data"),
                 ListOf("actions", action), Time("created_at"), MaybeTime("finished_at")},
  };
  static const Shape shape = {.name = "KodoWorkflowRunList", .fields = {ListOf("runs", run)}};
  return shape;
}

const Shape& AlertTakenReply() {
  static const Shape shape = {.name = "KodoAlertTaken",
                              .fields = {Flag("success"), MaybeText("alert_id")}};
  return shape;
}

const Shape& AlertReply() {
  static const Shape shape = {
      .name = "KodoAlert",
      .fields = {Text("id"), Text("title"), MaybeText("description"),
                 Word("severity", {"critical", "high", "warning", "info"}),
                 Word("state", {"fired", "acknowledged", "resolved"}), Text("source"),
                 MaybeText("service"), MaybeText("dedup_key"), Free("labels"), Int("count"),
                 Time("fired_at"), Time("updated_at"), MaybeTime("acknowledged_at"),
                 MaybeText("acknowledged_by"), MaybeTime("resolved_at")},
  };
  return shape;
}

const Shape& AlertListReply() {
  static const Shape shape = {.name = "KodoAlertList", .fields = {ListOf("alerts", AlertReply())}};
  return shape;
}

const Shape& AlertSourceReply() {
  static const Shape shape = {
      .name = "KodoAlertSource",
      .fields = {Text("id"), Text("name"), Optional(Text("key")), Text("key_prefix"),
                 Time("created_at")},
  };
  return shape;
}

const Shape& AlertSourceListReply() {
  static const Shape shape = {.name = "KodoAlertSourceList",
                              .fields = {ListOf("alert_sources", AlertSourceReply())}};
  return shape;
}

const Shape& PolicyReply() {
  static const Shape target = {
      .name = "KodoPolicyTarget",
      .fields = {Word("type", {"channel", "schedule", "user"}), Text("id")}};
  static const Shape step = {.name = "KodoPolicyStep",
                             .fields = {Int("delay_minutes"), ListOf("targets", target)}};
  static const Shape shape = {
      .name = "KodoPolicy",
      .fields = {Text("id"), Text("name"), ListOf("steps", step), Int("repeat"), Time("created_at"),
                 Time("updated_at")},
  };
  return shape;
}

const Shape& PolicyListReply() {
  static const Shape shape = {.name = "KodoPolicyList",
                              .fields = {ListOf("policies", PolicyReply())}};
  return shape;
}

const Shape& ScheduleReply() {
  static const Shape layer = {
      .name = "KodoScheduleLayer",
      .fields = {Texts("participants"), Word("rotation", {"daily", "weekly", "custom"}),
                 Int("shift_hours"), Text("handoff_time"), Text("start_date"), Text("time_zone"),
                 Any("hours"), Any("days")},
  };
  static const Shape override = {
      .name = "KodoScheduleStandIn",
      .fields = {Text("participant"), Time("starts_at"), Time("ends_at")},
  };
  static const Shape shape = {
      .name = "KodoSchedule",
      .fields = {Text("id"), Text("name"), ListOf("layers", layer), ListOf("overrides", override),
                 Time("created_at"), Time("updated_at")},
  };
  return shape;
}

const Shape& ScheduleListReply() {
  static const Shape shape = {.name = "KodoScheduleList",
                              .fields = {ListOf("schedules", ScheduleReply())}};
  return shape;
}

const Shape& OnCallReply() {
  static const Shape shape = {
      .name = "KodoOnCall",
      .fields = {Text("schedule_id"), MaybeText("participant"), Time("at")},
  };
  return shape;
}

const Shape& PageReply() {
  static const Shape shape = {.name = "KodoPaged", .fields = {Flag("success"), Text("page_id")}};
  return shape;
}

const Shape& SubscriberReply() {
  static const Shape shape = {
      .name = "KodoSubscriber",
      .fields = {Text("id"), Word("type", {"sms", "email"}), Optional(Text("phone")),
                 Optional(Text("email")), Flag("verified"), Free("preferences"), Time("created_at"),
                 Time("updated_at")},
  };
  return shape;
}

const Shape& SubscriberListReply() {
  static const Shape shape = {.name = "KodoSubscriberList",
                              .fields = {ListOf("subscribers", SubscriberReply())}};
  return shape;
}

const Shape& SmsReplyReply() {
  static const Shape shape = {.name = "KodoSmsReply",
                              .fields = {Flag("success"), Flag("unsubscribed")}};
  return shape;
}

const Shape& PublicStatusReply() {
  static const Shape page = {
      .name = "KodoPublicPage",
      .fields = {Text("name"), Text("slug"), Text("url"), Text("primary_color")},
  };
  static const Shape service = {
      .name = "KodoPublicService",
      .fields = {Text("id"), Text("name"), Word("status", kServiceWords)},
  };
  static const Shape incident = {
      .name = "KodoPublicIncident",
      .fields = {Text("id"), Text("title"), Word("status", kIncidentStates), Text("severity"),
                 Time("started_at"), MaybeText("message")},
  };
  static const Shape maintenance = {
      .name = "KodoPublicMaintenance",
      .fields = {Text("id"), Text("title"), Word("status", kMaintenanceStates),
                 Time("scheduled_start"), Time("scheduled_end")},
  };
  static const Shape shape = {
      .name = "KodoPublicStatus",
      .fields = {Part("page", page), Word("status", kServiceWords), Text("description"),
                 ListOf("services", service), ListOf("incidents", incident),
                 ListOf("maintenance", maintenance)},
  };
  return shape;
}

}  // namespace pharos::api::kodo
