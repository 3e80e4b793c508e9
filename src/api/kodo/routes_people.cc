#include "api/kodo/routes_people.h"

#include <utility>

#include "api/kodo/alerts.h"
#include "api/kodo/on_call.h"
#include "api/kodo/public.h"
#include "api/kodo/shapes_core.h"
#include "api/kodo/shapes_more.h"
#include "api/kodo/sms.h"

namespace pharos::api::kodo {
namespace {

using Rows = std::vector<Endpoint>;

const Field kLimit = {.name = "limit", .type = FieldType::kInt};
const Field kOffset = {.name = "offset", .type = FieldType::kInt};
const Field kState = {.name = "state", .choices = {"fired", "acknowledged", "resolved"}};
const Field kSubscriberType = {.name = "type", .choices = {"sms", "email"}};
const Field kSubscriber = {.name = "subscriber", .required = true};
const Field kSecret = {.name = "secret", .required = true};
const Field kAction = {.name = "action", .choices = {"confirm", "end"}};

// tidy: table
void AddAlerts(Rows& rows) {
  rows.push_back({.method = "POST",
                  .pattern = "/alerts/webhook",
                  .operation = "alert.take",
                  .scope = kPublicScope,
                  .success_status = 201,
                  .reads_body = true,
                  .area = "root",
                  .summary = "Report an alert with the key of a source",
                  .request = &AlertBody(),
                  .response = &AlertTakenReply(),
                  .act = TakeAlert});
  rows.push_back({.method = "GET",
                  .pattern = "/alert-sources",
                  .operation = "alert_source.list",
                  .scope = "*:*",
                  .extension = true,
                  .summary = "All alert sources",
                  .response = &AlertSourceListReply(),
                  .act = ListAlertSources});
  rows.push_back({.method = "POST",
                  .pattern = "/alert-sources",
                  .operation = "alert_source.create",
                  .scope = "*:*",
                  .success_status = 201,
                  .reads_body = true,
                  .extension = true,
                  .summary = "Make an alert source",
                  .request = &NameBody(),
                  .response = &AlertSourceReply(),
                  .act = CreateAlertSource});
  rows.push_back({.method = "DELETE",
                  .pattern = "/alert-sources/{id}",
                  .operation = "alert_source.delete",
                  .scope = "*:*",
                  .extension = true,
                  .summary = "Remove an alert source",
                  .response = &SuccessReply(),
                  .act = DeleteAlertSource});
  rows.push_back({.method = "GET",
                  .pattern = "/alerts",
                  .operation = "alert.list",
                  .scope = "monitors:read",
                  .extension = true,
                  .summary = "Alerts, newest first",
                  .query = {kLimit, kOffset, kState},
                  .response = &AlertListReply(),
                  .act = ListAlerts});
  rows.push_back({.method = "GET",
                  .pattern = "/alerts/{id}",
                  .operation = "alert.get",
                  .scope = "monitors:read",
                  .extension = true,
                  .summary = "One alert",
                  .response = &AlertReply(),
                  .act = GetAlert});
  rows.push_back({.method = "POST",
                  .pattern = "/alerts/{id}/acknowledge",
                  .operation = "alert.acknowledge",
                  .scope = "monitors:write",
                  .extension = true,
                  .summary = "Say that somebody looks after it",
                  .response = &AlertReply(),
                  .act = AcknowledgeAlert});
  rows.push_back({.method = "POST",
                  .pattern = "/alerts/{id}/resolve",
                  .operation = "alert.resolve",
                  .scope = "monitors:write",
                  .extension = true,
                  .summary = "Close an alert",
                  .response = &AlertReply(),
                  .act = ResolveAlertCall});
}

// tidy: table
void AddOnCall(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/oncall/policies",
                  .operation = "on_call.policy.list",
                  .scope = "*:*",
                  .area = "root",
                  .extension = true,
                  .summary = "All escalation policies",
                  .response = &PolicyListReply(),
                  .act = ListPolicies});
  rows.push_back({.method = "POST",
                  .pattern = "/oncall/policies",
                  .operation = "on_call.policy.create",
                  .scope = "*:*",
                  .success_status = 201,
                  .reads_body = true,
                  .area = "root",
                  .summary = "Make an escalation policy",
                  .request = &PolicyBody(),
                  .response = &PolicyReply(),
                  .act = CreatePolicy});
  rows.push_back({.method = "GET",
                  .pattern = "/oncall/policies/{id}",
                  .operation = "on_call.policy.get",
                  .scope = "*:*",
                  .area = "root",
                  .extension = true,
                  .summary = "One escalation policy",
                  .response = &PolicyReply(),
                  .act = GetPolicy});
  rows.push_back({.method = "PUT",
                  .pattern = "/oncall/policies/{id}",
                  .operation = "on_call.policy.replace",
                  .scope = "*:*",
                  .reads_body = true,
                  .area = "root",
                  .extension = true,
                  .summary = "Replace an escalation policy",
                  .request = &PolicyBody(),
                  .response = &PolicyReply(),
                  .act = ReplacePolicy});
  rows.push_back({.method = "DELETE",
                  .pattern = "/oncall/policies/{id}",
                  .operation = "on_call.policy.delete",
                  .scope = "*:*",
                  .area = "root",
                  .extension = true,
                  .summary = "Remove an escalation policy",
                  .response = &SuccessReply(),
                  .act = DeletePolicy});
  rows.push_back({.method = "POST",
                  .pattern = "/oncall/policies/{id}/page",
                  .operation = "on_call.page",
                  .scope = "*:*",
                  .success_status = 202,
                  .reads_body = true,
                  .area = "root",
                  .extension = true,
                  .summary = "Page whoever is on call",
                  .request = &PageBody(),
                  .response = &PageReply(),
                  .act = PageByPolicy});
  rows.push_back({.method = "GET",
                  .pattern = "/oncall/schedules",
                  .operation = "on_call.schedule.list",
                  .scope = "*:*",
                  .area = "root",
                  .extension = true,
                  .summary = "All duty schedules",
                  .response = &ScheduleListReply(),
                  .act = ListSchedules});
  rows.push_back({.method = "POST",
                  .pattern = "/oncall/schedules",
                  .operation = "on_call.schedule.create",
                  .scope = "*:*",
                  .success_status = 201,
                  .reads_body = true,
                  .area = "root",
                  .extension = true,
                  .summary = "Make a duty schedule",
                  .request = &ScheduleBody(),
                  .response = &ScheduleReply(),
                  .act = CreateSchedule});
  rows.push_back({.method = "GET",
                  .pattern = "/oncall/schedules/{id}",
                  .operation = "on_call.schedule.get",
                  .scope = "*:*",
                  .area = "root",
                  .extension = true,
                  .summary = "One duty schedule",
                  .response = &ScheduleReply(),
                  .act = GetSchedule});
  rows.push_back({.method = "PUT",
                  .pattern = "/oncall/schedules/{id}",
                  .operation = "on_call.schedule.replace",
                  .scope = "*:*",
                  .reads_body = true,
                  .area = "root",
                  .extension = true,
                  .summary = "Replace a duty schedule",
                  .request = &ScheduleBody(),
                  .response = &ScheduleReply(),
                  .act = ReplaceSchedule});
  rows.push_back({.method = "DELETE",
                  .pattern = "/oncall/schedules/{id}",
                  .operation = "on_call.schedule.delete",
                  .scope = "*:*",
                  .area = "root",
                  .extension = true,
                  .summary = "Remove a duty schedule",
                  .response = &SuccessReply(),
                  .act = DeleteSchedule});
  rows.push_back({.method = "GET",
                  .pattern = "/oncall/schedules/{id}/on-call",
                  .operation = "on_call.now",
                  .scope = "*:*",
                  .area = "root",
                  .extension = true,
                  .summary = "Who is on call now",
                  .response = &OnCallReply(),
                  .act = WhoIsOnCall});
}

