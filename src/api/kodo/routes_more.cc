#include "api/kodo/routes_more.h"

#include <utility>

#include "api/kodo/beacon.h"
#include "api/kodo/channels.h"
#include "api/kodo/designs.h"
#include "api/kodo/routes_people.h"
#include "api/kodo/shapes_core.h"
#include "api/kodo/shapes_more.h"
#include "api/kodo/status_pages.h"
#include "api/kodo/workflows.h"

namespace pharos::api::kodo {
namespace {

using Rows = std::vector<Endpoint>;

const Field kLimit = {.name = "limit", .type = FieldType::kInt};
const Field kType = {.name = "type",
                     .choices = {"log", "trace", "vital", "page_load", "slow_request"}};

// tidy: table
void AddStatusPages(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/status-pages",
                  .operation = "status_page.list",
                  .scope = "status_pages:read",
                  .summary = "All status pages",
                  .response = &StatusPageListReply(),
                  .act = ListStatusPages});
  rows.push_back({.method = "POST",
                  .pattern = "/status-pages",
                  .operation = "status_page.create",
                  .scope = "status_pages:write",
                  .success_status = 201,
                  .reads_body = true,
                  .summary = "Make a status page",
                  .request = &StatusPageBody(),
                  .response = &StatusPageReply(),
                  .act = CreateStatusPage});
  rows.push_back({.method = "GET",
                  .pattern = "/status-pages/{id}",
                  .operation = "status_page.get",
                  .scope = "status_pages:read",
                  .summary = "One status page",
                  .response = &StatusPageReply(),
                  .act = GetStatusPage});
  rows.push_back({.method = "PATCH",
                  .pattern = "/status-pages/{id}",
                  .operation = "status_page.update",
                  .scope = "status_pages:write",
                  .reads_body = true,
                  .summary = "Change a status page",
                  .request = &StatusPageChangeBody(),
                  .partial_request = true,
                  .response = &StatusPageReply(),
                  .act = UpdateStatusPage});
  rows.push_back({.method = "DELETE",
                  .pattern = "/status-pages/{id}",
                  .operation = "status_page.delete",
                  .scope = "status_pages:write",
                  .summary = "Remove a status page",
                  .response = &SuccessReply(),
                  .act = DeleteStatusPage});
  rows.push_back({.method = "GET",
                  .pattern = "/status-pages/{id}/services",
                  .operation = "status_page.services.list",
                  .scope = "status_pages:read",
                  .summary = "The services of a page in their order",
                  .response = &PageServicesReply(),
                  .act = GetPageServices});
  rows.push_back({.method = "PUT",
                  .pattern = "/status-pages/{id}/services",
                  .operation = "status_page.services.set",
                  .scope = "status_pages:write",
                  .reads_body = true,
                  .summary = "Replace the services of a page",
                  .request = &PageServicesBody(),
                  .response = &SuccessReply(),
                  .act = SetPageServices});
}

// tidy: table
void AddDesigns(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/status-pages/{id}/design",
                  .operation = "design.state",
                  .scope = "status_pages:read",
                  .summary = "Published and draft design of a page",
                  .response = &DesignStateReply(),
                  .act = GetDesignState});
  rows.push_back({.method = "GET",
                  .pattern = "/status-pages/{id}/design/versions",
                  .operation = "design.list",
                  .scope = "status_pages:read",
                  .summary = "Versions of a design, newest first",
                  .query = {kLimit},
                  .response = &DesignListReply(),
                  .act = ListDesigns});
  rows.push_back({.method = "GET",
                  .pattern = "/status-pages/{id}/design/versions/{version_id}",
                  .operation = "design.get",
                  .scope = "status_pages:read",
                  .summary = "One version of a design",
                  .response = &DesignVersionReply(),
                  .act = GetDesign});
  rows.push_back({.method = "PUT",
                  .pattern = "/status-pages/{id}/design/draft",
                  .operation = "design.draft.set",
                  .scope = "status_pages:write",
                  .reads_body = true,
                  .summary = "Make or change the draft",
                  .request = &DesignBody(),
                  .partial_request = true,
                  .response = &DesignDraftReply(),
                  .act = PutDesignDraft});
  rows.push_back({.method = "POST",
                  .pattern = "/status-pages/{id}/design/draft/validate",
                  .operation = "design.draft.validate",
                  .scope = "status_pages:write",
                  .summary = "Check the draft, or the draft with changes",
                  .response = &DesignCheckReply(),
                  .act = ValidateDesignDraft});
  rows.push_back({.method = "POST",
                  .pattern = "/status-pages/{id}/design/publish",
                  .operation = "design.publish",
                  .scope = "status_pages:write",
                  .reads_body = true,
                  .summary = "Publish the draft",
                  .request = &DesignPublishBody(),
                  .response = &DesignPublishReply(),
                  .act = PublishDesign});
}