// tidy: table
void AddSms(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/sms/subscribers",
                  .operation = "subscriber.list",
                  .scope = "notifications:read",
                  .area = "root",
                  .extension = true,
                  .summary = "Subscribers by SMS or e-mail",
                  .query = {kLimit, kOffset, kSubscriberType},
                  .response = &SubscriberListReply(),
                  .act = ListSubscribers});
  rows.push_back({.method = "POST",
                  .pattern = "/sms/subscribers",
                  .operation = "subscriber.create",
                  .scope = "notifications:write",
                  .success_status = 201,
                  .reads_body = true,
                  .area = "root",
                  .summary = "Subscribe a phone number",
                  .request = &SubscriberBody(),
                  .response = &SubscriberReply(),
                  .act = CreateSubscriber});
  rows.push_back({.method = "GET",
                  .pattern = "/sms/subscribers/{id}",
                  .operation = "subscriber.get",
                  .scope = "notifications:read",
                  .area = "root",
                  .extension = true,
                  .summary = "One subscriber",
                  .response = &SubscriberReply(),
                  .act = GetSubscriber});
  rows.push_back({.method = "PATCH",
                  .pattern = "/sms/subscribers/{id}",
                  .operation = "subscriber.update",
                  .scope = "notifications:write",
                  .reads_body = true,
                  .area = "root",
                  .extension = true,
                  .summary = "Change what a subscriber hears of",
                  .request = &SubscriberChangeBody(),
                  .partial_request = true,
                  .response = &SubscriberReply(),
                  .act = UpdateSubscriber});
  rows.push_back({.method = "DELETE",
                  .pattern = "/sms/subscribers/{id}",
                  .operation = "subscriber.delete",
                  .scope = "notifications:write",
                  .area = "root",
                  .extension = true,
                  .summary = "Remove a subscriber",
                  .response = &SuccessReply(),
                  .act = DeleteSubscriber});
  rows.push_back({.method = "POST",
                  .pattern = "/sms/inbound",
                  .operation = "subscriber.reply",
                  .scope = "notifications:write",
                  .reads_body = true,
                  .area = "root",
                  .extension = true,
                  .summary = "Hand on a text that came from a phone",
                  .request = &SmsReplyBody(),
                  .response = &SmsReplyReply(),
                  .act = TakeSmsReply});
}