// tidy: table
void AddChannels(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/notifications/channels",
                  .operation = "channel.list",
                  .scope = "notifications:read",
                  .summary = "All notification channels",
                  .response = &ChannelListReply(),
                  .act = ListChannels});
  rows.push_back({.method = "POST",
                  .pattern = "/notifications/channels",
                  .operation = "channel.create",
                  .scope = "notifications:write",
                  .success_status = 201,
                  .reads_body = true,
                  .summary = "Make a notification channel",
                  .request = &ChannelBody(),
                  .response = &ChannelReply(),
                  .act = CreateChannel});
  rows.push_back({.method = "GET",
                  .pattern = "/notifications/channels/{id}",
                  .operation = "channel.get",
                  .scope = "notifications:read",
                  .summary = "One notification channel",
                  .response = &ChannelReply(),
                  .act = GetChannel});
  rows.push_back({.method = "PATCH",
                  .pattern = "/notifications/channels/{id}",
                  .operation = "channel.update",
                  .scope = "notifications:write",
                  .reads_body = true,
                  .summary = "Change a notification channel",
                  .request = &ChannelChangeBody(),
                  .partial_request = true,
                  .response = &ChannelReply(),
                  .act = UpdateChannel});
  rows.push_back({.method = "DELETE",
                  .pattern = "/notifications/channels/{id}",
                  .operation = "channel.delete",
                  .scope = "notifications:write",
                  .summary = "Remove a notification channel",
                  .response = &SuccessReply(),
                  .act = DeleteChannel});
  rows.push_back({.method = "POST",
                  .pattern = "/notifications/channels/{id}/test",
                  .operation = "channel.test",
                  .scope = "notifications:write",
                  .execution = Execution::kWorkerAsync,
                  .summary = "Send a test message",
                  .response = &TestReply(),
                  .act_async = TestChannel});
  rows.push_back({.method = "GET",
                  .pattern = "/webhooks",
                  .operation = "webhook.list",
                  .scope = "notifications:read",
                  .summary = "All webhooks",
                  .response = &WebhookListReply(),
                  .act = ListWebhooks});
  rows.push_back({.method = "POST",
                  .pattern = "/webhooks",
                  .operation = "webhook.create",
                  .scope = "notifications:write",
                  .success_status = 201,
                  .reads_body = true,
                  .summary = "Make a webhook",
                  .request = &WebhookBody(),
                  .response = &WebhookReply(),
                  .act = CreateWebhook});
  rows.push_back({.method = "GET",
                  .pattern = "/webhooks/{id}",
                  .operation = "webhook.get",
                  .scope = "notifications:read",
                  .summary = "One webhook with its last deliveries",
                  .response = &WebhookDetailReply(),
                  .act = GetWebhook});
  rows.push_back({.method = "PATCH",
                  .pattern = "/webhooks/{id}",
                  .operation = "webhook.update",
                  .scope = "notifications:write",
                  .reads_body = true,
                  .summary = "Change a webhook",
                  .request = &WebhookChangeBody(),
                  .partial_request = true,
                  .response = &WebhookReply(),
                  .act = UpdateWebhook});
  rows.push_back({.method = "DELETE",
                  .pattern = "/webhooks/{id}",
                  .operation = "webhook.delete",
                  .scope = "notifications:write",
                  .summary = "Remove a webhook",
                  .response = &SuccessReply(),
                  .act = DeleteWebhook});
  rows.push_back({.method = "POST",
                  .pattern = "/webhooks/{id}/test",
                  .operation = "webhook.test",
                  .scope = "notifications:write",
                  .execution = Execution::kWorkerAsync,
                  .summary = "Send a test delivery",
                  .response = &TestReply(),
                  .act_async = TestWebhook});
}