// tidy: table
void AddPublic(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/public/status/{slug}",
                  .operation = "public.status",
                  .scope = kPublicScope,
                  .area = "root",
                  .summary = "What a public page shows, for the widget",
                  .response = &PublicStatusReply(),
                  .act = GetPublicStatus});
  rows.push_back({.method = "POST",
                  .pattern = "/public/status/{slug}/subscribe",
                  .operation = "public.subscribe",
                  .scope = kPublicScope,
                  .success_status = 202,
                  .reads_body = true,
                  .area = "root",
                  .summary = "Ask for messages by e-mail or SMS",
                  .request = &MailSubscribeBody(),
                  .response = &SuccessReply(),
                  .act = SubscribeToPage});
  rows.push_back({.method = "GET",
                  .pattern = "/public/status/{slug}/subscription",
                  .operation = "public.subscription",
                  .scope = kPublicScope,
                  .area = "root",
                  .extension = true,
                  .summary = "Confirm or end a subscription by the link of a mail",
                  .query = {kSubscriber, kSecret, kAction},
                  .free_response = true,
                  .act = FollowSubscriptionLink});
  rows.push_back({.method = "GET",
                  .pattern = "",
                  .operation = "public.widget",
                  .scope = kPublicScope,
                  .area = "widget",
                  .summary = "The script for other sites",
                  .free_response = true,
                  .act = GetWidget});
}

}  // namespace

void AddPeopleEndpoints(std::vector<Endpoint>& rows) {
  AddAlerts(rows);
  AddOnCall(rows);
  AddSms(rows);
  AddPublic(rows);
}

}  // namespace pharos::api::kodo