// tidy: table
void AddBeacon(Rows& rows) {
  rows.push_back({.method = "POST",
                  .pattern = "/beacon",
                  .operation = "beacon.report.short",
                  .scope = kPublicScope,
                  .reads_body = true,
                  .rate_class = "beacon",
                  .area = "root",
                  .summary = "Report errors, logs, traces and timings",
                  .request = &BeaconBody(),
                  .response = &BeaconReply(),
                  .act = ReportBeacon});
  rows.push_back({.method = "POST",
                  .pattern = "/beacon",
                  .operation = "beacon.report",
                  .scope = kPublicScope,
                  .reads_body = true,
                  .rate_class = "beacon",
                  .summary = "Report errors, logs, traces and timings",
                  .request = &BeaconBody(),
                  .response = &BeaconReply(),
                  .act = ReportBeacon});
  rows.push_back({.method = "GET",
                  .pattern = "/beacon-keys",
                  .operation = "beacon_key.list",
                  .scope = "*:*",
                  .extension = true,
                  .summary = "All beacon keys",
                  .response = &BeaconKeyListReply(),
                  .act = ListBeaconKeys});
  rows.push_back({.method = "POST",
                  .pattern = "/beacon-keys",
                  .operation = "beacon_key.create",
                  .scope = "*:*",
                  .success_status = 201,
                  .reads_body = true,
                  .extension = true,
                  .summary = "Make a beacon key",
                  .request = &NameBody(),
                  .response = &BeaconKeyReply(),
                  .act = CreateBeaconKey});
  rows.push_back({.method = "DELETE",
                  .pattern = "/beacon-keys/{id}",
                  .operation = "beacon_key.revoke",
                  .scope = "*:*",
                  .extension = true,
                  .summary = "Revoke a beacon key",
                  .response = &SuccessReply(),
                  .act = RevokeBeaconKey});
  rows.push_back({.method = "GET",
                  .pattern = "/beacon/errors",
                  .operation = "beacon.errors",
                  .scope = "monitors:read",
                  .extension = true,
                  .summary = "Groups of errors, newest first",
                  .query = {kLimit},
                  .response = &BeaconGroupListReply(),
                  .act = ListBeaconErrors});
  rows.push_back({.method = "GET",
                  .pattern = "/beacon/events",
                  .operation = "beacon.events",
                  .scope = "monitors:read",
                  .extension = true,
                  .summary = "Logs, traces and timings, newest first",
                  .query = {kLimit, kType},
                  .response = &BeaconEventListReply(),
                  .act = ListBeaconEvents});
  rows.push_back({.method = "POST",
                  .pattern = "/metrics/ingest",
                  .operation = "metrics.ingest.short",
                  .scope = kPublicScope,
                  .reads_body = true,
                  .area = "root",
                  .summary = "Push figures of a service",
                  .request = &MetricsBody(),
                  .response = &MetricsReply(),
                  .act = IngestMetrics});
  rows.push_back({.method = "POST",
                  .pattern = "/metrics/ingest",
                  .operation = "metrics.ingest",
                  .scope = kPublicScope,
                  .reads_body = true,
                  .summary = "Push figures of a service",
                  .request = &MetricsBody(),
                  .response = &MetricsReply(),
                  .act = IngestMetrics});
  rows.push_back({.method = "GET",
                  .pattern = "/services/{id}/metrics",
                  .operation = "service.metrics.get",
                  .scope = "services:read",
                  .extension = true,
                  .summary = "Last figures and thresholds of a service",
                  .response = &MetricsViewReply(),
                  .act = GetServiceMetrics});
  rows.push_back({.method = "PATCH",
                  .pattern = "/services/{id}/metrics",
                  .operation = "service.metrics.update",
                  .scope = "services:write",
                  .reads_body = true,
                  .extension = true,
                  .summary = "Change the thresholds of a service",
                  .request = &MetricsSettingsBody(),
                  .partial_request = true,
                  .response = &MetricsViewReply(),
                  .act = SetServiceMetrics});
}

// tidy: table
void AddWorkflows(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/workflows",
                  .operation = "workflow.list",
                  .scope = "workflows:write",
                  .summary = "All workflows",
                  .response = &WorkflowListReply(),
                  .act = ListWorkflows});
  rows.push_back({.method = "POST",
                  .pattern = "/workflows",
                  .operation = "workflow.create",
                  .scope = "workflows:write",
                  .success_status = 201,
                  .reads_body = true,
                  .extension = true,
                  .summary = "Make a workflow",
                  .request = &WorkflowBody(),
                  .response = &WorkflowReply(),
                  .act = CreateWorkflow});
  rows.push_back({.method = "GET",
                  .pattern = "/workflows/{id}",
                  .operation = "workflow.get",
                  .scope = "workflows:write",
                  .extension = true,
                  .summary = "One workflow",
                  .response = &WorkflowReply(),
                  .act = GetWorkflow});
  rows.push_back({.method = "PATCH",
                  .pattern = "/workflows/{id}",
                  .operation = "workflow.update",
                  .scope = "workflows:write",
                  .reads_body = true,
                  .extension = true,
                  .summary = "Change a workflow",
                  .request = &WorkflowBody(),
                  .partial_request = true,
                  .response = &WorkflowReply(),
                  .act = UpdateWorkflow});
  rows.push_back({.method = "DELETE",
                  .pattern = "/workflows/{id}",
                  .operation = "workflow.delete",
                  .scope = "workflows:write",
                  .extension = true,
                  .summary = "Remove a workflow",
                  .response = &SuccessReply(),
                  .act = DeleteWorkflow});
  rows.push_back({.method = "POST",
                  .pattern = "/workflows/{id}/trigger",
                  .operation = "workflow.trigger",
                  .scope = "workflows:write",
                  .success_status = 202,
                  .summary = "Run a workflow now",
                  .response = &TriggerReply(),
                  .act = TriggerWorkflow});
  rows.push_back({.method = "GET",
                  .pattern = "/workflows/{id}/runs",
                  .operation = "workflow.runs",
                  .scope = "workflows:write",
                  .extension = true,
                  .summary = "Runs of a workflow, newest first",
                  .query = {kLimit},
                  .response = &RunListReply(),
                  .act = ListWorkflowRuns});
}

}  // namespace

std::vector<Endpoint> MoreEndpoints() {
  Rows rows;
  AddStatusPages(rows);
  AddDesigns(rows);
  AddChannels(rows);
  AddBeacon(rows);
  AddWorkflows(rows);
  AddPeopleEndpoints(rows);
  return rows;
}

}  // namespace pharos::api::kodo
